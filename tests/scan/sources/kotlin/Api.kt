package com.example

class Api(private val token: String) {
    private val baseUrl = "https://api.mesibo.com/api.php?token=$token&appid=com.example.app"

    fun login(email: String) = get("$baseUrl&op=useradd&addr=$email")

    fun remove(group: String, user: String) {
        val url = "$baseUrl&op=groupeditmembers&delete=1&m=$user&gid=$group"
        get(url)
    }
}
