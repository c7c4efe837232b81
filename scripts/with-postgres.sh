#!/usr/bin/env bash
# Runs a command beside a private, throw-away PostgreSQL and removes every trace of it afterwards.
#
#   scripts/with-postgres.sh [--durable] [--max-connections N] COMMAND [ARGUMENT...]
#
# The command finds KIENG_TEST_DB, a libpq connection string of a superuser on that server. It listens
# on 127.0.0.1 on a port of its own. The exit code is the command's.
#   --durable            keep fsync on (it is off by default: a lost test database is no loss)
#   --max-connections N  200 by default
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib/common.sh
. "$here/lib/common.sh"
# shellcheck source=lib/postgres.sh
. "$here/lib/postgres.sh"

durable=off
max_connections=200
root=
server_pid=
command_pid=

usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; }

read_arguments() {
    while [ $# -gt 0 ]; do
        case $1 in
            --durable) durable=on ;;
            --max-connections)
                max_connections=${2:-}
                case $max_connections in '' | *[!0-9]*) fail 2 "--max-connections needs a number" ;; esac
                shift
                ;;
            --help | -h)
                usage
                exit 0
                ;;
            --)
                shift
                break
                ;;
            -*) fail 2 "unknown option $1 (see --help)" ;;
            *) break ;;
        esac
        shift
    done
    [ $# -gt 0 ] || fail 2 "which command? (see --help)"
    command_line=("$@")
}

clean_up() {
    trap - EXIT
    trap '' INT TERM HUP
    if [ -n "$command_pid" ] && kill -0 "$command_pid" 2>/dev/null; then
        kill -TERM "$command_pid" 2>/dev/null || true
        wait "$command_pid" 2>/dev/null || true
    fi
    if [ -n "$server_pid" ]; then
        # Nothing in it is worth an orderly end: immediate shutdown.
        kill -QUIT "$server_pid" 2>/dev/null || true
        wait "$server_pid" 2>/dev/null || true
    fi
    [ -z "$root" ] || rm -rf -- "$root"
}

# A directory in memory when there is room for a few test databases, else on disk.
make_root() {
    local base=${TMPDIR:-/tmp} leftover
    if [ "$durable" = off ] && [ -w /dev/shm ] && [ "$(free_mib /dev/shm)" -ge 1024 ]; then
        base=/dev/shm
    fi
    # What a killed run left behind: its directory carries the pid of the script that made it.
    for leftover in "$base"/kieng-pg.*.*; do
        [ -O "$leftover" ] || continue
        [[ $leftover =~ /kieng-pg\.([0-9]+)\. ]] || continue
        [ -e "/proc/${BASH_REMATCH[1]}" ] || rm -rf -- "$leftover"
    done
    [ "$(free_mib "$base")" -ge 200 ] || fail 6 "less than 200 MiB free in $base"
    root=$(mktemp -d "$base/kieng-pg.$$.XXXXXX") || fail 1 "cannot make a directory in $base"
    chmod 711 -- "$root"
    pg_make_directory "$root/data" || fail 4 "user $pg_user cannot use $root"
}

initialise() {
    local password=$1
    if ! pg_init "$root/data" md5 postgres "$password" --no-sync >"$root/log" 2>&1; then
        show_tail "$root/log"
        fail 1 "initdb failed"
    fi
    pg_configure "$root/data" <<EOF
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = $max_connections
shared_buffers = 64MB
dynamic_shared_memory_type = $(pg_shared_memory_type)
fsync = $durable
synchronous_commit = $durable
full_page_writes = $durable
max_wal_size = 2GB
autovacuum_naptime = 10s
timezone = 'UTC'
log_timezone = 'UTC'
EOF
}

# Another process may take the port between the look and the bind: then another port is tried.
start_server() {
    for _ in 1 2 3 4 5; do
        port=$(free_port 20000 10000) || fail 5 "no free port between 20000 and 29999"
        # --pdeathsig: should this script be killed outright, the server goes with it.
        (cd / && exec "${pg_as[@]}" setpriv --pdeathsig QUIT \
            "$pg_bin/postgres" -D "$root/data" -p "$port") >>"$root/log" 2>&1 </dev/null &
        server_pid=$!
        ! pg_wait_ready "$root/data" "$server_pid" 60 || return 0
        kill -QUIT "$server_pid" 2>/dev/null || true
        wait "$server_pid" 2>/dev/null || true
        server_pid=
        grep -q 'could not bind' "$root/log" || break
    done
    show_tail "$root/log"
    fail 1 "PostgreSQL did not start"
}

# The command keeps this script's input, gets Ctrl-C as if started by hand, and never outlives the script.
run_command() {
    local status=0
    setpriv --pdeathsig TERM env --default-signal=INT,QUIT "${command_line[@]}" <&0 &
    command_pid=$!
    wait "$command_pid" || status=$?
    command_pid=
    return "$status"
}

read_arguments "$@"
pg_find || fail 3 "PostgreSQL 15 or later is not installed: run scripts/install-deps.sh"
have ss || fail 3 "ss (package iproute2) is not installed: run scripts/install-deps.sh"
pg_choose_user "" || fail 4 "PostgreSQL cannot run as root, and there is no user postgres or nobody to run it as"
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP
make_root
password=$(random_hex 16)
initialise "$password"
start_server
export KIENG_TEST_DB="host=127.0.0.1 port=$port user=postgres password=$password dbname=postgres"
status=0
run_command || status=$?
exit "$status"
