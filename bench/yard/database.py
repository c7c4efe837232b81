"""The private PostgreSQL: told by KIENG_TEST_DB (scripts/with-postgres.sh), filled once, measured by pgbench."""
import pathlib
import re
import secrets
import subprocess
import tempfile

from yard.processes import Failed, clean_environment, die_with_parent

BENCH = pathlib.Path(__file__).resolve().parent.parent
NAME = "kieng_bench"


def postgres_bin():
    """The newest server's programs; pgbench lies there."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/pgbench"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise Failed("pgbench is not installed: run scripts/install-deps.sh bench")
    return found[-1].parent


class Database:
    """One database with a role of its own, as an operator would make it."""

    def __init__(self, conninfo):
        self.admin = dict(re.findall(r"(\w+)=(\S+)", conninfo))
        if not {"host", "port", "user", "password"} <= self.admin.keys():
            raise Failed("KIENG_TEST_DB is not set: run scripts/bench.sh")
        self.bin = postgres_bin()
        self.user, self.password = "kieng", secrets.token_hex(16)
        self.postmaster = 0

    def environment(self, admin=False, database=NAME):
        return clean_environment({
            "PGHOST": self.admin["host"], "PGPORT": self.admin["port"],
            "PGUSER": self.admin["user"] if admin else self.user,
            "PGPASSWORD": self.admin["password"] if admin else self.password,
            "PGDATABASE": self.admin["dbname"] if database is None else database})

    def psql(self, sql, *options, admin=False, database=NAME):
        """Runs SQL from text; returns what it prints, unaligned and without headings."""
        ran = subprocess.run([self.bin / "psql", "-X", "-q", "-A", "-t", "-F", " ", "-v", "ON_ERROR_STOP=1", *options],
                             input=sql, env=self.environment(admin, database), capture_output=True, text=True,
                             check=False)
        if ran.returncode != 0:
            raise Failed(f"SQL failed: {ran.stderr.strip()}")
        return ran.stdout.strip()

    def create(self):
        self.psql(f"CREATE ROLE {self.user} LOGIN PASSWORD '{self.password}'", admin=True, database=None)
        self.psql(f"CREATE DATABASE {NAME} OWNER {self.user}", admin=True, database=None)
        folder = self.psql("SHOW data_directory", admin=True, database=None)
        with open(f"{folder}/postmaster.pid", encoding="ascii") as file:
            self.postmaster = int(file.readline())

    def node_settings(self):
        return {"DB_HOST": self.admin["host"], "DB_PORT": self.admin["port"], "DB_USER": self.user,
                "DB_PASSWORD": self.password, "DB_NAME": NAME, "DB_SSLMODE": "disable"}

    def fill(self, products):
        """Loads the products and their stock, then the functions that pgbench calls, then the statistics that plans are made by."""
        for name in ("products.sql", "stock.sql", "functions.sql", "orders.sql"):
            self.psql((BENCH / "sql" / name).read_text(encoding="utf-8"), "-v", f"products={products}")
        self.settle()

    def settle(self):
        """Before a block of points: no vacuum left to do, statistics fresh, no checkpoint due soon."""
        self.psql("VACUUM ANALYZE", admin=True)
        self.psql("CHECKPOINT", admin=True)

    def pgbench(self, script, clients, seconds):
        """One run: the same figures as wrk's."""
        with tempfile.TemporaryDirectory(prefix="pgbench.") as folder:
            argv = [self.bin / "pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", str(min(2, clients)),
                    "-T", str(seconds), "-l", "--sampling-rate=0.1", "-f", BENCH / "pgbench" / f"{script}.sql"]
            ran = subprocess.run(argv, env=self.environment(), cwd=folder, capture_output=True, text=True,
                                 check=False, preexec_fn=die_with_parent)
            rate = re.search(r"^tps = ([\d.]+)", ran.stdout, re.MULTILINE)
            failed = re.search(r"failed transactions: (\d+)", ran.stdout)
            count = re.search(r"transactions actually processed: (\d+)", ran.stdout)
            if ran.returncode != 0 or not rate or not count:
                raise Failed(f"pgbench {script} failed: {ran.stderr.strip()[-500:]}")
            spent = sorted(int(line.split()[2]) for log in pathlib.Path(folder).glob("pgbench_log.*")
                           for line in log.read_text(encoding="ascii").splitlines())
        at = (lambda share: spent[min(len(spent) - 1, int(len(spent) * share))] / 1000) if spent else (lambda _: 0.0)
        return {"requests": int(count[1]), "rate": float(rate[1]), "p50": at(0.5), "p99": at(0.99), "max": at(1.0),
                "bad": int(failed[1]) if failed else 0, "broken": 0}

