socket.send(JSON.stringify({ op: 'message', token: session, text: 'hi' }));
exec('useradd', ['-m', name]);
router.get('/system.do?op=userdel&sid=' + sid, show);
