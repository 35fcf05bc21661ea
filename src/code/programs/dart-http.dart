// Needs Dart 2.12 or later, the package http (dart pub add http), and the app token in the environment variable
// MESIBO_APP_TOKEN.

import 'dart:convert';
import 'dart:io';

import 'package:http/http.dart' as http;

Future<void> main() async {
  if ((Platform.environment['MESIBO_APP_TOKEN'] ?? '').isEmpty) {
    throw StateError('MESIBO_APP_TOKEN is not set: put your app token there');
  }

  «variables»
  final payload = «payload»;

  final response = await http
      .post(
        Uri.parse(«url»),
        headers: {'Content-Type': 'application/json'},
        body: jsonEncode(payload),
      )
      .timeout(const Duration(seconds: 30));
  if (response.statusCode != 200) {
    throw HttpException('the API answered HTTP ${response.statusCode}');
  }

  final answer = jsonDecode(utf8.decode(response.bodyBytes)) as Map<String, dynamic>;
  if (answer['result'] != true) {
    throw StateError('${answer['error'] ?? 'FAILED'}: ${answer['cause'] ?? 'the API gives no cause'}');
  }
  // mesibo's answers may hold the app token: in your own program, take what you need and log no more.
  print(jsonEncode(answer));
}
