<?php
$r = file_get_contents('https://api.mesibo.com/api.php?op=useradd&addr=' . $a . '&appid=com.' . $a . '&active=1&token=q7q7q7q7q7q7q7q7q7q7q7q7q7q7q7q7q7q7q7q7q7q7q7q7q7q7q7q7q7q7q7q7');
