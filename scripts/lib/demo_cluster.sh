# shellcheck shell=bash
# The three nodes and the PostgreSQL of scripts/run-three-nodes.sh: where things lie, how each is
# started, found and stopped. Sourced after common.sh and postgres.sh.
#
# Everything is below $run_dir:
#   env            generated settings and secrets, shared by the nodes (mode 600)
#   credentials    the demo logins (mode 600)
#   pg/            the data of PostgreSQL (a link elsewhere when its user cannot enter this folder)
#   *.log, *.pid   one of each per process

node_ids=(server-a server-b server-c)

# The nodes listen on base_port and the next two: KIENG_BASE_PORT, else where they were started last
# and not stopped since, else 4000.
cluster_paths() {
    run_dir=$1
    env_file=$run_dir/env
    credentials_file=$run_dir/credentials
    pg_data=$run_dir/pg
    base_port=${KIENG_BASE_PORT:-$(cat -- "$run_dir/base-port" 2>/dev/null || echo 4000)}
    case $base_port in
        *[!0-9]* | '') fail 2 "KIENG_BASE_PORT must be a port number, for example 4000" ;;
    esac
    if [ "$base_port" -lt 1 ] || [ "$base_port" -gt 65533 ]; then
        fail 2 "KIENG_BASE_PORT must lie between 1 and 65533"
    fi
}

node_index() {
    local i
    for i in 0 1 2; do
        if [ "${node_ids[i]}" = "$1" ]; then
            echo "$i"
            return 0
        fi
    done
    return 1
}

node_port() { echo $((base_port + $(node_index "$1"))); }
node_url() { echo "http://127.0.0.1:$(node_port "$1")"; }
node_pid() { pid_of "$run_dir/$1.pid"; }
postgres_pid() { pid_of "$run_dir/postgres.pid"; }

node_is_ready() {
    curl --noproxy '*' -fs -o /dev/null -m 1 "$(node_url "$1")/ready" 2>/dev/null
}

count_running_nodes() {
    local id n=0
    for id in "${node_ids[@]}"; do
        if node_pid "$id" >/dev/null; then n=$((n + 1)); fi
    done
    echo "$n"
}

# --- settings ----------------------------------------------------------------------------------

# One KEY=value per line; the values need no quoting. Read by this script and by the nodes alike.
read_setting() { sed -n "s/^$2=//p" "$1" | head -n 1; }

make_settings() {
    [ ! -s "$env_file" ] || return 0
    [ ! -e "$pg_data/PG_VERSION" ] ||
        fail 1 "$env_file is gone but its database is still there: start over with --fresh"
    (
        umask 077
        cat >"$env_file.new" <<EOF
DB_HOST=127.0.0.1
DB_PORT=
DB_USER=kieng
DB_PASSWORD=$(random_hex 16)
DB_NAME=kieng
PG_SUPERUSER_PASSWORD=$(random_hex 16)
JWT_SECRET=$(random_hex 32)
CLUSTER_SECRET=$(random_hex 32)
EOF
        mv -f -- "$env_file.new" "$env_file"
        cat >"$credentials_file" <<EOF
OWNER_EMAIL=owner@example.com
OWNER_PASSWORD=$(random_hex 8)
EOF
    )
}

remember_db_port() {
    (umask 077 && sed "s/^DB_PORT=.*/DB_PORT=$1/" "$env_file" >"$env_file.new")
    mv -f -- "$env_file.new" "$env_file"
}

# --- PostgreSQL --------------------------------------------------------------------------------

# The folder of the data: inside .run, unless the server's user cannot enter one of its parents
# (a clone below /root, say); then it is below /var/lib and .run/pg is a link to it.
place_postgres() {
    local elsewhere name
    pg_choose_user "$pg_data" ||
        fail 4 "PostgreSQL cannot run as root, and there is no user postgres or nobody to run it as"
    name=$(id -un "${pg_user:?}" 2>/dev/null || echo "$pg_user")
    if [ -L "$pg_data" ]; then
        elsewhere=$(readlink -m -- "$pg_data")
    else
        ! pg_make_directory "$pg_data" || return 0
        [ "$(id -u)" -eq 0 ] || fail 4 "cannot use $pg_data: it belongs to $(stat -c %U -- "$pg_data")"
        rmdir -- "$pg_data" || fail 4 "user $name cannot enter $pg_data"
        elsewhere=/var/lib/kieng-demo/$(printf '%s' "$run_dir" | sha256sum | cut -c 1-12)
        ln -s -- "$elsewhere" "$pg_data"
    fi
    mkdir -p -- "$(dirname -- "$elsewhere")"
    pg_make_directory "$elsewhere" || fail 4 "user $name cannot use $elsewhere"
}

init_postgres() {
    local dir
    dir=$(readlink -f -- "$pg_data")
    [ ! -s "$dir/PG_VERSION" ] || [ ! -e "$run_dir/pg-ready" ] || return 0
    # Half made by a start that was cut short: begin again.
    find "$dir" -mindepth 1 -delete
    pg_init "$dir" scram-sha-256 postgres "$(read_setting "$env_file" PG_SUPERUSER_PASSWORD)" ||
        return 1
    pg_configure "$dir" <<EOF || return 1
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 100
shared_buffers = 128MB
max_wal_size = 512MB
dynamic_shared_memory_type = $(pg_shared_memory_type)
timezone = 'UTC'
log_timezone = 'UTC'
EOF
    rm -f -- "$run_dir"/demo-*
    : >"$run_dir/pg-ready"
}

# After a crash the server's lock file names a pid. When that is somebody else's by now, PostgreSQL
# would refuse to start; when nobody has it, PostgreSQL sees to the file itself.
forget_stale_lock() {
    local old recorded=
    old=$(sed -n 1p "$1/postmaster.pid" 2>/dev/null) || return 0
    if [ -r "$run_dir/postgres.pid" ]; then read -r recorded <"$run_dir/postgres.pid" || true; fi
    if [ -n "$old" ] && [ -e "/proc/$old" ] && [ "${recorded%% *}" = "$old" ] && ! postgres_pid >/dev/null; then
        rm -f -- "$1/postmaster.pid"
    fi
}

start_postgres() {
    local dir port pid
    ! postgres_pid >/dev/null || return 0
    dir=$(readlink -f -- "$pg_data")
    port=$(read_setting "$env_file" DB_PORT)
    if [ -z "$port" ] || ! port_is_free "$port"; then
        port=$(free_port 15432 100) || return 1
        remember_db_port "$port"
    fi
    forget_stale_lock "$dir"
    # shellcheck disable=SC2154 # set by pg_choose_user
    (cd / && exec setsid "${pg_as[@]}" "${pg_bin:?}/postgres" -D "$dir" -p "$port") \
        >>"$run_dir/postgres.log" 2>&1 </dev/null 9>&- &
    pid=$!
    disown "$pid"
    write_pid_file "$run_dir/postgres.pid" "$pid" || return 1
    pg_wait_ready "$dir" "$pid" 60
}

# Runs SQL from stdin as the superuser.
postgres_sql() {
    PGPASSWORD=$(read_setting "$env_file" PG_SUPERUSER_PASSWORD) \
        psql -X -q -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$(read_setting "$env_file" DB_PORT)" \
        -U postgres -d postgres
}

make_database() {
    postgres_sql <<EOF
SELECT 'CREATE ROLE kieng LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'kieng') \gexec
ALTER ROLE kieng PASSWORD '$(read_setting "$env_file" DB_PASSWORD)';
SELECT 'CREATE DATABASE kieng OWNER kieng' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'kieng') \gexec
EOF
}

stop_postgres() {
    local file=$run_dir/postgres.pid pid signal
    # Fast shutdown, then immediate, then by force; PostgreSQL recovers from each.
    for signal in INT QUIT KILL; do
        pid=$(pid_of "$file") || break
        kill "-$signal" "$pid" 2>/dev/null || true
        kill -CONT "$pid" 2>/dev/null || true
        if wait_gone "$file" 15; then break; fi
    done
    ! pid_of "$file" >/dev/null || return 1
    rm -f -- "$file"
}

# --- nodes -------------------------------------------------------------------------------------

# Runs kieng-node with the cluster's settings; the arguments are kieng-node's own. Settings of the
# cluster itself are never taken from the caller's environment: a DB_HOST left there would make the
# demo write to some other database. Others (LOG_LEVEL, CACHE_BYTES, ...) are passed on.
exec_kieng_node() {
    local name
    for name in DB_HOST DB_PORT DB_USER DB_PASSWORD DB_NAME JWT_SECRET CLUSTER_SECRET; do
        export "$name=$(read_setting "$env_file" "$name")"
    done
    for name in OWNER_EMAIL OWNER_PASSWORD; do
        export "$name=$(read_setting "$credentials_file" "$name")"
    done
    unset DB_SSLMODE DB_SSLROOTCERT TLS_CERT TLS_KEY
    export KIENG_ENV_FILE="$env_file"
    # Without IPv6 in the kernel there is no :: to listen on.
    if [ -z "${BIND_ADDRESS:-}" ] && [ ! -s /proc/net/if_inet6 ]; then export BIND_ADDRESS=0.0.0.0; fi
    export SERVER_A_URL SERVER_B_URL SERVER_C_URL
    SERVER_A_URL=$(node_url server-a)
    SERVER_B_URL=$(node_url server-b)
    SERVER_C_URL=$(node_url server-c)
    cd -- "$run_dir" || exit 1
    exec "$@"
}

launch_node() {
    local id=$1 binary=$2 log=$run_dir/$1.log pid
    # Each start has its own log; the one before is kept beside it.
    if [ -s "$log" ]; then mv -f -- "$log" "$log.1"; fi
    (
        export SERVER_ID=$id PORT PRIORITY SELF_URL
        PORT=$(node_port "$id")
        PRIORITY=$(($(node_index "$id") + 1))
        SELF_URL=$(node_url "$id")
        exec_kieng_node setsid "$binary" serve
    ) >>"$log" 2>&1 </dev/null 9>&- &
    pid=$!
    disown "$pid"
    # A node that ended at once has no identity; waiting for it will tell.
    write_pid_file "$run_dir/$id.pid" "$pid" || true
}

# Waits until the node answers /ready. Returns 1 when it ended, 2 when it did not come in time.
wait_node_ready() {
    local id=$1 deadline=$((SECONDS + $2))
    until node_is_ready "$id"; do
        node_pid "$id" >/dev/null || return 1
        [ "$SECONDS" -lt "$deadline" ] || return 2
        sleep 0.05
    done
}

# Asks a node to end in good order and insists after a while. The nodes get the word together.
stop_nodes() {
    local id pid
    for id in "${node_ids[@]}"; do
        if pid=$(node_pid "$id"); then
            kill -TERM "$pid" 2>/dev/null || true
            kill -CONT "$pid" 2>/dev/null || true
        fi
    done
    for id in "${node_ids[@]}"; do
        if ! wait_gone "$run_dir/$id.pid" 20; then
            say "$id did not end within 20 s; ending it by force"
            if pid=$(node_pid "$id"); then kill -KILL "$pid" 2>/dev/null || true; fi
            wait_gone "$run_dir/$id.pid" 5 || return 1
        fi
        rm -f -- "$run_dir/$id.pid"
    done
}

stop_everything() {
    local status=0
    stop_nodes || status=1
    stop_postgres || status=1
    [ "$status" -ne 0 ] || rm -f -- "$run_dir/base-port"
    return "$status"
}
