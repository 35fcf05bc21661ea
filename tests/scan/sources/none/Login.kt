package messenger

object Login {
    private const val url = "https://app.mesibo.com/api.php"

    fun begin(phone: String) {
        val bundle = Bundle()
        bundle.putString("op", "login")
        bundle.putString("phone", phone)
        Mesibo.post(url, bundle)
        val map = HashMap<String, String>()
        map.put("op", "login")
        map.put("phone", phone)
        send(url, map)
    }
}
