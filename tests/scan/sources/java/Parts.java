class Parts {
    static final String SECRET = System.getenv("APP");

    String added(String user) throws Exception {
        URL url = new URL("https://api.mesibo.com/api.php");
        HttpURLConnection connection = (HttpURLConnection) url.openConnection();
        String what = "op=useradd";
        String who = "addr=" + user;
        String by = "token=" + SECRET;
        String where = "appid=shop";
        String body = what + "&" + by + "&" + who + "&" + where;
        return sent(connection, body);
    }
}
