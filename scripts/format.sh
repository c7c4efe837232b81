#!/usr/bin/env bash
# Gives all C++ sources the layout of .clang-format.
#
#   scripts/format.sh            rewrites what differs
#   scripts/format.sh --check    changes nothing; exit code 1 and the places when something differs
#   scripts/format.sh FILE...    looks at these files only (after --check too)
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
mode=(-i)
if [[ ${1:-} == --check ]]; then
    mode=(--dry-run -Werror)
    shift
fi
case ${1:-} in
    '') ;;
    -*)
        sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"
        exit 2
        ;;
    *) exec clang-format-14 --style=file "${mode[@]}" -- "$@" ;;
esac
find . \( -name build -o -name node_modules -o -name .run -o -name .git \) -prune -o \
    \( -name '*.cpp' -o -name '*.hpp' \) -print0 |
    xargs -0 -r -P "$(nproc)" -n 20 clang-format-14 --style=file "${mode[@]}"
