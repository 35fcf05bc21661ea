import 'dart:convert';
import 'package:http/http.dart' as http;

Future<http.Response> add(String token, String address) {
  return http.get(Uri.parse('https://api.mesibo.com/api.php?op=useradd&token=$token&appid=com.example.app&addr=${address.trim()}'));
}

Future<http.Response> forget(String token, int uid) {
  final uri = Uri.https('api.mesibo.com', '/api.php', {'op': 'userdel', 'token': token, 'uid': '$uid'});
  return http.get(uri);
}
