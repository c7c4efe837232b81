#!/usr/bin/env bash
# Fills a private PostgreSQL with a million products and measures the catalogue on it: every reading statement, what its indexes cost
# writers, and how much memory a node takes that reads them all.
#
#   bench/explain-million.sh [--goods N] [--repeats N] [--plans FILE] [--data FOLDER] [--buffers SIZE]
#
#   --goods N      so many products (1000000)
#   --repeats N    so many random requests of each kind (60)
#   --plans FILE   EXPLAIN (ANALYZE, BUFFERS) of each kind's slowest request goes there
#   --data FOLDER  keep the filled database there and use it again; otherwise it is made anew and removed
#   --buffers SIZE shared_buffers of PostgreSQL (2GB)
#
# Prints the tables of docs/CATALOG-PLANS.md. Filling takes about five minutes and 4 GiB, measuring three. The exit code is 1 when a p95 is
# over 20 ms or a node takes more memory than promised, 2 wrong use, 3 a tool is missing, 4 not enough rights, 6 disk full.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib/common.sh
. "$here/scripts/lib/common.sh"
# shellcheck source=scripts/lib/postgres.sh
. "$here/scripts/lib/postgres.sh"

goods=1000000 repeats=60 plans='' data='' buffers=2GB
server_pid='' temporary=''

while [ $# -gt 0 ]; do
    case $1 in
        --goods | --repeats | --plans | --data | --buffers)
            [ -n "${2:-}" ] || fail 2 "$1 needs a value"
            printf -v "${1#--}" '%s' "$2"
            shift
            ;;
        *) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; exit 2 ;;
    esac
    shift
done

clean_up() {
    trap - EXIT
    trap '' INT TERM HUP
    if [ -n "$server_pid" ]; then
        kill -INT "$server_pid" 2>/dev/null || true
        wait "$server_pid" 2>/dev/null || true
    fi
    [ -z "$temporary" ] || rm -rf -- "$temporary"
}

start_postgres() {
    local port password
    if [ ! -e "$data/password" ]; then
        pg_make_directory "$data/cluster" || fail 4 "user $pg_user cannot use $data"
        random_hex 16 >"$data/password"
        chmod 600 "$data/password"
        pg_init "$data/cluster" md5 postgres "$(cat "$data/password")" --no-sync >"$data/log" 2>&1 || fail 1 "initdb failed: see $data/log"
        pg_configure "$data/cluster" <<END
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 60
fsync = off
synchronous_commit = off
full_page_writes = off
max_wal_size = 4GB
autovacuum = off
timezone = 'UTC'
END
    fi
    port=$(free_port 20000 10000) || fail 5 "no free port between 20000 and 29999"
    password=$(cat "$data/password")
    (cd / && exec "${pg_as[@]}" setpriv --pdeathsig QUIT "$pg_bin/postgres" -D "$data/cluster" -p "$port" -c "shared_buffers=$buffers") \
        >>"$data/log" 2>&1 </dev/null &
    server_pid=$!
    pg_wait_ready "$data/cluster" "$server_pid" 60 || { show_tail "$data/log"; fail 1 "PostgreSQL did not start"; }
    export KIENG_TEST_DB="host=127.0.0.1 port=$port user=postgres password=$password dbname=postgres"
    export DB_HOST=127.0.0.1 DB_PORT=$port DB_USER=postgres DB_PASSWORD=$password DB_NAME=postgres DB_SSLMODE=disable
}

query() { psql "$KIENG_TEST_DB" --quiet --no-psqlrc --set ON_ERROR_STOP=1 "$@"; }

fill() {
    [ ! -e "$data/filled" ] || [ "$(cat "$data/filled")" != "$goods" ] || return 0
    [ ! -e "$data/filled" ] || fail 2 "$data holds $(cat "$data/filled") products: give --goods so, or another folder"
    [ "$(free_mib "$data")" -ge 6000 ] || fail 6 "less than 6000 MiB free in $data"
    say "Filling $goods products ..." >&2
    KIENG_ENV_FILE=/dev/null "$bin/kieng-node" migrate >"$data/migrate.log" 2>&1 || { show_tail "$data/migrate.log"; fail 1 "the schema could not be made"; }
    query --set goods="$goods" --file "$here/bench/sql/million.sql" >/dev/null
    printf '%s' "$goods" >"$data/filled"
}

pg_find || fail 3 "PostgreSQL 15 or later is not installed: run scripts/install-deps.sh"
for tool in ss psql wrk cmake; do have "$tool" || fail 3 "$tool is missing: run scripts/install-deps.sh bench"; done
pg_choose_user "${data:+$data/cluster}" || fail 4 "PostgreSQL cannot run as root, and there is no user postgres or nobody to run it as"
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP
bin=$here/build/release/bin
cmake -S "$here" --preset release >/dev/null
cmake --build "$here/build/release" --target kieng_catalog_plans kieng-node >&2
if [ -z "$data" ]; then
    data=$(mktemp -d "${TMPDIR:-/tmp}/kieng-million.XXXXXX")
    temporary=$data
fi
mkdir -p -- "$data"
data=$(realpath -- "$data")
chmod 711 -- "$data"
export PGOPTIONS="-c client_min_messages=warning"
start_postgres
fill

status=0
# As a server is that has run for a while: what is read often lies in its memory.
query --command "CREATE EXTENSION IF NOT EXISTS pg_prewarm" \
    --command "SELECT pg_prewarm(c.oid) FROM pg_class c WHERE c.relname ~ '^(product|variant)' AND c.relkind IN ('r', 'i')" >/dev/null
printf '## Reads\n\n'
# As the node's own sessions are set.
PGOPTIONS="-c jit=off -c max_parallel_workers_per_gather=0" KIENG_PLANS=$plans "$bin/kieng_catalog_plans" "$repeats" || status=1
printf '\n## Writes\n\n'
query --file "$here/bench/sql/write-cost.sql"
printf '\n## Memory\n\n'
/usr/bin/python3 -B "$here/bench/memory.py" "$bin/kieng-node" || status=1
exit "$status"
