<?php
// Moved to JSON: mesibo.
$client = new \GuzzleHttp\Client();
$client->post('https://api.mesibo.com/backend/', ['json' => ['op' => 'userdel', 'token' => getenv('MESIBO_APP_TOKEN'), 'user' => ['uid' => $uid]]]);
