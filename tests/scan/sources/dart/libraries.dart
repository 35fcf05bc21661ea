// Calls of mesibo with the libraries that send parameters for a program.
// mesibo
f() => dio.get('https://api.mesibo.com/api.php', queryParameters: {'op': 'userdel', 'token': t, 'uid': u});
g() { var url = 'https://api.mesibo.com/api.php?op=userdel'; url += '&token=$t'; url += '&uid=$u'; return http.get(Uri.parse(url)); }
h() { final b = StringBuffer('https://api.mesibo.com/api.php')..write('?op=userdel')..write('&token=$t')..write('&uid=$u'); return http.get(Uri.parse(b.toString())); }
i() => http.get(Uri.parse("""https://api.mesibo.com/api.php?op=userdel&token=$t&uid=$u"""));
