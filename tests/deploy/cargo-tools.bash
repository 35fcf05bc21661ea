# For scripts to source, after tools.bash: programs that cargo builds, each in its version, under
# `${CARGO_TARGET_DIR:-target}/deploy-tools`.
#
#   deploy_cargo cargo-auditable   these are on the PATH, in this script and in what it starts
#   deploy_static [PROGRAM]        $deploy_static is the program as it is given out: that one, or what deploy/build
#                                  makes of these sources, which costs nothing if it has done so before

deploy_cargo_version() {
    case $1 in
        cargo-auditable) echo 0.7.7 ;;
        *) echo "no version of $1 is named here: add it" >&2; return 1 ;;
    esac
}

deploy_cargo() {
    local tool version
    for tool in "$@"; do
        version=$(deploy_cargo_version "$tool") || return 1
        # cargo itself keeps account of what it has installed there, and holds a lock meanwhile.
        grep -qs "\"$tool $version " "$deploy_tools/.crates2.json" && [[ -x $deploy_tools/bin/$tool ]] ||
            # Its own flags and folder, so that nothing of ours goes into it.
            quietly env -u CARGO_TARGET_DIR -u RUSTFLAGS \
                cargo install --locked --root "$deploy_tools" "$tool@$version" || {
            echo "$tool $version could not be built: cargo install --locked $tool@$version" >&2
            return 1
        }
    done
    case ":$PATH:" in
        *":$deploy_tools/bin:"*) ;;
        *) export PATH="$deploy_tools/bin:$PATH" ;;
    esac
}

deploy_static() {
    if [[ $# -gt 0 ]]; then
        deploy_static=$(realpath -e "$1") || return 1
        return 0
    fi
    has cargo || PATH=${CARGO_HOME:-$HOME/.cargo}/bin:$PATH
    # Without it the program would be another one, and a release would compile it once more.
    deploy_cargo cargo-auditable || return 1
    (cd "$deploy_here/../.." && deploy/build --quiet) || return 1
    # shellcheck disable=SC2034 # for whoever sources this
    deploy_static=$(dirname "$deploy_tools")/deploy/release/mesigate
}
