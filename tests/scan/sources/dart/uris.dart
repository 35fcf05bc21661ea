import 'dart:convert';
import 'package:dio/dio.dart';
import 'package:http/http.dart' as http;

class Mesibo {
  static const String host = 'api.mesibo.com';
  static const api = 'https://api.mesibo.com/api.php';

  Future<http.Response> https(String uid) => http.get(Uri.https(host, '/api.php', {'op': 'userdel', 'token': token, 'uid': uid}));

  Future<http.Response> posted(int gid) => http.post(Uri.parse(api), body: {'op': 'groupdel', 'token': token, 'gid': '$gid'});

  Future<http.Response> replaced(String uid) =>
      http.get(Uri.parse(api).replace(queryParameters: <String, dynamic>{'op': 'userdel', 'token': token, 'uid': uid}));

  Future dio(String uid) => Dio().get(api, queryParameters: {'op': 'userdel', 'token': token, 'uid': uid});

  Future data(String gid) => Dio().post(api, data: FormData.fromMap({'op': 'groupdel', 'token': token, 'gid': gid}));

  Future global(context) => Global.httpGet(context, Uri.parse("https://api.mesibo.com/api.php?token=$token&op=useradd&appid=shop&addr=" + controller.text.trim()));

  Future multi(String uid) {
    final request = http.MultipartRequest('POST', Uri.parse(api));
    request.fields['op'] = 'userdel';
    request.fields['token'] = token;
    request.fields['uid'] = uid;
    return request.send();
  }

  Future lines(String uid) => http.get(Uri.parse('https://api.mesibo.com/api.php'
      '?op=userdel'
      '&token=$token'
      '&uid=$uid'));

  Future builder(String uid) => http.get(Uri(scheme: 'https', host: host, path: 'api.php', queryParameters: {'op': 'userdel', 'token': token, 'uid': uid}));
}
