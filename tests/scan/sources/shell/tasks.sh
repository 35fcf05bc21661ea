#!/bin/bash
# curl "https://api.mesibo.com/api.php?op=userdel&token=$TOKEN&uid=1"
URL=https://api.mesibo.com/api.php
curl -s "$URL?op=userdel&token=$TOKEN&uid=$1"
curl -s -G -d op=groupdel -d "token=$TOKEN" --data-urlencode "gid=$2" "$URL"
ANSWER=$(curl -sS --max-time 5 "https://api.mesibo.com/api.php?op=groupadd&token=$TOKEN&name=Team" | jq .group.gid)
curl -d "op=message&token=$TOKEN&from=desk&to=$3&msg=$4" \
    https://api.mesibo.com/api.php
wget -qO- "$URL?op=deltoken&token=$TOKEN&uid=$5"
cat <<EOF
curl "https://api.mesibo.com/api.php?op=userdel&token=T&uid=1"
EOF
curl -H 'Content-Type: application/json' -d '{"op":"userdel","token":"'"$TOKEN"'","user":{"uid":1}}' https://api.mesibo.com/backend/
