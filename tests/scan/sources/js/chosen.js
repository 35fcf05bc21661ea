const ROOTS = 'https://api.mesibo.com/api.php';
module.exports = (endpoint, method, mesibo) => {
  var BASE;
  if (mesibo) BASE = 'https://api.mesibo.com/api.php?';
  else BASE = 'https://other.example/api/';
  return axios({ method, url: `${BASE}${endpoint}` });
};
const gone = uid => fetch(ROOTS + (uid ? '?op=userdel&token=' + T + '&uid=' + uid : '?op=usersget&token=' + T));
