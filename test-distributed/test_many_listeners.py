"""Ten thousand browsers listen to one node, and each is told of each change."""
import os
import select
import socket
import time

import pytest

from harness.history import percentile
from harness.people import new_product
from harness.waiting import until

LONG = os.environ.get("KIENG_LONG") == "1"
MANY = 10_000 if LONG else 1_000
WRITES = 5
ROOM = {"MAX_EVENT_STREAMS": 12_000, "MAX_EVENT_STREAMS_PER_ADDRESS": 12_000, "MAX_CONNECTIONS": 13_000, "MAX_CONNECTIONS_PER_ADDRESS": 13_000}


class Crowd:
    """Listeners on one thread, which look only for words."""

    def __init__(self, port, many):
        self._poll = select.epoll()
        self._open = {}
        self._tail = {}
        for _ in range(many):
            one = socket.create_connection(("127.0.0.1", port), timeout=30)
            one.sendall(b"GET /api/events HTTP/1.1\r\nHost: shop.test\r\nAccept: text/event-stream\r\n\r\n")
            one.setblocking(False)
            self._open[one.fileno()] = one
            self._tail[one.fileno()] = b""
            self._poll.register(one, select.EPOLLIN)

    def wait_all(self, word, within):
        """How long each took, from now until it was told something with this word; it must be once for each."""
        began, took = time.monotonic(), {}
        while len(took) < len(self._open):
            left = began + within - time.monotonic()
            assert left > 0, f"{len(self._open) - len(took)} of {len(self._open)} were not told within {within} s"
            for end, _ in self._poll.poll(left, 1_000):
                self._take(end, word, began, took)
        return list(took.values())

    def _take(self, end, word, began, took):
        piece = self._open[end].recv(65_536)
        assert piece, "a stream ended"
        text = self._tail[end] + piece
        if word in text and end not in took:
            took[end] = time.monotonic() - began
        self._tail[end] = text[-200:] if end not in took else b""

    def close(self):
        self._poll.close()
        for one in self._open.values():
            one.close()


@pytest.mark.faults
def test_a_node_with_many_listeners(own_cluster, figure):
    shop = own_cluster(settings=ROOM).wait_whole()
    node, owner = shop[0], shop.owner(1)
    before = node.metric("process_resident_memory_bytes")
    crowd = Crowd(node.port, MANY)
    try:
        crowd.wait_all(b"event: view", 60)
        until(lambda: node.metric("kieng_event_streams") == MANY, 10, "all streams counted")
        each = (node.metric("process_resident_memory_bytes") - before) / MANY
        told = []
        for _ in range(WRITES):
            made = new_product(owner)  # on another node, so that it is pushed first
            told += crowd.wait_all(made["id"].encode(), 30)
        figure(f"{MANY} listeners of one node: from the answer until each is told",
               f"p50 {percentile(told, 0.5) * 1000:.0f} ms, p99 {percentile(told, 0.99) * 1000:.0f} ms, max {max(told) * 1000:.0f} ms")
        figure(f"{MANY} listeners of one node: memory of each", f"{each / 1024:.1f} KiB")
        assert shop[0].metric("kieng_event_streams_slow_total") == 0
        assert shop.agreed() is not None
    finally:
        crowd.close()
    until(lambda: node.metric("kieng_event_streams") == 0, 20, "all streams gone")
