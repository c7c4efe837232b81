#!/usr/bin/env python3
"""Measures Kiềng beside nginx, pgbench and Express. Started by scripts/bench.sh, which says what the options mean."""
import argparse
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

from yard import extras, machine, picture, plan, report, sections
from yard.database import BENCH, Database
from yard.load import Points
from yard.processes import Failed, clean_environment
from yard.servers import Kieng

EXTRAS = {"login": extras.login, "memory": extras.memory, "start": extras.start_up}
HASTE = {"patience": 3.0, "tries": 1}   # a quick run waits less for a quiet machine
SECTIONS = {"cached": sections.cached, "uncached": sections.uncached, "writes": sections.writes}


def numbers(text):
    return [int(word) for word in text.split(",")]


def read_options(argv):
    read = argparse.ArgumentParser(prog="scripts/bench.sh")
    read.add_argument("--binary", type=pathlib.Path, required=True)
    read.add_argument("--modules", type=pathlib.Path, required=True)
    read.add_argument("--out", type=pathlib.Path, required=True)
    read.add_argument("--quick", action="store_true")
    read.add_argument("--rounds", type=int)
    read.add_argument("--seconds", type=int)
    read.add_argument("--only", action="append", default=[])
    read.add_argument("--conns", type=numbers, default=[])
    read.add_argument("--products", type=int, default=10_000)
    read.add_argument("--pool", type=int, default=8)
    options = read.parse_args(argv)
    options.rounds = options.rounds or (1 if options.quick else 3)
    options.seconds = options.seconds or (3 if options.quick else 8)
    options.workers = len(os.sched_getaffinity(0))
    options.sizes = {}
    known = {op.name for op in plan.OPERATIONS} | SECTIONS.keys() | EXTRAS.keys()
    unknown = set(options.only) - known
    if unknown:
        read.error(f"--only knows {', '.join(sorted(known))}")
    return options


def first_line(*argv):
    try:
        ran = subprocess.run(argv, env=clean_environment(), capture_output=True, text=True, check=False)
    except OSError:
        return "unknown"
    return ((ran.stdout + ran.stderr).strip().splitlines() or ["unknown"])[0]


def about(options, database):
    top = BENCH.parent
    versions = (first_line("nginx", "-v").replace("nginx version: ", ""), first_line(str(database.bin / "postgres"), "--version"),
                "Node.js " + first_line("node", "--version"), first_line("wrk", "-v").split(" [")[0])
    return {"machine": machine.describe(), "versions": ", ".join(versions), "products": options.products,
            "sizes": options.sizes, "flush_us": machine.flush_microseconds(tempfile.gettempdir()), "rounds": options.rounds, "seconds": options.seconds, "pool": options.pool,
            "when": time.strftime("%Y-%m-%d %H:%M"), "commit": first_line("git", "-C", str(top), "describe", "--always", "--dirty")}


def measure(options, bench, besides):
    """Everything asked for; what is no point goes into `besides`."""
    for name, section in SECTIONS.items():
        if any(op.section == name for op in plan.named(options.only)):
            section(bench)
    for name, extra in EXTRAS.items():
        if not options.only or name in options.only:
            print(f"{name} ...", flush=True)
            besides[name] = extra(bench)


def write_down(options, database, points, besides):
    measured = report.cells(points.rows)
    lines = report.summaries(measured)
    facts = about(options, database)
    options.out.mkdir(parents=True, exist_ok=True)
    points.save(options.out / "points.jsonl")
    (options.out / "results.md").write_text(report.markdown(facts, measured, lines, besides), encoding="utf-8")
    (options.out / "results.json").write_text(report.as_json(facts, measured, lines, besides), encoding="utf-8")
    (options.out / "results.svg").write_text(picture.svg(lines), encoding="utf-8")
    print()
    print("\n".join((*report.summary_table(lines),) if lines else ()))
    print("\n".join(report.extras_text(besides)))
    print(f"\n{options.out}/results.md, results.json, results.svg")
    return [line for line in lines if line["bad"]]


def main(argv):
    options = read_options(argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="kieng-bench.") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o711)
        database = Database(os.environ.get("KIENG_TEST_DB", ""))
        database.create()
        migrate(options, database, folder)
        database.fill(options.products)
        points = Points(database.postmaster, **(HASTE if options.quick else {}))
        besides, bad = {}, []
        try:
            measure(options, sections.Bench(options, database, folder, points), besides)
        finally:   # what was measured before a failure or Ctrl-C is worth keeping
            if points.rows or besides:
                bad = write_down(options, database, points, besides)
    if bad:
        print("Some of our answers were errors: " + ", ".join(f"{line['operation']} ({line['bad']})" for line in bad))
    return 1 if bad else 0


def migrate(options, database, folder):
    node = Kieng(folder, options.binary, database)
    ran = subprocess.run([options.binary, "migrate"], env=node.environment(), cwd=folder, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        raise Failed(f"kieng-node migrate failed: {(ran.stdout + ran.stderr).strip()[-800:]}")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Failed as failed:
        print(f"bench: {failed}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
