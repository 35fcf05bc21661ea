# For scripts to source: is it there, and if not, installs it.

has() { command -v "$1" >/dev/null 2>&1; }

# Package managers talk at length: that is shown only when they fail.
quietly() {
    local output code=0
    output=$("$@" 2>&1 </dev/null) || code=$?
    if [[ $code -ne 0 ]]; then
        printf '%s\n' "$output" >&2
    fi
    return "$code"
}

as_root() {
    if [[ $EUID -eq 0 ]]; then
        env DEBIAN_FRONTEND=noninteractive "$@"
    else
        sudo -n env DEBIAN_FRONTEND=noninteractive "$@"
    fi
}

install() {
    echo "   installing: $*"
    if ! has apt-get; then
        echo "there is no apt-get here: install what corresponds to these Debian packages: $*" >&2
        return 1
    fi
    if [[ $EUID -ne 0 ]] && ! sudo -n true 2>/dev/null; then
        echo "neither root nor sudo without a password: install these packages first: $*" >&2
        return 1
    fi
    quietly as_root apt-get update
    quietly as_root apt-get install -y --no-install-recommends "$@"
}

# For servers that a test starts by itself: Debian starts each one that it installs, now and whenever the machine starts.
install_stopped() (
    policy=/usr/sbin/policy-rc.d
    if [[ $EUID -eq 0 ]] || sudo -n true 2>/dev/null; then
        if [[ ! -e $policy ]]; then
            trap 'as_root rm -f "$policy"' EXIT
            printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
            as_root chmod 755 "$policy"
        fi
    fi
    install "$@"
    if has systemctl; then
        quietly as_root systemctl disable "$@"
    fi
)
