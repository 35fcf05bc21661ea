class Builders {
    /* new StringBuilder("https://api.mesibo.com/api.php?op=groupdel&token=").append(token) was here */
    String old(String token, String gid) {
        return new StringBuilder("https://api.mesibo.com/api.php?op=groupdel&token=").append(token).append("&gid=").append(gid).toString();
    }

    String formatted(String token, int uid) {
        return String.format("https://api.mesibo.com/api.php?op=deluser&token=%s&uid=%d", token, uid);
    }

    List<NameValuePair> pairs(String token, String to) {
        List<NameValuePair> list = new ArrayList<>();
        list.add(new BasicNameValuePair("op", "message"));
        list.add(new BasicNameValuePair("token", token));
        list.add(new BasicNameValuePair("from", "desk"));
        list.add(new BasicNameValuePair("to", to));
        list.add(new BasicNameValuePair("msg", "hello"));
        return list;
    }
}
