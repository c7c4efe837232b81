# shellcheck shell=bash
# One line per step, with progress, time spent, and one sentence when it fails. Sourced after common.sh.
# Fails by exit code 6 when the log of a step speaks of a full disk, else by 1.

child=       # a long step that runs now, in a process group of its own
step_open=no # whether a step's line still lacks its end

milliseconds() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

step_begin() {
    printf '%-28s' "$1"
    step_open=yes
    step_started=$(milliseconds)
}

step_end() {
    local spent=$(($(milliseconds) - step_started))
    printf '%s (%d.%d s)\n' "${1:-done}" $((spent / 1000)) $((spent % 1000 / 100))
    step_open=no
}

# Ends a step that failed: its log's last lines, then one sentence.
step_failed() {
    local log=$1 code=1
    shift
    [ "$step_open" = no ] || printf 'failed\n'
    step_open=no
    if log_says_disk_full "$log"; then
        fail 6 "the disk is full: free some space and start again (log: $log)"
    fi
    show_tail "$log"
    fail "$code" "$* (log: $log)"
}

# Runs a long command in its own process group, its output in a log; it ends when this script must.
run_logged() {
    local log=$1 status=0
    shift
    setsid "$@" >>"$log" 2>&1 </dev/null 9>&- &
    child=$!
    wait "$child" || status=$?
    child=
    return "$status"
}

# Prints the share of the build that is done, in tenths, while it runs.
show_build_progress() {
    local log=$1 line shown=0 tenth
    while [ -e "/proc/$child" ]; do
        sleep 0.3
        line=$(tail -c 4096 -- "$log" 2>/dev/null | tr '\r' '\n' | sed -nE 's#^\[([0-9]+)/([0-9]+)\].*#\1 \2#p' | tail -n 1)
        [ -n "$line" ] || continue
        tenth=$((${line% *} * 10 / ${line#* }))
        while [ "$shown" -lt "$tenth" ] && [ "$shown" -lt 9 ]; do
            shown=$((shown + 1))
            printf '%d0%% ' "$shown"
        done
    done
}

# Ends a long step that still runs; for the way out.
stop_child() {
    [ -n "$child" ] || return 0
    kill -TERM -- "-$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
    child=
}
