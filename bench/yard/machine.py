"""Who used how much of the machine's CPU while something ran. Reads /proc only."""
import dataclasses
import os
import statistics
import tempfile
import time

HZ = os.sysconf("SC_CLK_TCK")


@dataclasses.dataclass
class Usage:
    """CPU seconds of one measurement; `total` is what all cores together could have given."""
    wall: float
    total: float
    server: float
    database: float
    client: float
    foreign: float

    @property
    def foreign_share(self):
        return self.foreign / self.total

    @property
    def client_share(self):
        return self.client / self.total


def machine_seconds():
    """(busy, all) seconds of all cores since the machine started."""
    with open("/proc/stat", encoding="ascii") as stat:
        ticks = [int(word) for word in stat.readline().split()[1:9]]
    idle = ticks[3] + ticks[4]
    return (sum(ticks) - idle) / HZ, sum(ticks) / HZ


def all_processes():
    """pid -> (parent, own seconds and those of children it has waited for)."""
    found = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        found[int(name)] = (int(fields[1]), sum(map(int, fields[11:15])) / HZ)
    return found


def tree(processes, root):
    """The pids of a process and everything below it."""
    family = {root}
    grew = True
    while grew:
        more = {pid for pid, (parent, _) in processes.items() if parent in family} - family
        family |= more
        grew = bool(more)
    return family


def tree_seconds(processes, root):
    return sum(processes[pid][1] for pid in tree(processes, root) if pid in processes)


class Meter:
    """Measures what happens between start() and stop(). `server_pids` are the roots of the server under test;
    everything below this program that is neither it nor PostgreSQL counts as ours too, only not as the server's."""

    def __init__(self, server_pids, postmaster):
        self.server_pids, self.postmaster = list(server_pids), postmaster
        self.before = None

    def sample(self):
        processes = all_processes()
        return {
            "wall": time.monotonic(),
            "machine": machine_seconds(),
            "server": sum(tree_seconds(processes, pid) for pid in self.server_pids),
            "database": tree_seconds(processes, self.postmaster),
            "ours": tree_seconds(processes, os.getpid()),
        }

    def start(self):
        self.before = self.sample()

    def stop(self):
        old, new = self.before, self.sample()
        busy = new["machine"][0] - old["machine"][0]
        total = new["machine"][1] - old["machine"][1]
        server, database, ours = (new[key] - old[key] for key in ("server", "database", "ours"))
        return Usage(wall=new["wall"] - old["wall"], total=max(total, 1 / HZ), server=server, database=database,
                     client=max(0.0, ours - server), foreign=max(0.0, busy - ours - database))


def wait_quiet(limit=20.0, share=0.15):
    """Waits, at most `limit` seconds, until the machine is otherwise quiet. Says whether it became so."""
    end = time.monotonic() + limit
    while True:
        busy, total = machine_seconds()
        time.sleep(0.3)
        busy_now, total_now = machine_seconds()
        if busy_now - busy < share * (total_now - total):
            return True
        if time.monotonic() >= end:
            return False


def flush_microseconds(folder, times=100):
    """What the disk below a folder takes to make 8 KiB durable, the median: the floor under every commit."""
    spent = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(times):
            began = time.monotonic()
            os.pwrite(file.fileno(), b"x" * 8192, 0)
            os.fdatasync(file.fileno())
            spent.append((time.monotonic() - began) * 1e6)
    return statistics.median(spent)


def resident_mib(pid):
    """Resident memory of one process in MiB."""
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
        for line in status:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    return 0.0


def describe():
    """One line about the machine."""
    model = "unknown CPU"
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as info:
        for line in info:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{len(os.sched_getaffinity(0))} cores ({model}), {memory:.0f} GiB, Linux {os.uname().release}"
