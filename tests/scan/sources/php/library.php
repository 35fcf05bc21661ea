<?php
// After the habits of the helper class that mesibo gave out.
class Mesibo
{
    private $apiurl = 'https://api.mesibo.com/api.php';

    public function userAdd($address, $appid)
    {
        $parms = array();
        $parms['op'] = 'useradd';
        $parms['token'] = $this->token;
        $parms['addr'] = $address;
        $parms['appid'] = $appid;
        $parms['sig'] = 'none';
        return $this->send($parms);
    }

    public function editMembers($gid, $members, $delete)
    {
        return $this->mesiboCall('groupeditmembers', ['gid' => $gid, 'm' => $members, 'delete' => $delete]);
    }
}
