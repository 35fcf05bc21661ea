<?php
// Parameters of mesibo that are put together from several arrays.
$common = ['appid' => 'shop', 'token' => $token];
send(array_merge($common, ['op' => 'userdel', 'token' => $token, 'uid' => $uid]));
send($common + ['op' => 'userdel', 'token' => $token, 'uid' => $uid]);
send(array_merge([], ['op' => 'userdel', 'token' => $token, 'uid' => $uid]));
$client = new \GuzzleHttp\Client(['query' => ['id' => 7]]);
$client->get("https://api.mesibo.com/api.php?op=userdel&token=$token&uid=$uid");
