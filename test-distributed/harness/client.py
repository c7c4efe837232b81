"""A small HTTP client that says exactly what happened, and holds every answer against the contract."""
import http.client
import json as json_module
import select
import socket
import urllib.parse

from . import openapi
from .waiting import NoAnswer


class Answer:
    def __init__(self, method, path, status, headers, body):
        self.method = method
        self.path = path
        self.status = status
        self.headers = headers
        self.body = body

    def header(self, name, default=None):
        found = self.all(name)
        return found[0] if found else default

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def json(self):
        return json_module.loads(self.body)

    @property
    def code(self):
        """The problem's code, or None."""
        if (self.header("Content-Type") or "").startswith("application/problem+json"):
            return self.json().get("code")
        return None

    @property
    def faults(self):
        """(pointer, code) of each field fault of a problem."""
        return {(entry["pointer"], entry["code"]) for entry in self.json().get("errors", [])}

    @property
    def closes(self):
        return (self.header("Connection") or "").lower() == "close"

    def __repr__(self):
        return f"{self.method} {self.path} -> {self.status} {self.body[:600]!r}"


def token_rank(token):
    """What orders Kieng-Tokens: incarnation, then position."""
    if not token:
        return (-1, -1)
    incarnation, position, _ = token.split(".")
    return (int(incarnation), int(position))


def has_news(end):
    """Whether there is something to read now: bytes, or the end."""
    poll = select.poll()  # select() knows no file numbers beyond 1023
    poll.register(end, select.POLLIN)
    return bool(poll.poll(0))


def with_query(path, **parameters):
    given = {name: value for name, value in parameters.items() if value is not None}
    return path + ("?" + urllib.parse.urlencode(given) if given else "")


class Client:
    """One kept-alive connection; not to be shared by threads. With `follow` it sends back the greatest Kieng-Token
    it has seen, as the client libraries do. With `check` (the default) an answer against the contract fails the test."""

    def __init__(self, port, token=None, follow=False, check=True, timeout=15.0):
        self.port = port
        self.token = token
        self.follow = follow
        self.check = check
        self.timeout = timeout
        self.seen = None
        self._connection = None

    def close(self):
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _ready_connection(self):
        """The kept connection, unless the node has closed it: then a new one, before anything was sent."""
        if self._connection is not None and self._connection.sock is not None:
            if not has_news(self._connection.sock):
                return self._connection
        self.close()
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            self._connection.connect()
        except OSError as error:
            self.close()
            raise NoAnswer(f"cannot connect: {error}", sent=False) from error
        self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._connection

    def request(self, method, path, json=None, body=None, headers=None, key=None, version=None, token="own",
                content_type=None):
        """`json` or raw `body`; `key` is the Idempotency-Key, `version` goes into If-Match; `token=None` sends none."""
        fields = dict(headers or {})
        if json is not None:
            body = json_module.dumps(json, ensure_ascii=False).encode()
            content_type = content_type or "application/json"
        if content_type is not None:
            fields.setdefault("Content-Type", content_type)
        token = self.token if token == "own" else token
        if token is not None:
            fields.setdefault("Authorization", "Bearer " + token)
        if key is not None:
            fields["Idempotency-Key"] = key
        if version is not None:
            fields["If-Match"] = f'"{version}"'
        if self.follow and self.seen is not None:
            fields.setdefault("Kieng-Token", self.seen)
        answer = self._exchange(method, path, body, fields)
        self._remember(answer)
        if self.check:
            faults = openapi.contract().check(answer, fields)
            assert not faults, f"against the contract: {'; '.join(faults)}\n{answer!r}"
        return answer

    def _exchange(self, method, path, body, fields):
        connection = self._ready_connection()
        try:
            connection.request(method, path, body=body, headers=fields)
            raw = connection.getresponse()
            endless = (raw.getheader("Content-Type") or "").startswith("text/event-stream") and method != "HEAD"
            answer = Answer(method, path, raw.status, raw.getheaders(), b"" if endless else raw.read())
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise NoAnswer(f"{method} {path}: {error!r}") from error
        if raw.will_close or endless:  # harness/events.py reads those
            self.close()
        return answer

    def _remember(self, answer):
        token = answer.header("Kieng-Token")
        if token and token_rank(token) > token_rank(self.seen):
            self.seen = token

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, json=None, **options):
        return self.request("POST", path, json=json, **options)

    def put(self, path, json=None, **options):
        return self.request("PUT", path, json=json, **options)

    def patch(self, path, json=None, **options):
        return self.request("PATCH", path, json=json, **options)

    def delete(self, path, **options):
        return self.request("DELETE", path, **options)
