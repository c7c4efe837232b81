"""A listener of /api/events: one stream, its blocks taken apart, and the last id that came."""
import json
import socket
import threading

from .waiting import NoAnswer, until


class Block:
    def __init__(self, lines):
        self.event = self.id = self.data = None
        for line in lines:
            name, _, value = line.partition(": ")
            if name in ("event", "id", "data"):
                setattr(self, name, value)

    def json(self):
        return json.loads(self.data)

    def __repr__(self):
        return f"<{self.event} {self.id} {self.data}>"


class EventStream:
    """Connects at once and reads on a thread of its own until the stream ends, in order or not. `ended` says that it has."""

    def __init__(self, port, token=None, last_id=None, query="", headers=None, small_buffer=False):
        self.blocks = []
        self.last_id = last_id
        self.status = None
        self.headers = {}
        self.ended = threading.Event()
        self.complete = False
        self._socket = socket.socket()
        if small_buffer:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.settimeout(10)
        try:
            self._socket.connect(("127.0.0.1", port))
            lines = [f"GET /api/events{query} HTTP/1.1", "Host: shop.test", "Accept: text/event-stream"]
            lines += [f"Authorization: Bearer {token}"] if token else []
            lines += [f"Last-Event-ID: {last_id}"] if last_id else []
            lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
            self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
            self._file = self._socket.makefile("rb")
            self._read_head()
        except (OSError, ValueError) as error:
            self._socket.close()
            raise NoAnswer(f"no stream: {error!r}") from error
        self._socket.settimeout(60)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _read_head(self):
        self.status = int(self._file.readline().split()[1])
        while line := self._file.readline().strip():
            name, _, value = line.decode().partition(": ")
            self.headers[name.lower()] = value

    def _run(self):
        try:
            if self.headers.get("transfer-encoding") == "chunked":
                self._read_blocks()
        except (OSError, ValueError):
            pass
        self.ended.set()

    def _read_blocks(self):
        text = b""
        while size := int(self._file.readline(), 16):
            text += self._file.read(size)
            self._file.readline()
            *whole, text = text.split(b"\n\n")
            for one in whole:
                block = Block(one.decode().split("\n"))
                self.blocks.append(block)
                self.last_id = block.id or self.last_id
        self.complete = True

    @property
    def events(self):
        """What was announced, in order, as JSON."""
        return [block.json() for block in list(self.blocks) if block.event not in (None, "reset", "view")]

    def about(self, identity):
        return [event for event in self.events if event["entityId"] == identity]

    def wait_for(self, probe, within=10.0, what="an event"):
        return until(lambda: probe(self), within, what)

    def wait_id(self, token, within=15.0):
        """Until the stream has come as far as a Kieng-Token."""
        wanted = position_of(token)
        return until(lambda: self.last_id and position_of(self.last_id) >= wanted, within, f"position {wanted} on the stream")

    def close(self):
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._thread.join()
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def position_of(token):
    return int(token.split(".")[1])
