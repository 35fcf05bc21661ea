#!/bin/bash
API=https://api.mesibo.com/api.php
curl -sG "$API" --data-urlencode "op=groupdel" --data-urlencode "token=$TOKEN" --data-urlencode "gid=$1"
curl -s "$API" -d op=userdel -d "token=$TOKEN" -d uid="$1" | jq .
wget -qO- "$API?op=userdel&token=$TOKEN&uid=$1"
wget --post-data="op=userdel&token=$TOKEN&uid=$1" -O - "$API"
params="op=userdel&token=$TOKEN"
params="$params&uid=$1"
curl -s "$API?$params"
http GET "$API" op==userdel token==$TOKEN uid==$1
remove() {
    curl --silent --request POST \
        --url "$API" \
        --form op=userdel \
        --form "token=${TOKEN:?}" \
        --form "uid=$1"
}
mesibo() { curl -s "$API?op=$1&token=$TOKEN&$2"; }
mesibo userdel "uid=$1"
cat <<EOF
curl https://api.mesibo.com/api.php?op=userdel&token=x&uid=1
EOF
curl -X POST "$API" \
  -H "Content-Type: application/x-www-form-urlencoded" \
  -d "op=groupadd" \
  -d "token=$TOKEN" \
  -d "name=Team"
