// Calls of mesibo with names that mean something else where they are used.
import 'dart:convert';
const op = 'userdel';
f(String op) => http.get(Uri.parse('https://api.mesibo.com/api.php?op=$op&token=$t&uid=$u'));
g(String op) { return http.get(Uri.parse('https://api.mesibo.com/api.php?op=$op&token=$t&uid=$u')); }
h() { for (final op in ops) { http.get(Uri.parse('https://api.mesibo.com/api.php?op=$op&token=$t&uid=$u')); } }
i() => http.get(Uri.parse('https://api.mesibo.com/api.php?op=groupadd&token=$t&name=a${b ? 'c' : 'd'}'));
