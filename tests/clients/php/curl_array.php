<?php
// Kind: PHP with curl and an array as the body, which curl sends as multipart/form-data; the answer
// is an associative array, and a status other than 200 throws.

class MesiboApi {
	private $token;
	private $count = 0;

	public function __construct($token) {
		$this->token = $token;
	}

	public function call($op, array $params) {
		$ch = curl_init();
		curl_setopt_array($ch, array(
			CURLOPT_URL => getenv('GATEWAY') . '/backend/',
			CURLOPT_RETURNTRANSFER => true,
			CURLOPT_TIMEOUT => 30,
			// libcurl of those years asked for leave before every larger body.
			CURLOPT_HTTPHEADER => array('Expect: 100-continue'),
			CURLOPT_POSTFIELDS => $params + array('op' => $op, 'token' => $this->token, 'id' => ++$this->count),
		));
		$body = curl_exec($ch);
		$status = curl_getinfo($ch, CURLINFO_HTTP_CODE);
		if ($body === false)
			throw new Exception("$op: " . curl_error($ch));
		if ($status != 200)
			throw new Exception("$op: HTTP $status");
		$answer = json_decode($body, true);
		if (!isset($answer['result']) || $answer['id'] !== $this->count)
			throw new Exception("$op: not an answer to request {$this->count}: $body");
		return $answer;
	}

	public function ok($op, array $params) {
		$answer = $this->call($op, $params);
		if (true !== $answer['result'])
			throw new Exception("$op: {$answer['error']}");
		if (isset($answer['error']))
			throw new Exception("$op: success, and yet an error member");
		return $answer;
	}
}

function expect($holds, $what) {
	if (!$holds)
		throw new Exception("not as expected: $what");
}

// What the receiver's phone does, without any part of the old code.
function phone($route, array $query, $method = 'GET') {
	$context = stream_context_create(array('http' => array('method' => $method, 'ignore_errors' => true)));
	$body = file_get_contents(getenv('SANDBOX') . "/sandbox/$route?" . http_build_query($query), false, $context);
	return json_decode($body, true);
}

function life() {
	$appid = 'com.example.shop';
	$api = new MesiboApi('sandbox-php-curl');
	$text = "Hi \"Ben\" & 'all': 50% off + more\nsee you \u{1F389} {ok}";

	$ana = $api->ok('useradd', array('addr' => 'ana@example.com', 'appid' => $appid, 'active' => true))['user'];
	$ben = $api->ok('useradd', array('addr' => 'ben+shop@example.com', 'appid' => $appid, 'name' => 'Ben Ö.'))['user'];
	expect($ben['address'] === 'ben+shop@example.com', 'the plus sign in an address');
	$login = array('token' => $ben['token'], 'appid' => $appid);

	$api->ok('userset', array('uid' => $ben['uid'], 'active' => 0));
	expect(phone('login', $login, 'POST') === null, 'a blocked user cannot log in');
	$api->ok('userset', array('uid' => $ben['uid'], 'active' => 1, 'flag' => 0));
	expect(phone('login', $login, 'POST')['uid'] === $ben['uid'], 'the token logs in');

	$group = $api->ok('groupadd', array('name' => 'Orders', 'flag' => 0x20, 'active' => 1))['group'];
	$edit = array('gid' => $group['gid'], 'm' => 'ana@example.com, ben+shop@example.com');
	$api->ok('groupeditmembers', $edit + array('cs' => 1, 'cr' => 1, 'delete' => 0));
	$members = $api->ok('getmembers', array('gid' => $group['gid'], 'count' => 20))['members'];
	expect(array_column($members, 'address') === array('ana@example.com', 'ben+shop@example.com'), 'the members');

	$api->ok('message', array('from' => $ana['address'], 'to' => $ben['address'], 'msg' => $text));
	$api->ok('message', array('from' => $ana['address'], 'gid' => $group['gid'], 'type' => 7, 'msg' => $text));
	$inbox = phone('inbox', array('app' => 'sandbox-php-curl', 'address' => $ben['address']));
	expect(array_column($inbox, 'message') === array($text, $text), 'both messages on the phone');
	expect(array_column($inbox, 'type') === array(0, 7), 'their types');

	$api->ok('groupeditmembers', $edit + array('delete' => 1));
	expect($api->ok('getmembers', array('gid' => $group['gid']))['members'] === array(), 'no members left');
	$api->ok('deltoken', array('uid' => $ben['uid']));
	expect(phone('login', $login, 'POST') === null, 'a deleted token logs nobody in');
	expect($api->ok('groupdel', array('gid' => $group['gid']))['group'] === $group, 'the deleted group');
	foreach (array($ana, $ben) as $user)
		expect($api->ok('deluser', array('uid' => $user['uid']))['user'] === array('uid' => $user['uid']), 'deluser');

	$stranger = new MesiboApi('not-a-token');
	$refused = $stranger->call('useradd', array('addr' => 'eve@example.com', 'appid' => $appid));
	expect($refused['result'] === false && $refused['error'] === 'AUTHFAIL' && $refused['code'] === 401, 'a bad token');
}

try {
	life();
} catch (Exception $e) {
	fwrite(STDERR, 'curl_array.php: ' . $e->getMessage() . "\n");
	exit(1);
}
