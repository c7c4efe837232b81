"""The ways between nodes: each node is reached by the others at a proxy of ours, which sees by the signed headers who calls
whom, so that one pair, or one direction of it, can be cut while all else goes on.

A link is an ordered pair (from, to): what `from` says to `to`, whoever opened the connection. What can be done to one:

    cut      nothing of it arrives any more, and nothing is closed: what a dead cable does
    lose     pushes (POST /api/sync/receive) vanish without an answer
    twice    each push arrives twice, byte for byte
    late     seconds that each push waits before it goes on"""
import socket
import threading
import time

from .process import free_port
from .proxy import _reset

PUSH = b"POST /api/sync/receive "


class Link:
    def __init__(self):
        self.cut = False
        self.lose = False
        self.twice = False
        self.late = 0.0
        self.pushes = 0  # that came this way
        self.met = 0     # of them, those that a fault met
        self.pushed = b""  # the bodies of the last pushes


class Links:
    """`fronts[name]` is the port at which node `name`, that listens on `ports[name]`, is found by the others."""

    def __init__(self, ports):
        self._links = {(one, other): Link() for one in ports for other in ports if one != other}
        self._fronts = {name: _Front(name, port, self) for name, port in ports.items()}
        self.fronts = {name: front.port for name, front in self._fronts.items()}

    def __getitem__(self, pair):
        """Of a stranger, such as a node that joins later, every link is whole."""
        return self._links.get(pair) or self._links.setdefault(pair, Link())

    def cut(self, one, other):
        """Both directions; see `Link.cut` for one."""
        self[one, other].cut = self[other, one].cut = True

    def mend(self):
        for link in list(self._links.values()):
            link.cut = link.lose = link.twice = False
            link.late = 0.0

    def close(self):
        for front in self._fronts.values():
            front.close()


class _Front:
    def __init__(self, name, target_port, links):
        self.name = name
        self.target_port = target_port
        self.links = links
        self.port = free_port()
        self._closed = False
        self._open = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=256)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while not self._closed:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:  # before the caller has said anything, so that a dead node refuses here too
                far = self._reach()
            except OSError:
                _reset(near)
                continue
            with self._lock:
                self._open |= {near, far}
            threading.Thread(target=self._serve, args=(near, far), daemon=True).start()

    def _reach(self):
        far = socket.create_connection(("127.0.0.1", self.target_port), timeout=5)
        far.settimeout(None)
        far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return far

    def _serve(self, near, far):
        """Carries requests one by one; the answers flow back on a thread of their own once the caller is known."""
        caller = None
        source = near.makefile("rb")
        try:
            while request := _read_request(source):
                head, body = request
                if caller is None:
                    caller = _caller_of(head)
                    threading.Thread(target=self._carry_back, args=(near, far, caller), daemon=True).start()
                self._pass_on(far, self.links[caller, self.name], head, body)
            far.shutdown(socket.SHUT_WR)
        except OSError:
            self._end(near, far)

    def _pass_on(self, far, link, head, body):
        self._while_cut(link)
        if head.startswith(PUSH):
            link.pushes += 1
            link.pushed = (link.pushed + body)[-100_000:]
            if link.lose:
                link.met += 1
                return
            if link.late:
                link.met += 1
                time.sleep(link.late)
            if link.twice:
                link.met += 1
                self._once_more(head + body)
        far.sendall(head + body)

    def _once_more(self, request):
        """On a connection of its own, whose answer nobody hears."""
        with self._reach() as other:
            other.settimeout(2)
            other.sendall(request)
            try:
                other.recv(65536)
            except OSError:
                pass

    def _carry_back(self, near, far, caller):
        link = self.links[self.name, caller]
        try:
            while piece := far.recv(65536):
                self._while_cut(link)
                near.sendall(piece)
        except OSError:
            pass
        self._while_cut(link)  # nor does the end of a connection pass a cut cable
        self._end(near, far)

    def _while_cut(self, link):
        while link.cut and not self._closed:
            time.sleep(0.01)

    def _end(self, near, far):
        with self._lock:
            self._open -= {near, far}
        _reset(near)
        _reset(far)

    def close(self):
        self._closed = True
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()
        with self._lock:
            ends = list(self._open)
        for end in ends:
            _reset(end)


def _read_request(source):
    """Head and body of the next request, or None at the end of the connection."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = source.readline()
        if not line:
            return None
        head += line
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return head, source.read(length) if length else b""


def _caller_of(head):
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"kieng-peer":
            return value.strip().decode()
    return ""
