#!/usr/bin/env bash
# Kind: a shell script of somebody's cron job: curl in every way that people call it, answers read
# with grep and sed. -f makes curl fail, without the body, on any status from 400 on.
set -euo pipefail

api=$GATEWAY/api.php
token=sandbox-curl
appid=com.example.cron
text=$'Hi "Ben" & \'all\': 50% off + more\nsee you 🎉 {ok}'

fail() {
    echo "client.sh: $*" >&2
    exit 1
}

request() { curl -fsS --max-time 30 "$@"; }

# How it is sent is the first word; the parameters are name=value.
call() {
    local how=$1 op=$2 params=()
    shift 2
    for param in "op=$op" "token=$token" "$@"; do
        case $how in
        body) params+=(--data-urlencode "$param") ;;
        plain) params+=(-d "$param") ;;
        query) params+=(--data-urlencode "$param") ;;
        parts) params+=(-F "$param") ;;
        esac
    done
    if [[ $how == query ]]; then
        params+=(-G)
    fi
    request "$api" "${params[@]}" || fail "$op ($how): curl ended with $?"
}

ok() {
    local answer
    answer=$(call "$@") || exit 1
    if ! grep -q '"result": *true' <<<"$answer"; then
        fail "$2 ($1): $answer"
    fi
    printf '%s' "$answer"
}

count_members() { { grep -o '"address"' || true; } | wc -l; }

number() { sed -n "s/.*\"$1\": *\([0-9][0-9]*\).*/\1/p"; }

# What the receiver's phone does, without any part of the old code.
logs_in() { request -X POST "$SANDBOX/sandbox/login?token=$1&appid=$appid" >/dev/null 2>&1; }

ana=$(ok plain useradd "addr=ana" "appid=$appid" | number uid)
added=$(ok query useradd "addr=ben" "appid=$appid" "name=Ben O'Neil")
ben=$(number uid <<<"$added")
access=$(sed -n 's/.*"token": *"\([^"]*\)".*/\1/p' <<<"$added")
[[ -n $ana && -n $ben && -n $access ]] || fail "no uid or token in $added"
logs_in "$access" || fail "the token does not log in"
[[ $(ok parts userset "uid=$ben" "flag=0" "active=1" | number uid) == "$ben" ]] || fail "userset: another uid"

gid=$(ok query groupadd "name=Night shift" "flag=0x20" | number gid)
[[ -n $gid ]] || fail "groupadd: no gid"
ok plain groupeditmembers "gid=$gid" "m=ana,ben" "cs=1" "cr=1" "delete=0" >/dev/null
members=$(ok query getmembers "gid=$gid" "count=20" | count_members)
[[ $members == 2 ]] || fail "getmembers: $members members instead of 2"

ok body message "from=ana" "to=ben" "msg=$text" >/dev/null
ok parts message "from=ana" "gid=$gid" "msg=$text" >/dev/null
ok query message "from=ana" "to=ben" "msg=$text" >/dev/null
inbox=$(request "$SANDBOX/sandbox/inbox?app=$token&address=ben")
shown='"message":"Hi \"Ben\" & '\''all'\'': 50% off + more\nsee you 🎉 {ok}"'
arrived=$({ grep -oF -- "$shown" <<<"$inbox" || true; } | wc -l)
[[ $arrived == 3 ]] || fail "$arrived messages instead of 3 on the phone: $inbox"

# As one Node program did it: DELETE with the JSON API's body, its op and token once more in the query.
body="{\"op\":\"groupeditmembers\",\"token\":\"$token\",\"group\":{\"gid\":$gid,\"members\":{\"m\":\"ben\",\"remove\":1}}}"
answer=$(request -X DELETE -H 'Content-Type: application/json' -d "$body" \
    "$GATEWAY/backend?op=groupeditmembers&token=$token") || fail "DELETE: curl ended with $?"
grep -q '"result": *true' <<<"$answer" || fail "DELETE: $answer"
members=$(ok query getmembers "gid=$gid" | count_members)
[[ $members == 1 ]] || fail "$members members instead of 1 after DELETE"
ok body groupeditmembers "gid=$gid" "m=ana" "delete=1" >/dev/null
members=$(ok query getmembers "gid=$gid" | count_members)
[[ $members == 0 ]] || fail "$members members instead of none after delete=1"

ok plain deltoken "uid=$ben" >/dev/null
if logs_in "$access"; then fail "a deleted token still logs in"; fi
[[ $(ok parts groupdel "gid=$gid" | number gid) == "$gid" ]] || fail "groupdel: another gid"
ok query deluser "uid=$ana" >/dev/null
[[ $(ok plain deluser "uid=$ben" | number uid) == "$ben" ]] || fail "deluser: another uid"

# A failing call: the script reads the code behind "error", which only a 200 lets it see.
error=$(call plain usersget "count=20" | sed -n 's/.*"error": *"\([A-Z]*\)".*/\1/p')
[[ $error == BADOP ]] || fail "usersget: expected BADOP, got '$error'"
