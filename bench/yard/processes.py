"""Starts and stops what bench.py needs. Every process dies with this one, however it ends, and only these are ever signalled."""
import ctypes
import os
import pathlib
import signal
import socket
import subprocess
import time

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True)


class Failed(Exception):
    """What the user is told before the end: one sentence."""


def die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def clean_environment(more=None):
    """Nothing of the caller's environment but what programs need to run at all: its settings are not ours."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return kept | {key: str(value) for key, value in (more or {}).items()}


def tail(path, lines=12):
    try:
        text = pathlib.Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join("  | " + line for line in text.splitlines()[-lines:])


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def end(process, patience):
    """SIGTERM, after `patience` seconds SIGKILL. Waits until the process is gone."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Server:
    """A server under test: start(), ready, stop(). Its output goes to `log`."""
    name = "server"
    patience = 10.0   # seconds it is given to stop

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.log = self.folder / f"{self.name}.log"
        self.port = free_port()
        self.process = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def command(self):
        """(argv, environment, working directory)"""
        raise NotImplementedError

    def is_ready(self):
        with socket.socket() as probe:
            probe.settimeout(1.0)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def start(self):
        """Starts and waits until ready. Returns how many seconds that took."""
        if self.process is not None:
            return 0.0
        argv, environment, folder = self.command()
        with open(self.log, "ab") as output:
            began = time.monotonic()
            # pylint: disable-next=consider-using-with
            self.process = subprocess.Popen(argv, env=environment, cwd=folder, stdin=subprocess.DEVNULL,
                                            stdout=output, stderr=output, preexec_fn=die_with_parent)
        while not self.is_ready():
            if self.process.poll() is not None:
                self.process = None
                raise Failed(f"{self.name} ended while starting:\n{tail(self.log)}")
            if time.monotonic() - began > 30:
                self.stop()
                raise Failed(f"{self.name} was not ready within 30 s:\n{tail(self.log)}")
            time.sleep(0.002)
        return time.monotonic() - began

    def stop(self):
        if self.process is not None:
            process, self.process = self.process, None
            end(process, self.patience)

    def forget_log(self):
        """Logs of millions of requests are not kept: the file is open for appending, so it can be emptied under way."""
        if self.log.exists() and self.log.stat().st_size > 1 << 20:
            os.truncate(self.log, 0)
