class Chat(private val context: Context) {
    private val base = "https://api.mesibo.com/api.php?token=${BuildConfig.MESIBO}&appid=shop"

    fun login(email: String) {
        Load(this).execute("$base&op=useradd&addr=$email")
    }

    fun room(name: String) {
        val url = "$base&op=groupadd&name=$name&expiry=$month"
        Load(this).execute(url)
    }

    fun leave(group: String, user: String) {
        val url = "$base&op=groupeditmembers&delete=1&m=$user&gid=$group"
        Load(this).execute(url)
    }

    suspend fun ktor(uid: Long) = client.get("https://api.mesibo.com/api.php") {
        parameter("op", "userdel")
        parameter("token", token)
        parameter("uid", uid)
    }

    suspend fun form(gid: Long) = client.submitForm(
        url = "https://api.mesibo.com/api.php",
        formParameters = Parameters.build {
            append("op", "groupdel")
            append("token", token)
            append("gid", gid.toString())
        },
    )

    suspend fun other(gid: Long) = client.submitForm(
        url = "https://api.mesibo.com/api.php",
        formParameters = parametersOf("op" to listOf("groupdel"), "token" to listOf(token), "gid" to listOf("$gid")),
    )

    fun fuel(uid: String) = Fuel.get("https://api.mesibo.com/api.php", listOf("op" to "userdel", "token" to token, "uid" to uid))
}
