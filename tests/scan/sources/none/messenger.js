// The messenger has a backend of its own, which is no part of the API.
const MESSENGER = 'https://app.mesibo.com/messenger/api.php';
async function contacts(token, phones) {
  let request = MESSENGER + '?op=getcontacts&token=' + token + '&phones=' + phones;
  if (reset) request += '&reset=1';
  return fetch(request);
}
mesibo_http('https://app.mesibo.com/api.php', 'op=test', null, null, null);
