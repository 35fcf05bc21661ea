// Calls of mesibo with names that mean something else where they are used.
const API = 'https://api.mesibo.com/api.php';
const f = (op) => fetch(`${API}?op=${op}&token=${t}&uid=${u}`);
const g = op => fetch(`${API}?op=${op}&token=${t}&uid=${u}`);
const op = 'userdel';
for (const op of ['userdel', 'deltoken']) fetch(`${API}?op=${op}&token=${t}&uid=${u}`);
['userdel'].forEach(op => { fetch(`${API}?op=${op}&token=${t}&uid=${u}`); });
['userdel'].forEach(function (op) { fetch(`${API}?op=${op}&token=${t}&uid=${u}`); });
fetch(`${API}?op=${op}&token=${t}&uid=${u}`);
fetch(API + '?op=userdel&token=' + t + '&uid=' + (u || 0));
fetch(API + '?op=userdel&token=' + t + '&uid=' + u + extra);
let name = 'x';
fetch(API + '?op=groupadd&token=' + t + '&name=' + 08);
async function h(API) { return fetch(API + '?op=userdel&token=' + t + '&uid=' + u); }
fetch(API + '?op=userdel&token=' + t + '&uid=' + u + '#top');
fetch(API + '?op=userdel&token=' + t + '&uid=' + u, { headers });
axios.get(API, { params: { op: 'userdel', token: t, uid: u }, timeout: 5 });
axios.get(API, { params: { op: flag ? 'userdel' : 'deltoken', token: t, uid: u } });
