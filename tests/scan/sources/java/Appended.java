class Appended {
    // To mesibo, by statements of a builder.
    String add(String address) throws Exception {
        StringBuilder sb = new StringBuilder();
        sb.append("https://api.mesibo.com/api.php?op=useradd");
        sb.append("&token=").append(token);
        sb.append("&addr=").append(URLEncoder.encode(address, "UTF-8"));
        sb.append("&appid=com.example.app");
        return sb.toString();
    }

    Map<String, String> drop(String uid) {
        return new HashMap<String, String>() {{ put("op", "deltoken"); put("token", token); put("uid", uid); }};
    }

    String spring(String uid) {
        return UriComponentsBuilder.fromHttpUrl(BASE).queryParam("op", "userset").queryParam("token", token)
            .queryParam("uid", uid).queryParam("active", "1").toUriString();
    }
}
