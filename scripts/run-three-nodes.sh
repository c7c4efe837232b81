#!/usr/bin/env bash
# Three nodes and a private PostgreSQL on this machine, by one command. On a bare Debian 12 it installs
# what is missing and builds first. Ctrl-C stops everything.
#
#   scripts/run-three-nodes.sh                   start, stay in the foreground
#   scripts/run-three-nodes.sh --background      start, return when all is ready
#   scripts/run-three-nodes.sh --stop            stop everything, wherever it was started from
#   scripts/run-three-nodes.sh --status          what runs; exit code 0 all ready, 1 some, 3 none
#   scripts/run-three-nodes.sh --kill server-b   end one node without warning (kill -9)
#   scripts/run-three-nodes.sh --start server-b  start that node again
#
# Options for starting:
#   --fresh      forget all data, secrets and logins of earlier starts
#   --release    run the optimised build (the default)
#   --debug      run the build with assertions and light optimisation
#
# Everything it keeps lies in .run/: the data, the logs, the secrets (.run/env) and the demo logins
# (.run/credentials). From the environment:
#   KIENG_BASE_PORT   4000: the nodes listen on this port and the next two
#   BIND_ADDRESS      :: (all addresses); 127.0.0.1 keeps the nodes to this machine
#   LOG_LEVEL, CACHE_BYTES, ... are passed on to the nodes (see .env.example)
#
# Exit codes: 1 failed, 2 wrong use, 3 a tool is missing, 4 not enough rights, 5 a port is taken, 6 disk full.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
top=$(dirname -- "$here")
# shellcheck source=lib/common.sh
. "$here/lib/common.sh"
# shellcheck source=lib/postgres.sh
. "$here/lib/postgres.sh"
# shellcheck source=lib/steps.sh
. "$here/lib/steps.sh"
# shellcheck source=lib/demo_cluster.sh
. "$here/lib/demo_cluster.sh"

action=start
background=no
fresh=no
preset=release
chosen_node=

started_here=no # whether what runs must end with this script

usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; }

read_arguments() {
    while [ $# -gt 0 ]; do
        case $1 in
            --background) background=yes ;;
            --fresh) fresh=yes ;;
            --release) preset=release ;;
            --debug) preset=dev ;;
            --stop) action=stop ;;
            --status) action=status ;;
            --kill | --start)
                action=${1#--}_node
                chosen_node=${2:-}
                node_index "$chosen_node" >/dev/null ||
                    fail 2 "$1 needs one of: ${node_ids[*]}"
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

# --- the way out -------------------------------------------------------------------------------

on_exit() {
    local status=$?
    trap - EXIT
    trap '' INT TERM HUP
    [ "$step_open" = no ] || printf '\n'
    stop_child
    if [ "$started_here" = yes ]; then
        stop_everything || printf 'some processes are still there: see --status\n' >&2
        rm -f -- "$run_dir/runner.pid"
    fi
    exit "$status"
}

# --- before anything is started ----------------------------------------------------------------

prepare_run_directory() {
    (umask 022 && mkdir -p -- "$run_dir") 2>/dev/null || fail 4 "cannot make $run_dir: no right to write there"
    [ -w "$run_dir" ] || fail 4 "cannot write in $run_dir, which belongs to $(stat -c %U -- "$run_dir")"
    if [ -e "$env_file" ] && [ ! -r "$env_file" ]; then
        fail 4 "cannot read $env_file, which belongs to $(stat -c %U -- "$env_file"): start as that user, or remove $run_dir"
    fi
    if [ -e "$run_dir/lock" ] && [ ! -w "$run_dir/lock" ]; then
        fail 4 "$run_dir belongs to $(stat -c %U -- "$run_dir/lock"): start as that user, or remove it"
    fi
    exec 9>"$run_dir/lock"
    flock -n 9 || fail 1 "another run-three-nodes.sh is at work here"
}

check_ports() {
    local id port holder
    have ss || return 0
    for id in "${node_ids[@]}"; do
        port=$(node_port "$id")
        ! node_pid "$id" >/dev/null || continue
        if ! port_is_free "$port"; then
            holder=$(port_holder "$port")
            fail 5 "port $port, which $id needs, is in use${holder:+ by $holder}; free it, or choose others with KIENG_BASE_PORT"
        fi
    done
}

check_disk() {
    local needed=300 free
    [ -x "$binary" ] || needed=2500
    free=$(free_mib "$run_dir")
    [ "$free" -ge "$needed" ] || fail 6 "only $free MiB free on the disk of $top: at least $needed MiB are needed"
}

# --- the steps ---------------------------------------------------------------------------------

install_packages() {
    local log=$run_dir/install.log status=0
    step_begin "packages"
    # In the foreground, so that sudo can ask for a password.
    "$here/install-deps.sh" run >"$log" 2>&1 || status=$?
    if [ "$status" -ne 0 ]; then
        printf 'failed\n'
        step_open=no
        # The installer's own sentence is the last line of its log.
        [ "$(wc -l <"$log")" -le 1 ] || show_tail "$log"
        fail "$status" "$(tail -n 1 -- "$log" | sed 's/^install-deps.sh: //')"
    fi
    step_end
}

build_server() {
    local log=$run_dir/build.log status=0 tool
    for tool in cmake ninja c++; do have "$tool" || fail 3 "$tool is missing from PATH, though its package is there"; done
    step_begin "build ($preset)"
    : >"$log"
    # Configured once, and again when the folder was moved since.
    if [ ! -e "$top/build/$preset/build.ninja" ] ||
        ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$top" "$top/build/$preset/CMakeCache.txt"; then
        run_logged "$log" cmake --fresh -S "$top" --preset "$preset" || step_failed "$log" "the build cannot be configured"
    fi
    setsid cmake --build "$top/build/$preset" --target kieng-node >>"$log" 2>&1 </dev/null 9>&- &
    child=$!
    show_build_progress "$log"
    wait "$child" || status=$?
    child=
    if [ "$status" -ne 0 ] || [ ! -x "$binary" ]; then step_failed "$log" "the build failed"; fi
    step_end
}

start_database() {
    local log=$run_dir/postgres.log
    step_begin "PostgreSQL"
    pg_find || fail 3 "PostgreSQL 15 or later is not installed: run scripts/install-deps.sh"
    place_postgres
    if [ ! -e "$run_dir/pg-ready" ]; then : >"$log"; fi
    init_postgres >>"$log" 2>&1 || step_failed "$log" "PostgreSQL's data could not be made"
    start_postgres || step_failed "$log" "PostgreSQL did not start"
    make_database >>"$log" 2>&1 || step_failed "$log" "the database could not be made"
    step_end "127.0.0.1:$(read_setting "$env_file" DB_PORT)"
}

# kieng-node with the nodes' settings, outside any node.
run_kieng_node() {
    local log=$1
    shift
    (exec_kieng_node "$binary" "$@") >>"$log" 2>&1 </dev/null 9>&-
}

migrate_database() {
    local log=$run_dir/migrate.log
    step_begin "migrations"
    : >"$log"
    run_kieng_node "$log" migrate || step_failed "$log" "the database could not be migrated"
    step_end
}

start_nodes() {
    local id status
    for id in "$@"; do
        if ! node_pid "$id" >/dev/null; then launch_node "$id" "$binary"; fi
    done
    for id in "$@"; do
        step_begin "$id"
        status=0
        wait_node_ready "$id" 30 || status=$?
        case $status in
            0) step_end "$(node_url "$id")" ;;
            1) step_failed "$run_dir/$id.log" "$id ended while starting" ;;
            *) step_failed "$run_dir/$id.log" "$id was not ready within 30 s" ;;
        esac
    done
}

load_demo_data() {
    local log=$run_dir/demo.log
    [ ! -e "$run_dir/demo-loaded" ] || return 0
    step_begin "demo catalogue"
    : >"$log"
    run_logged "$log" python3 "$here/lib/demo_data.py" "$(node_url server-a)" \
        "$credentials_file" "$top/data/demo" || step_failed "$log" "the demo catalogue could not be loaded"
    : >"$run_dir/demo-loaded"
    step_end "$(tail -n 1 -- "$log") products"
}

print_summary() {
    local id role upper
    say
    for id in "${node_ids[@]}"; do say "  $id   $(node_url "$id" | sed 's/127.0.0.1/localhost/')"; done
    say
    for role in owner manager cashier warehouse; do
        upper=${role^^}
        printf '  %-10s %s  %s\n' "$role" "$(read_setting "$credentials_file" "${upper}_EMAIL")" \
            "$(read_setting "$credentials_file" "${upper}_PASSWORD")"
    done
    say
    say "  logins in $credentials_file, logs in $run_dir/*.log"
    if [ "$background" = yes ]; then
        say "  stop with: scripts/run-three-nodes.sh --stop"
    else
        say "  stop with Ctrl-C"
    fi
    say "ready"
}

# Stays until a signal comes, and says when a node goes or comes back.
watch_nodes() {
    local id now
    local -A was=()
    for id in "${node_ids[@]}"; do was[$id]=up; done
    while :; do
        sleep 1 &
        wait $! || true
        for id in "${node_ids[@]}"; do
            if node_pid "$id" >/dev/null; then now=up; else now=down; fi
            [ "$now" != "${was[$id]}" ] || continue
            was[$id]=$now
            case $now in
                up) say "$id is back" ;;
                down) say "$id is gone; start it again with: scripts/run-three-nodes.sh --start $id" ;;
            esac
        done
        if ! postgres_pid >/dev/null; then
            show_tail "$run_dir/postgres.log"
            fail 1 "PostgreSQL has ended; stopping the nodes"
        fi
    done
}

# --- what the arguments ask for ----------------------------------------------------------------

forget_everything() {
    stop_everything || fail 1 "what runs could not be stopped"
    if [ -L "$pg_data" ]; then rm -rf -- "$(readlink -m -- "$pg_data")"; fi
    rm -rf -- "$pg_data" "$env_file" "$credentials_file" "$run_dir"/pg-ready "$run_dir"/demo-* \
        "$run_dir"/*.log "$run_dir"/*.log.1 "$run_dir"/*.pid
}

do_start() {
    local running
    prepare_run_directory
    if [ "$fresh" = yes ]; then
        ! pid_of "$run_dir/runner.pid" >/dev/null || fail 1 "it runs in another terminal: stop it first (--stop)"
        forget_everything
    fi
    running=$(count_running_nodes)
    if [ "$running" -gt 0 ] && [ "$background" = no ]; then
        fail 1 "already running ($running of 3 nodes): --status shows it, --stop ends it"
    fi
    [ "$running" -gt 0 ] || started_here=yes
    check_ports
    check_disk
    install_packages
    check_ports
    if [ "$running" -eq 0 ]; then
        build_server
        echo "$preset" >"$run_dir/preset"
        echo "$base_port" >"$run_dir/base-port"
    fi
    make_settings
    start_database
    migrate_database
    start_nodes "${node_ids[@]}"
    load_demo_data
    print_summary
    if [ "$background" = yes ]; then
        started_here=no
        return 0
    fi
    write_pid_file "$run_dir/runner.pid" $$
    flock -u 9
    watch_nodes
}

do_stop() {
    local runner=
    [ -d "$run_dir" ] || { say "nothing runs" && return 0; }
    if runner=$(pid_of "$run_dir/runner.pid"); then
        kill -TERM "$runner" 2>/dev/null || fail 4 "not allowed to stop process $runner"
        wait_gone "$run_dir/runner.pid" 60 || fail 1 "process $runner does not end"
    fi
    prepare_run_directory
    if [ -z "$runner" ] && [ "$(count_running_nodes)" -eq 0 ] && ! postgres_pid >/dev/null; then
        say "nothing runs"
        return 0
    fi
    stop_everything || fail 1 "not everything could be stopped: see --status"
    say "stopped"
}

do_status() {
    local id pid ready=0 up=0
    for id in "${node_ids[@]}"; do
        if pid=$(node_pid "$id"); then
            up=$((up + 1))
            if node_is_ready "$id"; then
                ready=$((ready + 1))
                printf '%-11s ready      %s  pid %s\n' "$id" "$(node_url "$id")" "$pid"
            else
                printf '%-11s not ready  %s  pid %s\n' "$id" "$(node_url "$id")" "$pid"
            fi
        else
            printf '%-11s down\n' "$id"
        fi
    done
    if pid=$(postgres_pid); then
        printf '%-11s up         127.0.0.1:%s  pid %s\n' PostgreSQL "$(read_setting "$env_file" DB_PORT)" "$pid"
        up=$((up + 1))
    else
        printf '%-11s down\n' PostgreSQL
    fi
    [ "$up" -gt 0 ] || exit 3
    [ "$ready" -eq 3 ] || exit 1
}

do_kill_node() {
    local pid
    pid=$(node_pid "$chosen_node") || fail 1 "$chosen_node does not run"
    kill -KILL "$pid" 2>/dev/null || fail 4 "not allowed to end process $pid"
    wait_gone "$run_dir/$chosen_node.pid" 5 || fail 1 "process $pid does not end"
    say "$chosen_node killed"
}

do_start_node() {
    [ -d "$run_dir" ] || fail 1 "nothing runs: start with scripts/run-three-nodes.sh"
    prepare_run_directory
    ! node_pid "$chosen_node" >/dev/null || fail 1 "$chosen_node runs already"
    postgres_pid >/dev/null || fail 1 "PostgreSQL does not run: start with scripts/run-three-nodes.sh"
    binary=$top/build/$(cat -- "$run_dir/preset")/bin/kieng-node
    [ -x "$binary" ] || fail 3 "$binary is not built"
    check_ports
    start_nodes "$chosen_node"
}

cluster_paths "$top/.run"
read_arguments "$@"
binary=$top/build/$preset/bin/kieng-node
trap on_exit EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP
"do_$action"
