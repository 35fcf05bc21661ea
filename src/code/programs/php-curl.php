<?php

// Needs PHP 7.3 or later with its extension curl, and the app token in the environment variable MESIBO_APP_TOKEN.

declare(strict_types=1);

if ((string) getenv('MESIBO_APP_TOKEN') === '') {
    throw new RuntimeException('MESIBO_APP_TOKEN is not set: put your app token there');
}

«variables»
$payload = «payload»;

$curl = curl_init(«url»);
curl_setopt_array($curl, [
    CURLOPT_POST => true,
    CURLOPT_HTTPHEADER => ['Content-Type: application/json'],
    CURLOPT_POSTFIELDS => json_encode($payload, JSON_THROW_ON_ERROR),
    CURLOPT_RETURNTRANSFER => true,
    CURLOPT_TIMEOUT => 30,
]);
$body = curl_exec($curl);
if ($body === false) {
    throw new RuntimeException('the call failed: ' . curl_error($curl));
}
$status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
if ($status !== 200) {
    throw new RuntimeException("the API answered HTTP $status");
}

$answer = json_decode($body, true, 512, JSON_THROW_ON_ERROR);
if (empty($answer['result'])) {
    throw new RuntimeException(($answer['error'] ?? 'FAILED') . ': ' . ($answer['cause'] ?? 'the API gives no cause'));
}

// mesibo's answers may hold the app token: in your own program, take what you need and log no more.
echo $body, PHP_EOL;
