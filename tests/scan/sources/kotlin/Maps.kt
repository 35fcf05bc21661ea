// Parameters of a call to mesibo, sent by Fuel.
fun forget(token: String, uid: Long) =
    Fuel.get("https://api.mesibo.com/api.php", listOf("op" to "userdel", "token" to token, "uid" to uid))

fun tell(token: String, text: String) {
    val params = hashMapOf("op" to "message", "token" to token, "from" to "desk", "gid" to "7", "msg" to text)
    send(params)
}
