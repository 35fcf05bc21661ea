<?php
$url = MESIBO_BASE . '?op=groupset&token=' . $token;
$url .= '&gid=' . $gid;
if ($name) {
    $url .= '&name=' . rawurlencode($name);
}
$mesibo = file_get_contents($url);
