#!/usr/bin/env bash
# Fills a private, throw-away PostgreSQL with a million products and measures every reading statement of the catalogue on it.
#
#   bench/explain-million.sh [--goods N] [--repeats N] [--plans FILE]
#
# Prints docs/CATALOG-PLANS.md's table: median, p95 and maximum per kind of request over N random parameters each (60), and which
# indexes the slowest one read. --plans writes EXPLAIN (ANALYZE, BUFFERS) of each kind's slowest request to FILE. Takes about ten minutes
# and 4 GiB. The exit code is 1 when a p95 is over 20 ms.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
goods=1000000
repeats=60
plans=
inside=

while [ $# -gt 0 ]; do
    case $1 in
        --goods) goods=$2; shift ;;
        --repeats) repeats=$2; shift ;;
        --plans) plans=$2; shift ;;
        --inside) inside=yes ;;
        *) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; exit 2 ;;
    esac
    shift
done

if [ -z "$inside" ]; then
    cmake --preset release >/dev/null
    cmake --build "$here/build/release" --target kieng_catalog_plans >&2
    exec "$here/scripts/with-postgres.sh" "$0" --inside --goods "$goods" --repeats "$repeats" --plans "$plans"
fi

export PGOPTIONS="-c client_min_messages=warning"
for file in "$here"/node/migrations/V*.sql; do
    psql "$KIENG_TEST_DB" --quiet --no-psqlrc --set ON_ERROR_STOP=1 --file "$file" >/dev/null
done
psql "$KIENG_TEST_DB" --quiet --no-psqlrc --set goods="$goods" --file "$here/bench/sql/million.sql" >/dev/null
# As the node's own sessions are set.
export PGOPTIONS="-c jit=off -c max_parallel_workers_per_gather=0"
KIENG_PLANS=$plans "$here/build/release/bin/kieng_catalog_plans" "$repeats"
