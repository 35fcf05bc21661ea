#!/bin/sh
# Needs curl 7.76 or later, and the app token in the environment variable MESIBO_APP_TOKEN.
«needs»
set -eu
: "${MESIBO_APP_TOKEN:?is not set: put your app token there}"

«variables»
# By a pipe and not as an argument, which every user of the machine could read.
answer=$(printf '%s' «payload» |
    curl --silent --show-error --fail-with-body --max-time 30 --header 'Content-Type: application/json' \
        --data-binary @- «url») || {
    printf '%s\n' "$answer" >&2
    exit 1
}

if ! printf '%s' "$answer" | grep -Eq '"result"[[:space:]]*:[[:space:]]*true'; then
    printf '%s\n' "$answer" >&2
    exit 1
fi
# mesibo's answers may hold the app token: in your own program, take what you need and log no more.
printf '%s\n' "$answer"
