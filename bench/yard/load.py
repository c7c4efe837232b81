"""One point: a load against one server, with the figures of what it gave and what it cost."""
import json
import os
import subprocess

from yard import machine
from yard.database import BENCH
from yard.processes import Failed, clean_environment, die_with_parent


def wrk(server, script, clients, seconds, path="/", arguments=()):
    """Runs wrk with one of bench/wrk's scripts; returns its RESULT and, where there is one, its LOGINS."""
    argv = ["wrk", f"-t{min(2, clients)}", f"-c{clients}", f"-d{seconds}s", "--timeout", "10s",
            "-s", str(BENCH / "wrk" / f"{script}.lua"), server.url + path, "--", *map(str, arguments)]
    ran = subprocess.run(argv, env=clean_environment(), capture_output=True, text=True, check=False,
                         preexec_fn=die_with_parent)
    figures = {}
    for line in ran.stdout.splitlines():
        if line.startswith(("RESULT ", "LOGINS ")):
            figures |= json.loads(line.split(" ", 1)[1])
    if "requests" not in figures:
        raise Failed(f"wrk {script} against {server.name} failed: {(ran.stdout + ran.stderr).strip()[-500:]}")
    figures["rate"] = figures["requests"] / figures["seconds"]
    return figures


class Points:
    """Measures points and keeps them all. A point during which foreign processes took more than `limit` of the
    machine is measured again, at most `tries` times; all are kept, `quiet` marks the good ones."""

    def __init__(self, postmaster, patience=20.0, limit=0.10, tries=2):
        self.postmaster, self.patience, self.limit, self.tries = postmaster, patience, limit, tries
        self.rows = []

    def measure(self, load, pids, **about):
        """load() gives figures; `about` names the point. Returns the last row."""
        for attempt in range(self.tries + 1):
            machine.wait_quiet(self.patience)
            meter = machine.Meter(pids, self.postmaster)
            meter.start()
            figures = load()
            used = meter.stop()
            requests = max(1, figures["requests"])
            row = about | figures | {
                "attempt": attempt, "quiet": used.foreign_share <= self.limit,
                "server_us": used.server * 1e6 / requests, "database_us": used.database * 1e6 / requests,
                "foreign": round(used.foreign_share, 3), "client": round(used.client_share, 3)}
            self.rows.append(row)
            print(line_of(row), flush=True)
            if row["quiet"]:
                break
        return row

    def save(self, path):
        with open(f"{path}.new", "w", encoding="utf-8") as file:
            for row in self.rows:
                file.write(json.dumps(row) + "\n")
        os.replace(f"{path}.new", path)


def line_of(row):
    return (f"  {row['operation']:18} {row['server']:22} {row['clients']:>4} clients {row['rate']:>10,.0f}/s"
            f"  p50 {row['p50']:7.2f} ms  p99 {row['p99']:8.2f}  max {row['max']:8.1f}"
            f"  CPU {row['server_us'] + row['database_us']:7.1f} us"
            f"  bad {row['bad'] + row['broken']}{'' if row['quiet'] else '  (noisy: %d %% foreign)' % (row['foreign'] * 100)}")
