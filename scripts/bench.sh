#!/usr/bin/env bash
# Measures Kiềng beside nginx, pgbench and Express on this machine and prints the ratios. Installs and builds what is missing.
#
#   scripts/bench.sh [OPTIONS]
#
#   --quick          1 round, 3 s per point: about 3 minutes. Otherwise 3 rounds of 8 s: about 40 minutes
#   --rounds N       so many alternating rounds
#   --seconds N      so long per point
#   --only NAME      only this section, operation or extra; may be repeated. Sections: cached, uncached, writes;
#                    extras: login, memory, start; operations are named in bench/yard/plan.py
#   --conns LIST     so many clients for nginx, Express and Kiềng, for example 1,64
#   --products N     so many products (10000)
#   --pool N         so many database connections for each server (8)
#   --binary FILE    measure this kieng-node instead of building one
#   --out FOLDER     where the results go (build/bench)
#
# Writes results.md, results.json, results.svg and points.jsonl. How to read them: bench/README.md. Everything it starts
# listens on 127.0.0.1 only and is stopped at the end, whatever the end is. The machine should have nothing else to do.
#
# Exit codes: 1 failed, or our answers held errors, 2 wrong use, 3 a tool is missing, 4 not enough rights, 6 disk full.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
top=$(dirname -- "$here")
# shellcheck source=lib/common.sh
. "$here/lib/common.sh"
# shellcheck source=lib/steps.sh
. "$here/lib/steps.sh"

python=/usr/bin/python3 # Debian's
out=$top/build/bench
binary=
passed_on=()

usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; }

read_arguments() {
    while [ $# -gt 0 ]; do
        case $1 in
            --quick) passed_on+=(--quick) ;;
            --rounds | --seconds | --only | --conns | --products | --pool)
                [ -n "${2:-}" ] || fail 2 "$1 needs a value (see --help)"
                passed_on+=("$1" "$2")
                shift
                ;;
            --binary)
                [ -x "${2:-}" ] || fail 2 "--binary needs a program"
                binary=$(realpath -- "$2")
                shift
                ;;
            --out)
                [ -n "${2:-}" ] || fail 2 "--out needs a folder"
                out=$(realpath -m -- "$2")
                shift
                ;;
            --help | -h)
                usage
                exit 0
                ;;
            *) fail 2 "unknown argument $1 (see --help)" ;;
        esac
        shift
    done
}

on_exit() {
    local status=$?
    trap - EXIT
    trap '' INT TERM HUP
    [ "$step_open" = no ] || printf '\n'
    stop_child
    exit "$status"
}

install_packages() {
    step_begin "packages"
    "$here/install-deps.sh" bench >"$work/install.log" 2>&1 || step_failed "$work/install.log" "the packages could not be installed"
    step_end "done"
}

build_server() {
    local log=$work/build.log status=0
    binary=$top/build/release/bin/kieng-node
    step_begin "build (release)"
    : >"$log"
    [ -e "$top/build/release/build.ninja" ] ||
        run_logged "$log" cmake -S "$top" --preset release || step_failed "$log" "the build cannot be configured"
    run_logged "$log" cmake --build "$top/build/release" --target kieng-node || status=$?
    if [ "$status" -ne 0 ] || [ ! -x "$binary" ]; then step_failed "$log" "the build failed"; fi
    step_end "done"
}

# Express lives beside the results, not in the source tree; its versions are those of the lock file.
install_express() {
    local folder=$work/express
    step_begin "Express"
    mkdir -p -- "$folder"
    cp -- "$top"/bench/express/*.js* "$folder/"
    if ! cmp -s -- "$folder/package-lock.json" "$folder/node_modules/.installed"; then
        run_logged "$work/express.log" npm ci --prefix "$folder" --no-audit --no-fund ||
            step_failed "$work/express.log" "Express could not be installed"
        cp -- "$folder/package-lock.json" "$folder/node_modules/.installed"
    fi
    step_end "done"
}

read_arguments "$@"
work=$top/build/bench
mkdir -p -- "$work" "$out"
exec 9>"$work/lock"
flock -n 9 || fail 1 "another bench.sh is at work here"
[ "$(free_mib "$work")" -ge 4000 ] || fail 6 "less than 4000 MiB free on the disk of $top"
trap on_exit EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP
install_packages
[ -n "$binary" ] || build_server
install_express
trap - EXIT
ulimit -n 16384 2>/dev/null || ulimit -n "$(ulimit -Hn)"
exec "$here/with-postgres.sh" --durable --max-connections 200 -- \
    "$python" -B "$top/bench/bench.py" --binary "$binary" --modules "$work/express" --out "$out" "${passed_on[@]}"
