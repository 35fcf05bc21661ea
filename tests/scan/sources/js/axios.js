const axios = require('axios');
const qs = require('qs');
const MESIBO = 'https://api.mesibo.com/api.php';

async function forget(token, uid) {
  const { data } = await axios.get(MESIBO, { params: { op: 'userdel', token, uid } });
  return data;
}

async function rename(token, gid, name) {
  const body = qs.stringify({ op: 'groupset', token: token, gid: gid, name: name });
  return axios.post(MESIBO, body);
}

async function create(token, name) {
  return axios.get(`${MESIBO}?op=groupadd&token=${token}&name=${encodeURIComponent(name)}`, { timeout: 1000 });
}

async function members(token, gid) {
  return axios.get(MESIBO + '?op=groupgetmembers&token=' + token + '&gid=' + gid);
}
