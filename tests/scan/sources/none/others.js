fetch('https://files.example/api.php?op=list&token=' + t);
fetch('https://files.example/manage.php?op=userdel&token=' + t + '&uid=' + u);
window.location.href = '/shop/system.do?op=userDelete&sid=' + sid;
apirequest(this.root, { op: 'useradd', options });
changes.push({ target: name, metadata: { op: 'useradd' } });
