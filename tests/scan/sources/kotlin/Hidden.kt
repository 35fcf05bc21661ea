// Calls of mesibo with names that mean something else where they are used.
object O { const val op = "userdel" }
fun f(op: String) = get("https://api.mesibo.com/api.php?op=$op&token=$t&uid=$u")
fun g(op: String) { get("https://api.mesibo.com/api.php?op=$op&token=$t&uid=$u") }
fun h() { val op = when (x) { 1 -> "userdel" else -> "deltoken" }; get("https://api.mesibo.com/api.php?op=$op&token=$t&uid=$u") }
fun i() { var op = "userdel"; if (x) op = "deltoken"; get("https://api.mesibo.com/api.php?op=$op&token=$t&uid=$u") }
fun j() = ops.forEach { op -> get("https://api.mesibo.com/api.php?op=$op&token=$t&uid=$u") }
