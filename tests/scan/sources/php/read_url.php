<h1>It's a page</h1>
<?php
$answer = file_get_contents('https://api.mesibo.com/api.php?op=groupadd&token=' . $token . '&name=' . urlencode($name) . '&flag=0x20');
$other = file_get_contents("https://api.mesibo.com/api.php?op=groupdel&token=$token&gid={$group['gid']}");
?>
<p>Don't read https://api.mesibo.com/api.php?op=userdel&token=none&uid=1 here</p>
