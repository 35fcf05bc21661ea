<?php

// For a Laravel project: run it from the project's folder, or take what stands below the bootstrap into your own class.
// It needs the app token in MESIBO_APP_TOKEN, in the environment or in .env.

declare(strict_types=1);

use Illuminate\Contracts\Console\Kernel;
use Illuminate\Support\Facades\Http;

require __DIR__ . '/vendor/autoload.php';
$app = require __DIR__ . '/bootstrap/app.php';
$app->make(Kernel::class)->bootstrap();

if ((string) env('MESIBO_APP_TOKEN') === '') {
    throw new RuntimeException('MESIBO_APP_TOKEN is not set: put your app token there');
}

«variables»
$payload = «payload»;

// An HTTP status of 400 or more, and no answer at all, are exceptions of Laravel's.
$response = Http::timeout(30)->post(«url», $payload)->throw();

$answer = $response->json();
if (empty($answer['result'])) {
    throw new RuntimeException(($answer['error'] ?? 'FAILED') . ': ' . ($answer['cause'] ?? 'the API gives no cause'));
}

// mesibo's answers may hold the app token: in your own program, take what you need and log no more.
echo $response->body(), PHP_EOL;
