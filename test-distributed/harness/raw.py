"""Bytes on a socket: for requests that no decent client would send."""
import re
import socket
import time

from .client import Answer


class Exchange:
    """What came back: complete answers in order, whether the node closed, and what was left over."""

    def __init__(self):
        self.answers = []
        self.closed = False
        self.rest = b""

    @property
    def status(self):
        return self.answers[0].status if self.answers else None

    def __repr__(self):
        return f"{self.answers!r} closed={self.closed} rest={self.rest[:200]!r}"


def connect(port, timeout=5.0):
    end = socket.create_connection(("127.0.0.1", port), timeout=timeout)
    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return end


def exchange(port, data, answers=1, method="GET", timeout=5.0, wait_close=False, half_close=False):
    """Sends bytes and reads until `answers` final answers are there (with `wait_close`: until the node closes)."""
    with connect(port, timeout) as end:
        try:
            end.sendall(data)
            if half_close:
                end.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it may refuse and close before all is sent; the answer is still to be read
        return read(end, answers, method, timeout, wait_close)


def read(end, answers=1, method="GET", timeout=5.0, wait_close=False):
    result = Exchange()
    data = b""
    deadline = time.monotonic() + timeout
    while True:
        while True:
            taken = parse(data, method, result.closed)
            if taken is None:
                break
            answer, data = taken
            if answer.status >= 200:
                result.answers.append(answer)
        result.rest = data
        if result.closed or (not wait_close and len(result.answers) >= answers):
            return result
        left = deadline - time.monotonic()
        if left <= 0:
            return result
        end.settimeout(left)
        try:
            piece = end.recv(65536)
        except socket.timeout:
            return result
        except OSError:
            piece = b""
        if not piece:
            result.closed = True
        data += piece


def stays_open(end, seconds=0.3):
    """Whether the node keeps the connection, as far as a short look can tell."""
    end.settimeout(seconds)
    try:
        return end.recv(1, socket.MSG_PEEK) != b""
    except socket.timeout:
        return True
    except OSError:
        return False


def parse(data, method, closed):
    """One answer from the front of `data` and what follows it, or None while it is incomplete."""
    head, mark, rest = data.partition(b"\r\n\r\n")
    if not mark:
        return None
    lines = head.split(b"\r\n")
    match = re.fullmatch(rb"HTTP/1\.[01] (\d{3})(?: .*)?", lines[0])
    assert match, f"not an HTTP answer: {lines[0]!r}"
    status = int(match[1])
    headers = []
    for line in lines[1:]:
        name, _, value = line.partition(b":")
        headers.append((name.decode("latin-1"), value.strip().decode("latin-1")))
    answer = Answer(method, "", status, headers, b"")
    if status < 200 or status in (204, 304) or method == "HEAD":
        return answer, rest
    if (answer.header("Transfer-Encoding") or "").lower() == "chunked":
        taken = _chunks(rest)
        if taken is None:
            return None
        answer.body, rest = taken
        return answer, rest
    length = answer.header("Content-Length")
    if length is None:
        if not closed:
            return None
        answer.body = rest
        return answer, b""
    if len(rest) < int(length):
        return None
    answer.body = rest[: int(length)]
    return answer, rest[int(length):]


def _chunks(data):
    body = b""
    while True:
        line, mark, data = data.partition(b"\r\n")
        if not mark:
            return None
        size = int(line.split(b";")[0], 16)
        if len(data) < size + 2:
            return None
        body += data[:size]
        data = data[size + 2:]
        if size == 0:
            return body, data
