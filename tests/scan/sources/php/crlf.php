<?php
$ch = curl_init("https://api.mesibo.com/api.php?op=groupdel&token=$token&gid=$gid");
curl_setopt($ch, CURLOPT_RETURNTRANSFER, true);
echo "café";
