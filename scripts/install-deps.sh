#!/usr/bin/env bash
# Installs what Kiềng needs on Debian 12, from Debian's own packages. Run as root or with sudo.
# Quick, quiet and without the network when everything is there already.
#
#   scripts/install-deps.sh [build|run|test|bench|all]... [--check]
#
#   build    build the server
#   run      build plus what the three-node demo needs
#   test     run plus what scripts/test.sh needs
#   bench    run plus what scripts/bench.sh needs
#   all      everything (the default)
#   --check  only say what is missing; exit code 3 when something is
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib/common.sh
. "$here/lib/common.sh"

build_packages=(
    g++ cmake ninja-build ccache pkg-config
    libboost1.81-dev libboost-url1.81-dev libpqxx-dev libpq-dev nlohmann-json3-dev libspdlog-dev
    libfmt-dev prometheus-cpp-dev libcli11-dev doctest-dev libssl-dev libcrypt-dev zlib1g-dev libqrencode-dev
)
run_packages=(
    postgresql-15 postgresql-client-15 postgresql-contrib
    curl ca-certificates openssl iproute2 util-linux python3
)
test_packages=(
    clang-14 libclang-rt-14-dev clang-format-14 clang-tidy-14 shellcheck
    python3-pytest python3-pytest-xdist python3-psycopg2 python3-yaml
    git strace iptables nodejs npm
)
bench_packages=(wrk nginx-light nodejs npm python3-psycopg2)

only_check=no
groups=()

usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; }

while [ $# -gt 0 ]; do
    case $1 in
        build | run | test | bench | all) groups+=("$1") ;;
        --check) only_check=yes ;;
        --help | -h)
            usage
            exit 0
            ;;
        *) fail 2 "unknown argument $1 (see --help)" ;;
    esac
    shift
done
[ "${#groups[@]}" -gt 0 ] || groups=(all)

wanted=("${build_packages[@]}")
for group in "${groups[@]}"; do
    case $group in
        run) wanted+=("${run_packages[@]}") ;;
        test) wanted+=("${run_packages[@]}" "${test_packages[@]}") ;;
        bench) wanted+=("${run_packages[@]}" "${bench_packages[@]}") ;;
        all) wanted+=("${run_packages[@]}" "${test_packages[@]}" "${bench_packages[@]}") ;;
    esac
done

have dpkg-query || fail 3 "this needs Debian 12 (dpkg is not there); install by hand: ${wanted[*]}"

# Node.js may have come from elsewhere, newer than Debian's: what counts is that the commands are there.
provided_otherwise() {
    case $1 in
        nodejs) have node ;;
        npm) have npm ;;
        *) return 1 ;;
    esac
}

# Prints the wanted packages that are not installed, one per line.
missing_packages() {
    local package
    local -A installed=()
    while read -r package; do
        installed[$package]=yes
    done < <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null |
        sed -n 's/^installed //p')
    for package in $(printf '%s\n' "${wanted[@]}" | sort -u); do
        [ -n "${installed[$package]:-}" ] || provided_otherwise "$package" || printf '%s\n' "$package"
    done
}

mapfile -t missing < <(missing_packages)
if [ "${#missing[@]}" -eq 0 ]; then
    say "packages: all there"
    exit 0
fi
if [ "$only_check" = yes ]; then
    fail 3 "missing packages: ${missing[*]}"
fi

# Debian's default Boost headers are 1.74 and cannot be installed beside 1.81's.
if [[ " ${missing[*]} " == *" libboost1.81-dev "* ]] &&
    dpkg-query -W -f '${db:Status-Status}' libboost1.74-dev 2>/dev/null | grep -qx installed; then
    fail 3 "libboost1.74-dev is installed and cannot stand beside libboost1.81-dev, which Kiềng needs; remove it first: apt-get remove libboost1.74-dev libboost-dev"
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    have sudo || fail 4 "installing packages needs root: run this as root, or install sudo. Missing: ${missing[*]}"
    if ! sudo -n true 2>/dev/null && [ ! -t 0 ]; then
        fail 4 "installing packages needs root, and sudo would ask for a password here. Run 'sudo $0' once. Missing: ${missing[*]}"
    fi
    as_root=(sudo)
fi

# PostgreSQL's package would create and start a server of its own on port 5432: not wanted here.
# A machine that has the package already keeps its ways.
if ! dpkg-query -W -f '${db:Status-Status}' postgresql-15 2>/dev/null | grep -qx installed &&
    [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    "${as_root[@]}" mkdir -p /etc/postgresql-common
    printf '%s\n' '# Kiềng starts its own servers; no cluster is made when the package is installed.' \
        'create_main_cluster = false' |
        "${as_root[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
fi

free=$(free_mib /usr)
[ "$free" -ge 1500 ] || fail 6 "only $free MiB free on /usr: the packages need about 1500 MiB"

apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
        -o Acquire::Retries=3 "$@"
}

say "packages: installing ${missing[*]}"
if ! apt update -qq; then
    fail 3 "apt-get update failed: is the network there? Missing packages: ${missing[*]}"
fi
# The service files of nginx and PostgreSQL are of no use here: policy-rc.d keeps them from starting.
policy=/usr/sbin/policy-rc.d
added_policy=no
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
    added_policy=yes
fi
remove_policy() { [ "$added_policy" = no ] || "${as_root[@]}" rm -f "$policy"; }
trap remove_policy EXIT
if ! apt install -y --no-install-recommends -o Dpkg::Options::=--force-confold "${missing[@]}"; then
    fail 3 "apt-get could not install: ${missing[*]}"
fi
mapfile -t missing < <(missing_packages)
[ "${#missing[@]}" -eq 0 ] || fail 3 "still missing after installing: ${missing[*]}"
say "packages: installed"
