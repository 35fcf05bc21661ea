import okhttp3.HttpUrl;

class Operations {
    static final String ENDPOINT = "https://api.mesibo.com/api.php";
    private static final String REMOVE = "userdel";

    void remove(String uid) {
        HttpUrl.Builder url = HttpUrl.parse(ENDPOINT).newBuilder().addQueryParameter("uid", uid);
        run(REMOVE, url);
    }

    private void run(String operation, HttpUrl.Builder url) {
        HttpUrl whole = url.addQueryParameter("op", operation).addQueryParameter("token", token).build();
        client.newCall(new Request.Builder().url(whole).build()).execute();
    }

    String spring(String address) {
        UriComponentsBuilder uri = UriComponentsBuilder.fromHttpUrl(ENDPOINT).queryParam("op", "useradd")
            .queryParam("token", token).queryParam("appid", appId).queryParam("addr", address);
        return template.exchange(uri.toUriString(), HttpMethod.GET, null, String.class).getBody();
    }

    String apache(String gid) throws Exception {
        List<NameValuePair> pairs = new ArrayList<>(2);
        pairs.add(new BasicNameValuePair("op", "groupdel"));
        pairs.add(new BasicNameValuePair("token", token));
        pairs.add(new BasicNameValuePair("gid", gid));
        return post(ENDPOINT, new UrlEncodedFormEntity(pairs));
    }
}
