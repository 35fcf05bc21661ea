const ENDPOINT = 'https://api.mesibo.com/backend';
// Half moved: the query is left over.
const answer = await fetch(`${ENDPOINT}?token=${token}&op=groupeditmembers`, {
  method: 'DELETE',
  body: JSON.stringify({ op: "groupeditmembers", token, group: { gid, members: { m: address, remove: 1 } } }),
});
const nosite = `Ask for https://api.mesibo.com/api.php?op=userdel&token=${token}&uid=${uid} by hand`;
const forms = sprintf('https://api.mesibo.com/api.php?op=userset&token=%s&uid=%05d&flag=0x10', token, uid);
