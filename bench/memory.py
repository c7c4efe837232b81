#!/usr/bin/env python3
"""How much memory a node takes that reads lists and products of a large database until its cache is full, and beyond.

    bench/memory.py BINARY      the database is that of KIENG_TEST_DB and DB_*; started by bench/explain-million.sh

Exit code 1 when the node takes more than its cache and 64 MiB."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from yard import load, machine
from yard.processes import Failed, clean_environment
from yard.servers import Kieng

CACHES = (64, 256)   # MiB
ALLOWED = 64         # MiB beside the cache
SECONDS = 12
TARGETS = """
SELECT '/products/' || id FROM (SELECT id FROM products WHERE status = 2 ORDER BY md5(id::text) LIMIT 20000) p
UNION ALL
SELECT '/products?limit=' || l || '&category=' || c.slug FROM generate_series(101, 200) l, categories c WHERE c.parent_id IS NULL
UNION ALL
SELECT '/products?limit=' || l || '&minPrice=' || 20000 + m * 1000 FROM generate_series(101, 200) l, generate_series(1, 50) m"""


class Given:
    """The database that was filled before."""

    def node_settings(self):
        return {name: os.environ[name] for name in ("DB_HOST", "DB_PORT", "DB_USER", "DB_PASSWORD", "DB_NAME", "DB_SSLMODE")}


def targets():
    where = dict(re.findall(r"(\w+)=(\S+)", os.environ["KIENG_TEST_DB"]))
    environment = clean_environment({"PGHOST": where["host"], "PGPORT": where["port"], "PGUSER": where["user"],
                                     "PGPASSWORD": where["password"], "PGDATABASE": where["dbname"]})
    ran = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", TARGETS], env=environment,
                         capture_output=True, text=True, check=True)
    return ran.stdout


def measure(binary, folder, file, cache):
    node = Kieng(folder, binary, Given(), f"kieng-{cache}", CACHE_BYTES=f"{cache}MiB", ACCESS_LOG="off", LOG_LEVEL="warning")
    node.start()
    try:
        fresh = machine.resident_mib(node.process.pid)
        peak, answers, bad = fresh, 0, 0
        for clients in (16, 64):
            figures = load.wrk(node, "targets", clients, SECONDS, "/", [file])
            answers += figures["requests"]
            bad += figures["bad"] + figures["broken"]
            peak = max(peak, machine.resident_mib(node.process.pid))
        held = node.metric("kieng_cache_bytes") / 2**20
    finally:
        node.stop()
    print(f"| {cache} | {fresh:.0f} | {answers} | {bad} | {held:.0f} | {peak:.0f} | {cache + ALLOWED} |", flush=True)
    return peak <= cache + ALLOWED and bad == 0


def main():
    with tempfile.TemporaryDirectory(prefix="kieng-memory.") as name:
        folder = pathlib.Path(name)
        (folder / "targets").write_text(targets(), encoding="utf-8")
        print("| CACHE_BYTES, MiB | node after start, MiB | answers | bad | held by the cache, MiB | node after that, MiB | allowed, MiB |")
        print("|---:|---:|---:|---:|---:|---:|---:|")
        return 0 if all([measure(sys.argv[1], folder, folder / "targets", cache) for cache in CACHES]) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failed:
        print(failed, file=sys.stderr)
        sys.exit(1)
