// Parameters of mesibo that are put together from several objects.
send(Object.assign({}, common, { op: 'userdel', token, uid }));
send(Object.assign({}, { op: 'userdel', token, uid }));
const shared = { token };
const call = Object.assign({ op: 'userdel', uid }, shared);
jQuery.post(MESIBO, $.extend({ op: 'groupdel', token, gid }, more));
