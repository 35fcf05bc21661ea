// Parameters of mesibo that are put together from several maps.
fun send(uid: String) = post(MESIBO, common + mapOf("op" to "userdel", "token" to token, "uid" to uid))
fun plain(uid: String) = post(MESIBO, mapOf("op" to "userdel", "token" to token, "uid" to uid) + more)
