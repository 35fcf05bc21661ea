<?php

use Illuminate\Support\Facades\Http;

class Groups
{
    public function members(int $gid)
    {
        return Http::get('https://api.mesibo.com/api.php', [
            'op' => 'groupgetmembers',
            'token' => config('services.mesibo.token'),
            'gid' => $gid,
            'count' => 50,
        ])->json();
    }

    public function rename(int $gid, string $name)
    {
        return Http::asForm()->post('https://api.mesibo.com/api.php', ['op' => 'groupset', 'token' => config('services.mesibo.token'), 'gid' => $gid, 'name' => $name])->json();
    }
}
