<?php

// Needs Guzzle (composer require guzzlehttp/guzzle), and the app token in the environment variable MESIBO_APP_TOKEN.

declare(strict_types=1);

require __DIR__ . '/vendor/autoload.php';

use GuzzleHttp\Client;

if ((string) getenv('MESIBO_APP_TOKEN') === '') {
    throw new RuntimeException('MESIBO_APP_TOKEN is not set: put your app token there');
}

«variables»
$payload = «payload»;

// An HTTP status of 400 or more, and no answer at all, are exceptions of Guzzle's.
$client = new Client(['timeout' => 30]);
$response = $client->post(«url», ['json' => $payload]);

$answer = json_decode((string) $response->getBody(), true, 512, JSON_THROW_ON_ERROR);
if (empty($answer['result'])) {
    throw new RuntimeException(($answer['error'] ?? 'FAILED') . ': ' . ($answer['cause'] ?? 'the API gives no cause'));
}

// mesibo's answers may hold the app token: in your own program, take what you need and log no more.
echo $response->getBody(), PHP_EOL;
