<?php
// $url = "https://api.mesibo.com/api.php?op=useradd&token=".env('T')."&addr=".$user->id;
$url = 'https://api.mesibo.com/backend/';
$person = ['address' => $user->id, 'token' => ['appid' => 'shop', 'expiry' => 525600]];
$data = [
    'op' => 'useradd',
    'token' => env('MESIBO_APP_TOKEN'),
    'user' => $person,
];
$client = new \GuzzleHttp\Client(['body' => json_encode($data)]);
$client->get($url);
