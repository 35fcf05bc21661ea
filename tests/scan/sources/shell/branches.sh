#!/bin/sh
API=https://api.mesibo.com/api.php
if [ -n "$X" ]; then API=https://other.example/api.php; fi
curl "$API?op=userdel&token=$T&uid=$1"
OP=userdel
[ -n "$Y" ] && OP=deltoken
curl "https://api.mesibo.com/api.php?op=$OP&token=$T&uid=$1"
for OP in userdel deltoken; do curl "https://api.mesibo.com/api.php?op=$OP&token=$T&uid=$1"; done
curl "https://api.mesibo.com/api.php?op=userdel&token=$T&uid=010"
curl "https://api.mesibo.com/api.php?op=userdel&token=$T&uid=$1" > out.json 2>&1
curl "https://api.mesibo.com/api.php?op=userdel&token=$T&uid=$1" -d @more.txt
curl -d "op=userdel&token=$T&uid=$1" -b cookies https://api.mesibo.com/api.php
curl -d @params.txt https://api.mesibo.com/api.php
