#!/usr/bin/env bash
# Everything there is to test, from a bare machine on. The last line is "N passed, N failed".
#
#   scripts/test.sh                  every step below but those --list marks as extra
#   scripts/test.sh --quick          the checks of the text, the dev build and its unit tests
#   scripts/test.sh --asan           the unit tests under AddressSanitizer and UBSan
#   scripts/test.sh --tsan           the unit tests under ThreadSanitizer
#   scripts/test.sh --long           the long tests of test-distributed/ too
#   scripts/test.sh --only NAME      those tests of test-distributed/ whose name contains NAME
#   scripts/test.sh --faults         the fault runs of test-distributed/ alone, in their long form
#     --seeds N                        each on N schedules drawn anew (1 by default); the seeds are printed
#     --seed X                         on the schedule of this seed, as it was; may be repeated
#     --only NAME                      only those whose name contains NAME
#   scripts/test.sh --list           the names of the steps
#   scripts/test.sh STEP...          these steps and what they need
#
# Each step's output goes to build/test-logs/STEP.log; a step that fails shows its end. The exit code is 0
# when all passed, 1 when something failed or nothing ran.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
top=$(dirname -- "$here")
cd -- "$top"
# shellcheck source=lib/common.sh
. "$here/lib/common.sh"

logs=$top/build/test-logs
jobs=$(nproc)
python=/usr/bin/python3 # Debian's: another one in front of it would lack the packages
passed=0
failed=0
failed_steps=()
child=

# name | what it is
steps=(
    "packages|what the tests need is installed"
    "layers|direction of the includes, and the rule's own tests"
    "settings|every setting documented in all three places"
    "contract|docs/openapi.yaml is lint-clean"
    "bench|the arithmetic of the benchmarks' report"
    "web|types and tests of frontend/"
    "shell|shellcheck over the scripts"
    "format|clang-format over the C++ sources"
    "budgets|long files and functions, as a note"
    "build|the dev build"
    "unit|unit tests of the dev build, with a private PostgreSQL"
    "distributed|real nodes and a real PostgreSQL, from outside"
    "faults|the fault runs of test-distributed/ in their long form (extra)"
    "asan|unit tests under AddressSanitizer and UBSan"
    "asan_nodes|test-distributed/ against nodes under AddressSanitizer and UBSan (extra)"
    "tsan|unit tests under ThreadSanitizer (extra)"
    "fuzz|each fuzz target for a few seconds"
    "tidy|clang-tidy over the C++ sources (extra)"
)
quick=(packages layers settings contract bench web shell format budgets build unit)
usual=("${quick[@]}" distributed asan fuzz)
fuzz_seconds=${FUZZ_SECONDS:-10}
pytest_options=()
seeds=()
draw=
faults=no
only=no
chosen=()

usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; }

list_steps() {
    local step
    for step in "${steps[@]}"; do printf '%-12s %s\n' "${step%%|*}" "${step#*|}"; done
}

is_step() { list_steps | cut -d' ' -f1 | grep -qx -- "$1"; }

is_count() { [[ $1 =~ ^[1-9][0-9]{0,17}$ ]]; }

# Which schedules: those that were named, else as many as were asked for; the usual run keeps to one that never changes.
draw_seeds() {
    local seed
    if [ -n "$draw" ]; then
        [ "${#seeds[@]}" -eq 0 ] || fail 2 "--seeds draws seeds and --seed names one: which?"
    elif [ "${#seeds[@]}" -eq 0 ] && [[ " ${chosen[*]} " == *" faults "* ]]; then
        draw=1
    fi
    [ -z "$draw" ] || mapfile -t seeds < <(shuf -i 1-999999999 -n "$draw")
    [ "${#seeds[@]}" -gt 0 ] || return 0
    say "seeds: ${seeds[*]}"
    for seed in "${seeds[@]}"; do pytest_options+=(--seed "$seed"); done
}

read_arguments() {
    while [ $# -gt 0 ]; do
        case $1 in
            --quick) chosen+=("${quick[@]}") ;;
            --asan) chosen+=(packages asan) ;;
            --tsan) chosen+=(packages tsan) ;;
            --long) export KIENG_LONG=1 ;;
            --only)
                [ -n "${2:-}" ] || fail 2 "--only needs a part of a test's name"
                only=yes
                pytest_options+=(-k "$2")
                shift
                ;;
            --faults) faults=yes ;;
            --seeds)
                is_count "${2:-}" || fail 2 "--seeds needs a number from 1 on"
                draw=$2
                shift
                ;;
            --seed)
                is_count "${2:-}" || fail 2 "--seed needs the number of a schedule"
                seeds+=("$2")
                shift
                ;;
            --list)
                list_steps
                exit 0
                ;;
            --help | -h)
                usage
                exit 0
                ;;
            *)
                is_step "$1" || fail 2 "unknown argument or step $1 (see --help and --list)"
                case $1 in unit | distributed | faults) chosen+=(build) ;; esac
                chosen+=("$1")
                ;;
        esac
        shift
    done
    if [ "$faults" = yes ]; then
        chosen+=(packages build faults)
    elif [ "$only" = yes ]; then
        chosen+=(packages build distributed)
    fi
    draw_seeds
    if [ "${#chosen[@]}" -eq 0 ]; then
        chosen=("${usual[@]}")
    fi
}

# --- the frame of a step -----------------------------------------------------------------------

# Adds to the counts of the step that runs: count PASSED FAILED.
count() { printf '%s %s\n' "$1" "$2" >>"$logs/.counts"; }

count_junit() {
    if [ -s "$1" ]; then
        # shellcheck disable=SC2046 # two numbers
        count $("$python" "$here/lib/junit_counts.py" "$1")
    else
        count 0 1
    fi
}

# Runs one step in a process group of its own, so that it can be ended as a whole, and sets step_failed.
# Never call it as part of a condition: inside one, bash lets a failing command of the step pass.
run_step() {
    local name=$1 log=$logs/$1.log status=0 good=0 bad=0 a b started=$SECONDS
    printf '%-12s ' "$name"
    : >"$logs/.counts"
    set -m
    "step_$name" >"$log" 2>&1 </dev/null &
    child=$!
    set +m
    wait "$child" || status=$?
    child=
    while read -r a b; do
        good=$((good + a))
        bad=$((bad + b))
    done <"$logs/.counts"
    # A step that fails without a failed test of its own is one failure.
    if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
    passed=$((passed + good))
    failed=$((failed + bad))
    printf '%5d passed, %d failed  (%d s)\n' "$good" "$bad" $((SECONDS - started))
    if [ "$bad" -gt 0 ]; then
        failed_steps+=("$name")
        tail -n 60 -- "$log" | sed 's/^/  | /'
        printf '  whole log: %s\n' "$log"
    fi
    step_failed=$bad
}

on_exit() {
    trap - EXIT
    trap '' INT TERM HUP
    if [ -n "$child" ]; then
        kill -TERM -- "-$child" 2>/dev/null || true
        wait "$child" 2>/dev/null || true
    fi
}

# --- the steps ---------------------------------------------------------------------------------

step_packages() { "$here/install-deps.sh" test; }

step_layers() {
    if "$python" -B "$here/check_layers.py"; then count 1 0; else count 0 1; fi
    cd -- "$here"
    "$python" -B -m pytest -q -p no:cacheprovider --junitxml="$logs/layers.xml" test_check_layers.py ||
        true # the counts tell
    count_junit "$logs/layers.xml"
}

step_settings() {
    "$python" -B "$here/check_settings.py"
    count 1 0
}

# The linter's packages are fetched only when the lock file changed.
step_contract() {
    local tool=$here/openapi-lint
    export REDOCLY_TELEMETRY=off
    if ! cmp -s -- "$tool/package-lock.json" "$tool/node_modules/.installed-lock"; then
        (cd -- "$tool" && npm ci --no-audit --no-fund)
        cp -- "$tool/package-lock.json" "$tool/node_modules/.installed-lock"
    fi
    "$tool/node_modules/.bin/redocly" lint --config "$tool/redocly.yaml" docs/openapi.yaml
    count 1 0
}

step_bench() {
    cd -- "$top/bench"
    "$python" -B -m pytest -q -p no:cacheprovider --junitxml="$logs/bench.xml" || true # the counts tell
    count_junit "$logs/bench.xml"
}

# As the linter of the contract: packages are fetched only when the lock file changed.
step_web() {
    local web=$top/frontend
    rm -f -- "$logs/client.xml"
    cd -- "$web"
    if ! cmp -s -- package-lock.json node_modules/.installed-lock; then
        npm ci --no-audit --no-fund
        cp -- package-lock.json node_modules/.installed-lock
    fi
    npm run check
    npm test || true # the counts tell
    count_junit "$logs/client.xml"
}

step_shell() {
    shellcheck "$here"/*.sh "$here"/lib/*.sh
    count 1 0
}

step_format() {
    "$here/format.sh" --check
    count 1 0
}

step_budgets() {
    "$here/check_budgets.py"
}

build_preset() {
    [ -e "build/$1/build.ninja" ] || cmake --preset "$1"
    cmake --build "build/$1"
}

# Unit tests of one build: ctest over all doctest executables, beside a private PostgreSQL.
unit_tests() {
    local preset=$1 report=$logs/$2.xml status=0
    rm -f -- "$report"
    "$here/with-postgres.sh" ctest --test-dir "build/$preset" -j "$jobs" --output-on-failure \
        --test-output-size-passed 1000000 --test-output-size-failed 1000000 \
        --output-junit "$report" || status=$?
    count_junit "$report"
    return "$status"
}

step_build() { build_preset dev; }

step_unit() { unit_tests dev unit; }

# Black-box tests against the nodes of one build.
distributed_tests() {
    local preset=$1 report=$logs/$2.xml status=0
    shift 2
    rm -f -- "$report"
    KIENG_NODE=$top/build/$preset/bin/kieng-node "$python" -B -m pytest "$@" -p no:cacheprovider \
        --junitxml="$report" "${pytest_options[@]}" test-distributed || status=$?
    count_junit "$report"
    return "$status"
}

step_distributed() { distributed_tests dev distributed -n 2 --dist loadfile; }

# One after the other: each wants the whole machine.
step_faults() { distributed_tests dev faults --faults; }

sanitize_addresses() {
    export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1:check_initialization_order=1
    export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
}

step_asan() {
    build_preset asan
    sanitize_addresses
    unit_tests asan asan
}

step_asan_nodes() {
    build_preset asan
    sanitize_addresses
    distributed_tests asan asan_nodes -n 2 --dist loadfile
}

step_tsan() {
    build_preset tsan
    TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1 unit_tests tsan tsan
}

# A target that finds nothing in its few seconds has passed.
step_fuzz() {
    local target name
    [ -e build/fuzz/build.ninja ] || cmake --preset fuzz
    cmake --build build/fuzz --target kieng_all_fuzz
    for target in build/fuzz/bin/*_fuzz; do
        name=${target##*/}
        mkdir -p -- "build/fuzz/corpus/$name"
        if "$target" -max_total_time="$fuzz_seconds" -timeout=5 -rss_limit_mb=2048 -print_final_stats=1 \
            -artifact_prefix="$logs/$name-" "build/fuzz/corpus/$name"; then
            count 1 0
        else
            count 0 1
        fi
    done
}

step_tidy() {
    [ -e build/dev/build.ninja ] || cmake --preset dev
    "$here/clang_tidy.py"
    count 1 0
}

# --- run ---------------------------------------------------------------------------------------

read_arguments "$@"
mkdir -p -- "$logs"
trap on_exit EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# Each step once, in the order of the table.
for name in $(list_steps | cut -d' ' -f1); do
    [[ " ${chosen[*]} " == *" $name "* ]] || continue
    run_step "$name"
    # Without its packages or its build nothing after it can say anything.
    case $name in packages | build) [ "$step_failed" -eq 0 ] || break ;; esac
done
if [ -s "$logs/budgets.log" ] && [[ " ${chosen[*]} " == *" budgets "* ]]; then
    printf 'past the budgets:\n'
    sed 's/^/  /' "$logs/budgets.log"
fi
[ "${#failed_steps[@]}" -eq 0 ] || printf 'failed steps: %s\n' "${failed_steps[*]}"
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
