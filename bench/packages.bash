# What benchmarks need of the machine, for sourcing behind tests/packages.bash.

has cargo || PATH=${CARGO_HOME:-$HOME/.cargo}/bin:$PATH
# Debian keeps servers where a user's shell does not look.
PATH=$PATH:/usr/sbin

# A server that the package's own scripts start would take a port and a core.
install_stopped() {
    local policy=/usr/sbin/policy-rc.d
    if [[ -e $policy ]]; then
        install "$@"
        return
    fi
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod +x "$policy"
    install "$@" || { as_root rm "$policy"; return 1; }
    as_root rm "$policy"
}

packages() {
    local missing=()
    has cargo || { echo "there is no cargo: install Rust first" >&2; exit 1; }
    has cc || missing+=(gcc libc6-dev)
    has nginx || missing+=(nginx-light)
    [[ -e /usr/lib/nginx/modules/ngx_http_lua_module.so ]] || missing+=(libnginx-mod-http-lua)
    compgen -G '/usr/lib/*/lua/5.1/cjson.so' >/dev/null || missing+=(lua-cjson)
    has haproxy || missing+=(haproxy)
    [[ ${#missing[@]} -eq 0 ]] || install_stopped "${missing[@]}"
}

# Room for a thousand clients, and as many connections to upstream.
files() {
    [[ $(ulimit -n) == unlimited || $(ulimit -n) -ge 8192 ]] || ulimit -n 8192
}
