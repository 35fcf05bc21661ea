// Calls of mesibo with the libraries that send parameters for a program.
class Libraries {
  String u = "https://api.mesibo.com/api.php";
  void a() { Jsoup.connect(u).data("op", "userdel").data("token", token).data("uid", uid).get(); }
  void b() { Unirest.get(u).queryString("op", "userdel").queryString("token", token).queryString("uid", uid); }
  void c() { client.get().uri(b -> b.path("/api.php").queryParam("op", "userdel").queryParam("token", token).queryParam("uid", uid).build()); }
  void d() { RequestParams p = new RequestParams(); p.put("op", "userdel"); p.put("token", token); p.put("uid", uid); http.post(u, p, handler); }
  void e() { Uri.Builder b = Uri.parse(u).buildUpon(); b.appendQueryParameter("op", "userdel"); b.appendQueryParameter("token", token); b.appendQueryParameter("uid", uid); }
  void f() { String s = """
      https://api.mesibo.com/api.php?op=userdel&token=%s&uid=%s""".formatted(token, uid); }
  void g() { Map<String, Object> m = Map.of("op", "userdel", "token", token, "uid", uid); }
  void h() { MultiValueMap<String, String> m = new LinkedMultiValueMap<>(); m.add("op", "userdel"); m.add("token", token); m.add("uid", uid); rest.postForEntity(u, m, String.class); }
  void i() { String p = "op=" + URLEncoder.encode("userdel", "UTF-8"); p += "&token=" + URLEncoder.encode(token, "UTF-8"); p += "&uid=" + URLEncoder.encode(uid, "UTF-8"); out.write(p.getBytes()); }
  void j() { new HashMap<String, String>() {{ put("op", "userdel"); put("token", token); put("uid", uid); }}; }
  void k() { switch (x) { case 1: params.put("op", "userdel"); params.put("token", token); params.put("uid", uid); break; case 2: params.put("op", "groupdel"); params.put("token", token); params.put("gid", gid); } }
  @FormUrlEncoded @POST("api.php") Call<R> call(@Field("op") String op, @Field("token") String token, @FieldMap Map<String, String> more);
  @GET("api.php?op=userdel") Call<R> del(@Query("token") String token, @Query("uid") long uid);
}
