<?php
use GuzzleHttp\Client;

$http = new Client(['timeout' => 5]);
$http->request('GET', 'https://api.mesibo.com/api.php', ['query' => ['op' => 'userset', 'token' => $appToken, 'uid' => $uid, 'active' => 0]]);
$http->post('https://api.mesibo.com/api.php', ['form_params' => ['op' => 'message', 'token' => $appToken, 'from' => 'desk', 'to' => $to, 'msg' => "It's $what"]]);
