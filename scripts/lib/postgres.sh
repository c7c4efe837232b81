# shellcheck shell=bash
# A private PostgreSQL cluster in a directory of our own: made, started and stopped without the
# system's own cluster, by an unprivileged user even when the script runs as root.
# Sourced after common.sh. Listens on 127.0.0.1 only; no socket file, so the path may be long.

# Sets pg_bin to the directory of the newest server binaries (15 or later).
pg_find() {
    local dir
    pg_bin=
    for dir in /usr/lib/postgresql/*/bin; do
        if [ ! -x "$dir/initdb" ] || [ ! -x "$dir/postgres" ]; then continue; fi
        case $dir in /usr/lib/postgresql/[0-9]/* | /usr/lib/postgresql/1[0-4]/*) continue ;; esac
        pg_bin=$dir
    done
    [ -n "$pg_bin" ] || return 1
}

# Sets pg_user, who the server runs as (PostgreSQL refuses to run as root), and pg_as, the command
# prefix that becomes that user. With a directory that exists already, its owner goes on owning it.
pg_choose_user() {
    local dir=${1:-} name
    pg_as=()
    pg_user=$(id -u)
    [ "$pg_user" -eq 0 ] || return 0
    for name in $([ ! -d "$dir" ] || stat -L -c %u -- "$dir") postgres nobody; do
        pg_user=$(id -u "$name" 2>/dev/null) || continue
        [ "$pg_user" -ne 0 ] || continue
        pg_as=(setpriv "--reuid=$pg_user" "--regid=$(id -g "$pg_user")" --clear-groups
            --no-new-privs env HOME=/)
        return 0
    done
    return 1
}

# Runs a command as pg_user, in a directory that user may enter.
as_pg_user() { (cd / && exec "${pg_as[@]}" "$@"); }

# Makes a directory owned by pg_user and says whether that user can reach it.
pg_make_directory() {
    local dir=$1
    mkdir -p -- "$dir" && chmod 700 -- "$dir" || return 1
    [ "$(stat -c %u -- "$dir")" = "$pg_user" ] || chown -- "$pg_user" "$dir" || return 1
    as_pg_user test -w "$dir" && as_pg_user test -x "$dir"
}

# pg_init DIR METHOD SUPERUSER PASSWORD [initdb options...]: METHOD is scram-sha-256 or md5.
pg_init() {
    local dir=$1 method=$2 superuser=$3 password=$4 status=0 secret
    shift 4
    secret=$(mktemp) || return 1
    printf '%s\n' "$password" >"$secret"
    [ "$pg_user" = "$(id -u)" ] || chown -- "$pg_user" "$secret"
    as_pg_user "$pg_bin/initdb" --pgdata="$dir" --encoding=UTF8 --locale=C.UTF-8 \
        --auth="$method" --username="$superuser" --pwfile="$secret" "$@" || status=$?
    rm -f -- "$secret"
    return "$status"
}

# Appends settings ("name = value" per line on stdin) to the cluster's configuration.
pg_configure() { as_pg_user tee -a "$1/postgresql.conf" >/dev/null; }

# The shared memory of parallel queries lives in /dev/shm, which containers keep very small.
pg_shared_memory_type() {
    if [ -w /dev/shm ] && [ "$(free_mib /dev/shm)" -ge 256 ]; then echo posix; else echo mmap; fi
}

# Waits until the server started as process PID on DIR takes connections. Returns 1 when it ended or
# did not come in time. The pid is compared because a crashed server leaves its last word behind.
pg_wait_ready() {
    local dir=$1 pid=$2 deadline=$((SECONDS + $3)) state
    while :; do
        # First and eighth line of postmaster.pid: whose it is, and the server's own word on its state.
        state=$(sed -n '1p;8p' "$dir/postmaster.pid" 2>/dev/null | tr -d ' ' | tr '\n' ' ') || true
        [ "$state" != "$pid ready " ] || return 0
        kill -0 "$pid" 2>/dev/null || return 1
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.02
    done
}
