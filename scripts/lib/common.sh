# shellcheck shell=bash
# What every script shares: how to speak, how to fail, who is who among processes, which port is free.
# Sourced, never run. Callers have set -euo pipefail.

# One sentence on stderr, then the end. The exit code tells kinds of failure apart:
# 1 something failed, 2 wrong use, 3 a tool or a package is missing, 4 not enough rights,
# 5 a port is taken, 6 the disk is full.
fail() {
    local code=$1
    shift
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit "$code"
}

say() { printf '%s\n' "$*"; }

have() { command -v "$1" >/dev/null 2>&1; }

# The last lines of a log, indented, so that the reader sees where the quote ends.
show_tail() {
    local log=$1 lines=${2:-20}
    [ -s "$log" ] || return 0
    printf '  last lines of %s:\n' "$log" >&2
    tail -n "$lines" -- "$log" | sed 's/^/  | /' >&2
}

# True when the log speaks of a full disk; then nothing else in it matters.
log_says_disk_full() {
    [ -s "$1" ] && grep -qiE 'no space left on device|could not (extend|write).*space|disk quota exceeded' -- "$1"
}

# --- processes ---------------------------------------------------------------------------------
# A process is known by its pid, its start time and this boot, so that a pid which the system gave
# to somebody else since is never taken for ours, and never killed.

process_identity() {
    local pid=$1 stat boot
    stat=$(cat "/proc/$pid/stat" 2>/dev/null) || return 1
    boot=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null || echo unknown)
    stat=${stat##*) } # the name before it may hold spaces and parentheses
    # shellcheck disable=SC2086
    set -- $stat
    [ "$1" != Z ] || return 1
    printf '%s %s %s\n' "$pid" "${20}" "$boot"
}

write_pid_file() {
    local file=$1 pid=$2
    process_identity "$pid" >"$file.new" && mv -f -- "$file.new" "$file"
}

# Prints the pid when the process named in the file is still that process; fails otherwise.
pid_of() {
    local file=$1 line pid
    [ -r "$file" ] || return 1
    read -r line <"$file" || return 1
    pid=${line%% *}
    case $pid in '' | *[!0-9]*) return 1 ;; esac
    [ "$(process_identity "$pid" 2>/dev/null)" = "$line" ] || return 1
    printf '%s\n' "$pid"
}

# Waits until the process of a pid file is gone. $2 is a number of seconds.
wait_gone() {
    local file=$1 deadline=$((SECONDS + $2))
    while pid_of "$file" >/dev/null; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.05
    done
}

# --- ports -------------------------------------------------------------------------------------

# True when nobody listens on the TCP port, on any address.
port_is_free() {
    local found
    found=$(ss -Hltn "sport = :$1")
    [ -z "$found" ]
}

# "name (pid 123)" of whoever listens on a port, or nothing when that may not be seen.
port_holder() {
    ss -Hltnp "sport = :$1" 2>/dev/null |
        sed -nE 's/.*users:\(\("([^"]*)",pid=([0-9]+).*/\1 (pid \2)/p' | head -n 1
}

# A free port of the range, starting at a random place so that two callers seldom pick the same.
free_port() {
    local first=$1 count=$2 i port start
    start=$((RANDOM % count))
    for ((i = 0; i < count; i++)); do
        port=$((first + (start + i) % count))
        if port_is_free "$port"; then
            printf '%s\n' "$port"
            return 0
        fi
    done
    return 1
}

# --- small things ------------------------------------------------------------------------------

# $1 random bytes as hexadecimal text.
random_hex() { od -An -v -tx1 -N "$1" /dev/urandom | tr -d ' \n'; }

# Free mebibytes where a path lies.
free_mib() { df -Pm -- "$1" | awk 'NR == 2 { print $4 }'; }
