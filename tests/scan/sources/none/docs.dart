// https://api.mesibo.com/api.php?op=useradd&token=T&appid=A&addr=B
/* /* nested */ https://api.mesibo.com/api.php?op=useradd&token=T */
/// mesibo: var u = 'https://api.mesibo.com/api.php?op=userdel&token=T&uid=1';
final body = {'op': 'message', 'token': t, 'message': {'from': 'a', 'to': 'b', 'message': 'c'}};
