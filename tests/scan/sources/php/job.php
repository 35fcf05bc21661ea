<?php

class ForgetMember
{
    private $member;

    public function handle()
    {
        $url = "https://api.mesibo.com/api.php?op=userdel&token=" . env('MESIBO_TOKEN') . "&uid=" . $this->member->uid;
        $client = new \GuzzleHttp\Client(['headers' => ['Content-Type' => 'application/json']]);
        $response = $client->get($url);
        // $client->get("https://api.mesibo.com/api.php?op=groupdel&token=x&gid=1");
        return json_decode($response->getBody(), true);
    }
}
