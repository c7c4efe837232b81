"""Real packets between nodes: each node lives in a network namespace of its own, where its only way to the others is a TUN device, and a switch
of ours (`switch.py`) carries, loses, delays and cuts what they say. Nothing is added to the machine's own network, and nothing stays behind.

Clients and PostgreSQL are outside; proxies carry to them at the usual ports of 127.0.0.1, so that only what nodes say to each other suffers."""
import contextlib
import ctypes
import fcntl
import itertools
import json
import os
import shutil
import struct
import subprocess
import sys
import threading

from .proxy import Proxy

CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
IFF_TUN_NO_PI = 0x0001 | 0x1000
_libc = ctypes.CDLL(None, use_errno=True)


def why_not():
    """Why there can be no namespaces here; None when there can."""
    if not shutil.which("nsenter"):
        return "nsenter is not installed"
    try:
        Namespace("10.77.0.250").close()
    except OSError as error:
        return f"no network namespaces with TUN devices here: {error}"
    return None


def _checked(result, what):
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")


def _in_thread(work):
    """A namespace is entered by one thread; so that ours stays where it is, another one goes."""
    outcome = {}

    def run():
        try:
            outcome["value"] = work()
        except BaseException as error:  # noqa: B902 - handed to the thread that asked
            outcome["error"] = error
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if "error" in outcome:
        raise outcome["error"]
    return outcome["value"]


class Namespace:
    """A network of its own with a loopback and one TUN device of this address. It lasts as long as somebody holds it."""

    def __init__(self, address):
        self.address = address
        self.fd = self.tun = -1
        try:
            _in_thread(self._make)
        except BaseException:
            self.close()
            raise

    def _make(self):
        _checked(_libc.unshare(CLONE_NEWNET), "unshare")
        self.fd = os.open(f"/proc/self/task/{threading.get_native_id()}/ns/net", os.O_RDONLY)
        self.tun = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(self.tun, TUNSETIFF, struct.pack("16sH22x", b"peers", IFF_TUN_NO_PI))
        for command in (f"addr add {self.address}/24 dev peers", "link set lo up", "link set peers up"):
            done = subprocess.run(["ip", *command.split()], check=False, capture_output=True, text=True)
            if done.returncode != 0:
                raise OSError(f"ip {command}: {done.stderr.strip()}")

    def enter(self):
        """For the calling thread, for good."""
        _checked(_libc.setns(self.fd, CLONE_NEWNET), "setns")

    def inside(self, work):
        def run():
            self.enter()
            return work()
        return _in_thread(run)

    @property
    def prefix(self):
        """What a command line begins with to run in here."""
        return ["nsenter", f"--net=/proc/{os.getpid()}/fd/{self.fd}", "--"]

    def close(self):
        for fd in (self.fd, self.tun):
            if fd >= 0:
                os.close(fd)
        self.fd = self.tun = -1


class Wires:
    """`addresses[name]` is where the others find a node. Rules count for packets from now on. `operator` is one more namespace on the same switch,
    for programs that talk to the nodes at their own addresses."""

    def __init__(self, ports, database_port, seed=0):
        self._close = contextlib.ExitStack()
        self._lock = threading.Lock()
        self.names = list(ports)
        self.spaces, self.addresses = {}, {}
        self.database = {}  # by node, the proxy through which it reaches PostgreSQL
        try:
            for number, (name, port) in enumerate(ports.items(), start=1):
                self.addresses[name] = f"10.77.0.{number}"
                space = self.spaces[name] = Namespace(self.addresses[name])
                self._close.callback(space.close)
                self._close.callback(Proxy(port, port, reach_in=space).close)
                self.database[name] = Proxy(database_port, database_port, listen_in=space)
                self._close.callback(self.database[name].close)
            self.operator = Namespace("10.77.0.100")
            self._close.callback(self.operator.close)
            self._switch = self._start_switch(seed)
            self._close.callback(self._end_switch)
        except BaseException:
            self._close.close()
            raise

    def _start_switch(self, seed):
        program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "switch.py")
        spaces = {**self.spaces, "operator": self.operator}
        ends = [f"{name}={space.tun}={space.address}" for name, space in spaces.items()]
        return subprocess.Popen([sys.executable, "-B", program, str(seed), *ends], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                pass_fds=[space.tun for space in spaces.values()])

    def _end_switch(self):
        self._switch.stdin.close()
        try:
            self._switch.wait(10)
        except subprocess.TimeoutExpired:
            self._switch.kill()
            self._switch.wait()
        self._switch.stdout.close()

    def _command(self, order):
        with self._lock:
            self._switch.stdin.write(json.dumps(order).encode() + b"\n")
            self._switch.stdin.flush()
            return json.loads(self._switch.stdout.readline())

    def rule(self, one, other, **what):
        """One direction: what `one` says to `other`. `loss`, `delay`, `cut`, `flap`; see switch.py."""
        self._command({"from": one, "to": other, **what})

    def pair(self, one, other, **what):
        self.rule(one, other, **what)
        self.rule(other, one, **what)

    def all(self, **what):
        """Between all nodes."""
        for one, other in itertools.permutations(self.names, 2):
            self.rule(one, other, **what)

    def everybody(self, **what):
        """Between all nodes, and between each and the operator."""
        for one, other in itertools.permutations([*self.names, "operator"], 2):
            self.rule(one, other, **what)

    def mend(self):
        self.everybody(loss=0.0, delay=0.0, cut=False, flap=0.0)

    def counts(self):
        """(passed, lost) packets by (from, to), since the beginning."""
        return {tuple(way.split()): tuple(pair) for way, pair in self._command({"count": True}).items()}

    def lost(self):
        return sum(lost for _, lost in self.counts().values())

    def close(self):
        self._close.close()
