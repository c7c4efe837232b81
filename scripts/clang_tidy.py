#!/usr/bin/env python3
"""Runs clang-tidy (.clang-tidy) over the project's sources, two at a time.

    scripts/clang_tidy.py [FILE...]      all sources of build/dev when no file is named

Needs a configured dev build. g++'s precompiled header means nothing to clang, so the compile commands are
rewritten without it into build/tidy. Exits 1 when a file has a finding.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
NOT_FOR_CLANG = re.compile(r" -include \S*cmake_pch\.hxx| -Winvalid-pch| -fpch-preprocess| -Werror\b")


def compile_commands():
    commands = json.loads((TOP / "build/dev/compile_commands.json").read_text())
    commands = [entry for entry in commands if "cmake_pch" not in pathlib.Path(entry["file"]).name]
    for entry in commands:
        entry["command"] = NOT_FOR_CLANG.sub("", entry["command"])
    folder = TOP / "build/tidy"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "compile_commands.json").write_text(json.dumps(commands))
    return [entry["file"] for entry in commands]


def check(file):
    found = subprocess.run(
        ["clang-tidy-14", "-p", "build/tidy", "--quiet", "--extra-arg=-Wno-unknown-warning-option",
         "--extra-arg=-Wno-unused-command-line-argument", file],
        cwd=TOP, capture_output=True, text=True, check=False)
    return file, found.returncode, found.stdout


def main():
    known = compile_commands()
    wanted = [str(pathlib.Path(name).resolve()) for name in sys.argv[1:]] or known
    wanted = [name for name in wanted if name in known and not name.endswith("_src.cpp")]
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for file, status, findings in pool.map(check, wanted):
            if status:
                bad += 1
                print(findings.replace(str(TOP) + "/", ""), end="", flush=True)
                print(f"-- {pathlib.Path(file).relative_to(TOP)}", flush=True)
    print(f"{len(wanted)} files, {bad} with findings")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
