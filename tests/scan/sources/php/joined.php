<?php
$parts = array();
$parts[] = 'op=userdel';
$parts[] = 'token=' . $token;
$parts[] = 'uid=' . $uid;
$answer = file_get_contents('https://api.mesibo.com/api.php?' . implode('&', $parts));

$address = 'https://api.mesibo.com/api.php';
$address .= '?op=groupdel';
$address .= '&token=' . $token;
$address .= '&gid=' . $gid;
readfile($address);

$answer = Http::asForm()->post(config('mesibo.url'), [
    'op' => 'groupset', 'token' => config('mesibo.token'), 'gid' => $gid, 'name' => $name,
]);
$answer = Http::withOptions(['verify' => false])->get('https://api.mesibo.com/api.php', compact('op', 'token') + ['uid' => 7]);
$url = "https://api.mesibo.com/api.php?op=useradd&token=".env('APP_TOKEN')."&addr=".$user->name.'-'.$user->id."&appid=shop&name=".$user->name;
$client = new \GuzzleHttp\Client(['headers' => ['Content-Type' => 'application/json']]);
$response = $client->get($url);
$url = "https://api.mesibo.com/api.php?op=userdel&token=".env('APP_TOKEN')."&uid=". $this->user->mesibo_uid;
$client = new \GuzzleHttp\Client();
$response = $client->get($url);
