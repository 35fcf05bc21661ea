// Kind: axios with `axios({ method: 'get', params, data: {} })`: everything in the query, and yet a
// JSON content type and a body of two braces. Written with node:http, so that nothing is to install.
import http from 'node:http';

const url = `${process.env.GATEWAY}/api.php`;
const phone = `${process.env.SANDBOX}/sandbox`;
const token = 'sandbox-node-axios';
const appid = 'com.example.axios';
const text = 'Hi "Ben" & \'all\': 50% off + more\nsee you \u{1F389} {ok}';

function axios({ url, method = 'get', params, data }) {
  // axios leaves these characters as they are, and writes a space as a plus sign.
  const encode = (value) =>
    encodeURIComponent(value).replace(/%3A/gi, ':').replace(/%24/g, '$').replace(/%2C/gi, ',').replace(/%20/g, '+');
  const query = Object.entries(params).map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
  const body = data === undefined ? undefined : JSON.stringify(data);
  const headers = { Accept: 'application/json, text/plain, */*', 'User-Agent': 'axios/0.19.2' };
  if (body !== undefined) {
    headers['Content-Type'] = 'application/json;charset=utf-8';
    headers['Content-Length'] = Buffer.byteLength(body);
  }
  return new Promise((resolve, reject) => {
    const req = http.request(`${url}?${query}`, { method, headers, timeout: 30000 }, (res) => {
      const chunks = [];
      res.on('data', (chunk) => chunks.push(chunk));
      res.on('error', reject);
      res.on('end', () => {
        if (res.statusCode < 200 || res.statusCode >= 300) {
          reject(new Error(`Request failed with status code ${res.statusCode}`));
          return;
        }
        resolve({ status: res.statusCode, data: JSON.parse(Buffer.concat(chunks).toString('utf8')) });
      });
    });
    req.on('timeout', () => req.destroy(new Error('timeout of 30000ms exceeded')));
    req.on('error', reject);
    req.end(body);
  });
}

async function mesibo(op, params) {
  const response = await axios({ url, params: { op, token, ...params }, data: {} });
  return response.data;
}

async function must(op, params) {
  const data = await mesibo(op, params);
  if (data.result !== true) throw new Error(`${op}: ${data.error} ${data.cause}`);
  return data;
}

function check(holds, what) {
  if (!holds) throw new Error(`not as expected: ${what}`);
}

async function life() {
  const ann = (await must('useradd', { addr: '+4915550001', appid })).user;
  const bob = (await must('useradd', { addr: '+4915550002', appid, name: 'Bob, the second' })).user;
  check(bob.address === '+4915550002', 'a phone number with its plus sign');
  check((await must('userset', { uid: bob.uid, flag: 0, active: 1 })).user.uid === bob.uid, 'userset.user.uid');

  const { gid } = (await must('groupadd', { name: 'Drivers: north', flag: 0x20 })).group;
  const both = `${ann.address},${bob.address}`;
  await must('groupeditmembers', { gid, m: both, cs: 1, cr: 1, canpub: 1, cansub: 1, canlist: 1 });
  const { members } = await must('getmembers', { gid, count: 20 });
  check(members.length === 2 && members[0].uid === ann.uid && members[1].canrecv === '1', 'the members');

  await must('message', { from: ann.address, to: bob.address, msg: text });
  await must('message', { from: ann.address, gid, msg: text });
  const inbox = await axios({ url: `${phone}/inbox`, params: { app: token, address: bob.address } });
  check(inbox.data.length === 2, 'two messages on the phone');
  check(inbox.data.every((row) => row.message === text && row.from === ann.address), 'their text and sender');

  await must('groupeditmembers', { gid, m: both, delete: 1 });
  check((await must('getmembers', { gid })).members.length === 0, 'no members left');
  await must('deltoken', { uid: bob.uid });
  const params = { token: bob.token, appid };
  const login = await axios({ url: `${phone}/login`, method: 'post', params }).then(() => 'in', () => 'refused');
  check(login === 'refused', 'a deleted token logs nobody in');
  await must('groupdel', { gid });
  check((await must('deluser', { uid: ann.uid })).user.uid === ann.uid, 'deluser.user.uid');
  await must('deluser', { uid: bob.uid });

  const data = await mesibo('useradd', { addr: '', appid });
  check(data.result === false && typeof data.error === 'string' && data.op === 'useradd', 'a refusal without addr');
  check(data.properties.includes('addr'), 'the name of what is missing');
}

life().catch((error) => {
  console.error(`axios_style.mjs: ${error.message}`);
  process.exitCode = 1;
});
