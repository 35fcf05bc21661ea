const params = new URLSearchParams({ op: 'userset', token: environment.mesiboToken, uid: String(uid), active: '0' });

function later(address: string): void {
  const form = new FormData();
  form.append('op', 'useradd');
  form.append('token', environment.mesiboToken);
  form.append('addr', address);
  form.append('appid', 'web');
  http.post(environment.mesiboUrl, form);
}

const url = new URL('https://api.mesibo.com/api.php');
url.searchParams.set('op', 'groupdel');
url.searchParams.set('token', token);
url.searchParams.set('gid', gid);
