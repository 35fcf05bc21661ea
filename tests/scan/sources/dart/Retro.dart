@RestApi(baseUrl: "https://api.mesibo.com/")
abstract class Retro {
  @GET("/api.php")
  Future<Answer> forget(@Query("op") String op, @Query("token") String token, @Query("uid") String uid);
}
Map<String, String> body(String token) {
  final map = <String, dynamic>{};
  map['op'] = 'groupdel';
  map['token'] = token;
  map['gid'] = '5';
  return map;
}
