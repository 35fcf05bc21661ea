// Calls of mesibo with the libraries that send parameters for a program.
const MESIBO = 'https://api.mesibo.com/api.php';
axios.post(MESIBO, qs.stringify({ op: 'userdel', token, uid }));
axios({ method: 'get', url: MESIBO, params: { op: 'userdel', token, uid } });
got(MESIBO, { searchParams: { op: 'userdel', token, uid } });
superagent.get(MESIBO).query({ op: 'userdel', token, uid });
this.http.post(MESIBO, new HttpParams().set('op', 'userdel').set('token', token).set('uid', uid));
https.get({ host: 'api.mesibo.com', path: '/api.php?op=userdel&token=' + token + '&uid=' + uid }, done);
const body = `
  op=userdel
  &token=${token}
  &uid=${uid}
`;
const data = 'op=userdel' + '&' + 'token=' + token + '&' + 'uid=' + uid;
const url2 = util.format('%s?op=userdel&token=%s&uid=%d', MESIBO, token, uid);
request(MESIBO, { qs: { op: 'userdel', token, uid } }, done);
const params = new URLSearchParams();
params.append('op', 'userdel'); params.append('token', token);
if (all) params.append('uid', uid);
const p2 = new URLSearchParams([['op', 'userdel'], ['token', token], ['uid', uid]]);
fetch(MESIBO + '?' + Object.entries({ op: 'userdel', token, uid }).map(([k, v]) => `${k}=${v}`).join('&'));
const api = (op, args) => fetch(MESIBO, { method: 'POST', body: new URLSearchParams({ op, token, ...args }) });
api('userdel', { uid });
mesibo.call({ op: OPS.DELETE, token, uid });
const OPS = { DELETE: 'userdel', ADD: 'useradd' };
