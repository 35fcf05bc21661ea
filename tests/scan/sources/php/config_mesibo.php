<?php
return [
    'token' => env('MESIBO_TOKEN', ''),
    'url' => env('MESIBO_URL', 'https://api.mesibo.com/api.php'),
];
