"""One child process: started, signalled by its own pid, always reaped. It dies with the test process."""
import os
import pwd
import random
import signal
import socket
import subprocess


class Process:
    def __init__(self, name, argv, log, cwd, env, user=None):
        self.name = name
        self.log = log
        self.paused = False
        self.expected_end = False
        guard = ["setpriv", "--pdeathsig", "KILL"]
        if user is not None:
            account = pwd.getpwnam(user)
            guard += ["--reuid", str(account.pw_uid), "--regid", str(account.pw_gid), "--clear-groups"]
        with open(log, "ab") as sink:
            self.popen = subprocess.Popen(guard + ["--"] + argv, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink,
                                          cwd=cwd, env=env)

    @property
    def pid(self):
        return self.popen.pid

    @property
    def alive(self):
        return self.popen.poll() is None

    def signal(self, number):
        if self.alive:
            os.kill(self.pid, number)

    def pause(self):
        self.paused = True
        self.signal(signal.SIGSTOP)

    def resume(self):
        self.paused = False
        self.signal(signal.SIGCONT)

    def kill(self):
        self.expected_end = True
        self.signal(signal.SIGKILL)
        self.popen.wait()

    def wait(self, within):
        """The exit code; fails when the process is still there after `within` seconds."""
        self.expected_end = True
        try:
            return self.popen.wait(within)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} was still running after {within:g} s") from None

    def text(self):
        with open(self.log, "rb") as source:
            return source.read().decode("utf-8", "replace")


def children_of(pid):
    """Pids whose parent is `pid`. PostgreSQL's own children leave its process group, so that would not find them."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as source:
                fields = source.read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(entry))
    return found


def memory_bytes(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as source:
        for line in source:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    return 0


_given = set()


def free_port():
    """A port on which nobody listens, outside the range from which the system takes ports for outgoing connections."""
    chooser = random.Random()
    for _ in range(500):
        port = chooser.randrange(20000, 32000)
        if port in _given:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.add(port)
        return port
    raise RuntimeError("no free port between 20000 and 32000")
