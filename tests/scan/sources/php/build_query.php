<?php
// Posts a form with curl.
function addUser($token, $address)
{
    $fields = [
        'op' => 'useradd',
        'token' => $token,
        'addr' => $address,
        'appid' => 'com.example.app',
        'expiry' => 525600,
    ];
    $ch = curl_init('https://api.mesibo.com/api.php');
    curl_setopt($ch, CURLOPT_POST, true);
    curl_setopt($ch, CURLOPT_POSTFIELDS, http_build_query($fields));
    curl_setopt($ch, CURLOPT_RETURNTRANSFER, true);
    return json_decode(curl_exec($ch));
}
