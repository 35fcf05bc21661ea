<?php
// Calls of mesibo whose operation, address or parameters depend on the way that the program takes.
function one($op, $t) { return file_get_contents("https://api.mesibo.com/api.php?op=$op&token=$t&uid=7"); }
function two($t) { $op = 'userdel'; one($op, $t); }
function three($x, $t) { $op = 'userdel'; if ($x) $op = 'deltoken'; return file_get_contents("https://api.mesibo.com/api.php?op=$op&token=$t&uid=7"); }
function four($t) { foreach (['userdel', 'deltoken'] as $op) { file_get_contents("https://api.mesibo.com/api.php?op=$op&token=$t&uid=7"); } }
function five($base, $t) { return file_get_contents($base . "?op=userdel&token=$t&uid=7"); }
function six($t) { $base = 'https://api.mesibo.com/api.php'; return five($base, $t); }
class A { private $op = 'userdel'; function f($t) { $op = pick(); return file_get_contents("https://api.mesibo.com/api.php?op={$this->op}&token=$t&uid=7"); }
 function g($t) { return file_get_contents("https://api.mesibo.com/api.php?op=$op&token=$t&uid=7"); } }
function seven($x, $t) { if ($x) { $u = 'https://api.mesibo.com/api.php'; } else { $u = 'https://other.example/api.php'; } return file_get_contents($u . "?op=userdel&token=$t&uid=7"); }
function eight($t, $u) { $q = ['op' => 'userdel', 'token' => $t, 'uid' => $u]; unset($q['uid']); return Http::get('https://api.mesibo.com/api.php', $q); }
function nine($t, $u) { return file_get_contents('https://api.mesibo.com/api.php?op=userdel&token=' . $t . '&uid=' . $u . ($x ? '&id=1' : '')); }
function ten($t, $u) { return file_get_contents('https://api.mesibo.com/api.php?op=userdel&token=' . $t . '&uid=' . $u . "&$more"); }
function eleven($t, $u) { return file_get_contents('https://api.mesibo.com/api.php?op=userdel&token=' . $t . '&uid=0' . $u); }
function twelve($t) { return file_get_contents('https://api.mesibo.com/api.php?op=userdel&token=' . $t . '&uid=' . 010); }
function thirteen($t) { return file_get_contents('https://api.mesibo.com/api.php?op=userdel&token=' . $t . '&uid=010'); }
function fourteen($t) { return file_get_contents('https://api.mesibo.com/api.php?op=useradd&token=' . $t . '&addr=' . 1e3 . '&appid=' . 0x10); }
function fifteen($t, $u) { return file_get_contents("https://api.mesibo.com/api.php?op=userdel&token=$t&uid=" . $u++); }
