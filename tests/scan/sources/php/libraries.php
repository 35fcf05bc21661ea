<?php
$mesibo = 'https://api.mesibo.com/api.php';
curl_setopt($ch, CURLOPT_POSTFIELDS, "op=userdel&token=$token&uid=$uid");
curl_setopt($ch, CURLOPT_POSTFIELDS, <<<BODY
op=userdel&token={$token}&uid={$uid}
BODY);
$r = $client->request('POST', $mesibo, ['form_params' => ['op' => 'userdel', 'token' => $token, 'uid' => $uid]]);
$r = Http::withHeaders([])->get($mesibo, ['op' => 'userdel', 'token' => $token, 'uid' => $uid]);
$r = Http::get("$mesibo?op=userdel&token={$token}&uid={$user['id']}");
$fields = 'op=userdel'; $fields .= "&token=$token"; $fields .= "&uid=$uid";
$q = http_build_query(compact('op', 'token', 'uid'));
$r = file_get_contents($mesibo . '?' . http_build_query(['op' => 'userdel', 'token' => $token, 'uid' => $uid]));
$r = file_get_contents(sprintf('%s?%s', $mesibo, http_build_query(['op' => 'userdel', 'token' => $token, 'uid' => $uid])));
$uri = new Uri($mesibo); $uri = $uri->withQuery('op=userdel&token=' . $token . '&uid=' . $uid);
$data['op'] = 'userdel'; $data['token'] = $token; $data['uid'] = $uid; post($mesibo, $data);
$r = wp_remote_get(add_query_arg(array('op' => 'userdel', 'token' => $token, 'uid' => $uid), $mesibo));
$r = wp_remote_get(add_query_arg('op', 'userdel', $mesibo));
$o = new stdClass; $o->op = 'userdel'; $o->token = $token; $o->uid = $uid; send($o);
foreach ($ids as $id) { file_get_contents($mesibo . "?op=userdel&token=$token&uid=$id"); }
