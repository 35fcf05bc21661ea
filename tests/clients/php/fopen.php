<?php
// Kind: mesibo's own sample of 2018, a stream context and fopen, as it was copied from project to
// project. PHP's streams give the body only when the HTTP status is below 400.

define('API', getenv('GATEWAY') . '/api.php');
define('TOKEN', 'sandbox-php-fopen');
define('APPID', 'com.example.fopen');

function fail($why) {
	fwrite(STDERR, "fopen.php: $why\n");
	exit(1);
}

function http_fetch($url, $version) {
	$opts = array('http' => array(
		'method' => 'GET',
		'protocol_version' => $version,
		'header' => "Accept-language: en\r\nCookie: foo=bar\r\n",
		'timeout' => 30,
	));
	$fp = @fopen($url, 'r', false, stream_context_create($opts));
	if (!$fp)
		return false;
	$response = stream_get_contents($fp);
	fclose($fp);
	return $response;
}

function mesibo_api($op, $parms, $version) {
	$parms = array_merge(array('op' => $op, 'token' => TOKEN), $parms);
	$response = http_fetch(API . '?' . http_build_query($parms) . '&sig=none', $version);
	if ($response === false)
		fail("$op: no response over HTTP/$version");
	$json = json_decode($response);
	if (!is_object($json))
		fail("$op: not JSON: $response");
	return $json;
}

function mesibo_ok($op, $parms, $version) {
	$json = mesibo_api($op, $parms, $version);
	if ($json->result !== true)
		fail("$op over HTTP/$version: " . $json->error);
	return $json;
}

// What the receiver's phone shows; the old code has no part in this.
function phone($address) {
	$query = http_build_query(array('app' => TOKEN, 'address' => $address));
	return json_decode(file_get_contents(getenv('SANDBOX') . '/sandbox/inbox?' . $query));
}

function life($version) {
	$text = "Hi \"Ben\" & 'all': 50% off + more\nsee you \u{1F389} {ok}";
	$users = array();
	foreach (array('18005550001', '18005550002', '18005550003') as $addr) {
		$json = mesibo_ok('useradd', array('addr' => $addr, 'appid' => APPID, 'name' => '', 'expiry' => 1440), $version);
		if (!is_int($json->user->uid) || $json->user->address !== $addr || !$json->user->token)
			fail("useradd: user.uid, user.address or user.token is not what it was");
		$users[$addr] = $json->user->uid;
	}
	list($from, $to, $other) = array_map('strval', array_keys($users));
	$json = mesibo_ok('userset', array('uid' => $users[$to], 'flag' => 1, 'active' => 1), $version);
	if ($json->user->uid !== $users[$to])
		fail('userset: another user.uid');

	$gid = mesibo_ok('groupadd', array('gid' => 0, 'name' => 'Support', 'flag' => '0x20', 'expiry' => 0), $version)->group->gid;
	$members = array('gid' => $gid, 'm' => "$from,$to,$other", 'cs' => 1, 'cr' => 1, 'canpub' => 0, 'delete' => 0);
	if (mesibo_ok('groupeditmembers', $members, $version)->group->gid !== $gid)
		fail('groupeditmembers: another group.gid');
	$rows = mesibo_ok('getmembers', array('gid' => $gid, 'count' => 20), $version)->members;
	if (count($rows) != 3 || $rows[1]->address !== $to || $rows[1]->cansend !== '1')
		fail('getmembers: ' . json_encode($rows));

	mesibo_ok('message', array('from' => $from, 'to' => $to, 'gid' => 0, 'msg' => $text), $version);
	mesibo_ok('message', array('from' => $from, 'to' => '', 'gid' => $gid, 'msg' => $text), $version);

	// Strings were glued together as often as built; nobody encoded them, and it worked.
	$json = json_decode(http_fetch(API . "?token=" . TOKEN . "&op=message&from=$from&to=$to&msg={\"raw\":\"1,2 @home\"}", $version));
	if (!$json || $json->result !== true)
		fail("an URL with raw quotes and braces failed over HTTP/$version");
	$shown = array_map(function ($row) { return array($row->gid, $row->message); }, phone($to));
	if ($shown !== array(array(null, $text), array($gid, $text), array(null, '{"raw":"1,2 @home"}')))
		fail('the phone shows ' . json_encode($shown));
	if (phone($other) !== array())
		fail('a group message went to more than one member');

	mesibo_ok('groupeditmembers', array('gid' => $gid, 'm' => "$to,$other", 'delete' => 1), $version);
	if (count(mesibo_ok('groupgetmembers', array('gid' => $gid), $version)->members) != 1)
		fail('members were not removed');
	mesibo_ok('deltoken', array('uid' => $users[$to]), $version);
	if (mesibo_ok('groupdel', array('gid' => $gid), $version)->group->gid !== $gid)
		fail('groupdel: another group.gid');
	foreach ($users as $uid) {
		if (mesibo_ok('deluser', array('uid' => $uid), $version)->user->uid !== $uid)
			fail('deluser: another user.uid');
	}

	// An operation that is no more must say so in the way that this code reads.
	$json = mesibo_api('usersget', array('addr' => '1800*', 'count' => 20), $version);
	if ($json->result !== false || $json->error !== 'BADOP' || $json->op !== 'usersget')
		fail('usersget: expected BADOP, got ' . json_encode($json));
}

life('1.0');
life('1.1');
