<?php
function dropToken($uid) {
	$ch = curl_init();
	curl_setopt($ch, CURLOPT_URL, sprintf('https://api.mesibo.com/api.php?op=deltoken&token=%s&uid=%d', APP_TOKEN, $uid));
	curl_setopt($ch, CURLOPT_RETURNTRANSFER, 1);
	return curl_exec($ch);
}
