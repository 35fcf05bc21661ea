// Kind: JavaScript with fetch and URLSearchParams; `if (!res.ok) throw` comes before the body is read.

const API = `${process.env.GATEWAY}/backend/`;
const PHONE = `${process.env.SANDBOX}/sandbox`;
const TOKEN = 'sandbox-node-fetch';
const APP_ID = 'com.example.web';
const TEXT = 'Hi "Ben" & \'all\': 50% off + more\nsee you \u{1F389} {ok}';

async function get(params) {
  const query = new URLSearchParams({ token: TOKEN, ...params });
  return read(await fetch(`${API}?${query}`));
}

async function post(params) {
  const body = new URLSearchParams({ ...params, token: TOKEN });
  return read(await fetch(API, { method: 'POST', body }));
}

async function read(res) {
  if (!res.ok) throw new Error(`HTTP ${res.status}`);
  const data = await res.json();
  if (!data.result) {
    const error = new Error(data.error);
    error.code = data.code;
    throw error;
  }
  return data;
}

function expect(holds, what) {
  if (!holds) throw new Error(`not as expected: ${what}`);
}

async function canLogIn(accessToken) {
  const query = new URLSearchParams({ token: accessToken, appid: APP_ID });
  return (await fetch(`${PHONE}/login?${query}`, { method: 'POST' })).ok;
}

async function inbox(address) {
  const res = await fetch(`${PHONE}/inbox?${new URLSearchParams({ app: TOKEN, address })}`);
  return res.json();
}

async function life(call) {
  const users = [];
  for (const addr of ['ana@web', 'ben@web', 'cy@web']) {
    const { user } = await call({ op: 'useradd', addr, appid: APP_ID, name: '', active: 1 });
    expect(Number.isInteger(user.uid) && user.address === addr, 'the new user');
    users.push(user);
  }
  const [ana, ben, cy] = users;
  expect(await canLogIn(ben.token), 'the token logs in');
  const { user } = await call({ op: 'userset', uid: ben.uid, active: 0 });
  expect(user.uid === ben.uid && !(await canLogIn(ben.token)), 'a blocked user cannot log in');
  await call({ op: 'userset', uid: ben.uid, active: 1 });

  const { group } = await call({ op: 'groupadd', name: 'Web', flag: '0x20' });
  const m = users.map((u) => u.address).join(',');
  const edited = await call({ op: 'groupeditmembers', gid: group.gid, m, cs: 1, cr: 1, canlist: 0 });
  expect(edited.group.gid === group.gid, "groupeditmembers' gid");
  const { members } = await call({ op: 'getmembers', gid: group.gid, count: 20 });
  expect(members.map((row) => row.address).join() === m, 'the members');

  await call({ op: 'message', from: ana.address, to: ben.address, msg: TEXT });
  await call({ op: 'message', from: ana.address, to: '', gid: group.gid, msg: TEXT });
  const received = [...(await inbox(ben.address)), ...(await inbox(cy.address))];
  expect(received.length === 2 && received.every((row) => row.message === TEXT), 'the messages, once each');
  expect(received[0].gid === null && received[1].gid === group.gid, 'one direct, one through the group');

  await call({ op: 'groupeditmembers', gid: group.gid, m, delete: 1 });
  expect((await call({ op: 'getmembers', gid: group.gid })).members.length === 0, 'no members left');
  await call({ op: 'deltoken', uid: ben.uid });
  expect(!(await canLogIn(ben.token)), 'a deleted token logs nobody in');
  const deleted = await call({ op: 'groupdel', gid: group.gid });
  expect(deleted.group.gid === group.gid, "groupdel's gid");
  for (const { uid } of users) {
    expect((await call({ op: 'deluser', uid })).user.uid === uid, "deluser's uid");
  }

  const refused = await call({ op: 'groupdel', gid: group.gid }).then(() => null, (error) => error);
  expect(refused !== null, 'a group that is gone cannot be deleted');
  expect(refused.code === 400 && /^[A-Z]+$/.test(refused.message), `a code and a number: ${refused.message}`);
}

try {
  await life(get);
  await life(post);
} catch (error) {
  console.error(`fetch_client.mjs: ${error.message}`);
  process.exit(1);
}
