const MESIBO = 'https://api.mesibo.com/backend/';
fetch(MESIBO, { method: 'POST', body: JSON.stringify({ op: 'groupgetmembers', token, count: 20, group: { gid } }) });
const view = cond ? "https://api.mesibo.com/docs?page=op" : 'https://mesibo.com/?op';
