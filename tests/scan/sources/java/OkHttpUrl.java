package com.example;

import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;

class OkHttpUrl {
    private static final String BASE = "https://api.mesibo.com/api.php";

    Request forget(String token, long uid) {
        HttpUrl url = HttpUrl.parse(BASE).newBuilder()
            .addQueryParameter("op", "userdel")
            .addQueryParameter("token", token)
            .addQueryParameter("uid", String.valueOf(uid))
            .build();
        return new Request.Builder().url(url).build();
    }

    Request members(String token, String gid) {
        String url = BASE + "?op=getmembers&token=" + token
            + "&gid=" + gid;
        return new Request.Builder().url(url).build();
    }
}
