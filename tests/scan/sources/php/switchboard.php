<?php
// The backend of mesibo, called by one function with the operation as its first argument.
class Switchboard
{
    const OP_REMOVE = 'userdel';
    private $base = 'https://api.mesibo.com/api.php';

    public function remove($uid)
    {
        $query = ['token' => getenv('APP'), 'op' => self::OP_REMOVE, 'uid' => $uid];
        return wp_remote_get(add_query_arg($query, $this->base), ['timeout' => 5]);
    }

    public function rename($gid, $name)
    {
        $ch = curl_init($this->base);
        curl_setopt_array($ch, [
            CURLOPT_POST => true,
            CURLOPT_POSTFIELDS => ['op' => 'groupset', 'token' => getenv('APP'), 'gid' => $gid, 'name' => $name],
        ]);
        return curl_exec($ch);
    }

    public function rooms($gid)
    {
        $body = http_build_query(array('op' => 'groupdel', 'token' => getenv('APP'), 'gid' => $gid));
        $context = stream_context_create(['http' => ['method' => 'POST', 'content' => $body]]);
        return file_get_contents($this->base, false, $context);
    }

    public function posted($uid)
    {
        return (new \GuzzleHttp\Client(['base_uri' => $this->base]))->post('', [
            'form_params' => ['op' => 'deltoken', 'token' => getenv('APP'), 'uid' => $uid],
        ]);
    }

    public function wordpress($addr)
    {
        return wp_remote_post($this->base, array('body' => array(
            'op' => 'useradd', 'token' => getenv('APP'), 'addr' => $addr, 'appid' => 'shop',
        )));
    }

    public function octal($uid)
    {
        return file_get_contents("https://api.mesibo.com/api.php?op=userdel&token=" . getenv('APP') . "&uid=0{$uid}");
    }

    public function chosen($gone, $uid)
    {
        switch ($gone) {
            case 'user': $op = 'userdel'; break;
            case 'token': $op = 'deltoken'; break;
        }
        return file_get_contents("https://api.mesibo.com/api.php?op=$op&token=" . getenv('APP') . "&uid=$uid");
    }
}
