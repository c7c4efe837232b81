"""A TCP proxy on loopback that can be cut, held still, slowed down, or made to break off after some bytes."""
import socket
import struct
import threading
import time

from .process import free_port


class Proxy:
    """Settings may change at any time and count for open connections too.

    hold      take bytes in, pass none on (a blackhole: nothing is closed)
    refuse    close new connections at once
    delay     seconds before each piece is passed on
    drop_after  bytes towards the target after which the connection is reset, or None

    It stands between two networks when told to listen in one namespace (`wires.Namespace`) or to reach its target in another.
    """

    def __init__(self, target_port, port=None, listen_in=None, reach_in=None):
        self.target_port = target_port
        self.port = port or free_port()
        self.hold = False
        self.refuse = False
        self.delay = 0.0
        self.drop_after = None
        self._lock = threading.Lock()
        self._pairs = {}  # and how many directions of each still flow
        self._closed = False
        self._reach_in = reach_in

        def listen():
            return socket.create_server(("127.0.0.1", self.port), backlog=256)
        self._listener = listen_in.inside(listen) if listen_in else listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        if self._reach_in:
            self._reach_in.enter()
        while not self._closed:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self.refuse:
                _reset(near)
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self.target_port), timeout=5)
            except OSError:
                _reset(near)
                continue
            far.settimeout(None)
            for end in (near, far):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pair = (near, far)
            with self._lock:
                self._pairs[pair] = 2
            threading.Thread(target=self._carry, args=(pair, near, far, True), daemon=True).start()
            threading.Thread(target=self._carry, args=(pair, far, near, False), daemon=True).start()

    def _carry(self, pair, source, sink, towards_target):
        carried = 0
        try:
            while True:
                piece = source.recv(65536)
                while self.hold and not self._closed:
                    time.sleep(0.01)
                if not piece:
                    sink.shutdown(socket.SHUT_WR)
                    self._one_way_done(pair)
                    return
                if self.delay:
                    time.sleep(self.delay)
                if towards_target and self.drop_after is not None and carried + len(piece) > self.drop_after:
                    sink.sendall(piece[: self.drop_after - carried])
                    self._reset_pair(pair)
                    return
                sink.sendall(piece)
                carried += len(piece)
        except OSError:
            self._reset_pair(pair)

    def _one_way_done(self, pair):
        with self._lock:
            left = self._pairs.get(pair, 0) - 1
            self._pairs[pair] = left
            if left > 0:
                return
            del self._pairs[pair]
        for end in pair:
            end.close()

    def _reset_pair(self, pair):
        with self._lock:
            self._pairs.pop(pair, None)
        for end in pair:
            _reset(end)

    @property
    def open_pairs(self):
        return len(self._pairs)

    def cut(self):
        """Resets all open connections and refuses new ones until `mend`."""
        self.refuse = True
        with self._lock:
            pairs = list(self._pairs)
        for pair in pairs:
            self._reset_pair(pair)

    def mend(self):
        self.refuse = False
        self.hold = False
        self.delay = 0.0
        self.drop_after = None

    def close(self):
        self._closed = True
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()
        self.cut()


def _reset(end):
    try:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    end.close()
