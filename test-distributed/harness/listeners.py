"""Listeners of /api/events that outlive the nodes they listen to."""
import threading
import time

from .events import EventStream
from .waiting import NoAnswer, until


class Listeners:
    """One listener per node that goes on where it was, on the next node, when its stream ends."""

    def __init__(self, shop, token):
        self._shop = shop
        self._token = token
        self._done = threading.Event()
        self.heard = {node.name: [] for node in shop.nodes}
        self.last = {node.name: None for node in shop.nodes}
        self.failures = []
        begun = [EventStream(node.port, token) for node in shop.nodes]
        self._threads = [threading.Thread(target=self._run, args=(which, begun[which]), daemon=True) for which in range(len(shop.nodes))]
        for thread in self._threads:
            thread.start()

    def _run(self, which, stream):
        name, at = self._shop[which].name, which
        try:
            while True:
                place = 0
                while not (self._done.is_set() or (stream.ended.is_set() and place == len(stream.blocks))):
                    if self._shop[at].process.paused or not self._shop[at].process.alive:
                        break  # a client would notice by the silence; what is tested is what it finds elsewhere
                    place = self._take(name, stream, place)
                    time.sleep(0.005)
                self._take(name, stream, place)
                stream.close()
                if self._done.is_set():
                    return
                at, stream = self._next(name, at)
        except BaseException as error:  # noqa: B902
            self.failures.append(error)

    def _take(self, name, stream, place):
        while place < len(stream.blocks):
            block = stream.blocks[place]
            place += 1
            if block.event not in (None, "reset", "view"):
                self.heard[name].append((block.id, block.json()))
            assert block.event != "reset", f"{name} was told to start anew"
            self.last[name] = block.id or self.last[name]
        return place

    def _next(self, name, at):
        while not self._done.is_set():
            at = (at + 1) % len(self._shop.nodes)
            node = self._shop[at]
            if not node.process.alive or node.process.paused:
                continue
            try:
                stream = EventStream(node.port, self._token, last_id=self.last[name])
                if stream.status == 200:
                    return at, stream
                stream.close()
            except NoAnswer:
                pass
            time.sleep(0.02)
        raise AssertionError("no node to listen to")

    def finish(self, head):
        def there():
            assert not self.failures, self.failures[0]
            return all(one and int(one.split(".")[1]) >= head for one in self.last.values())
        until(there, 30, f"all listeners at position {head}: {self.last}")
        self._done.set()
        for thread in self._threads:
            thread.join(15)

    def versions(self, identity):
        """Versions in the order of arrival, by listener; a position cut by the end of a stream may come again, whole."""
        found = {}
        for name, events in self.heard.items():
            told = []
            for _, event in events:
                if event["entityId"] == identity and not (told and event["version"] == told[-1]) and event["version"] > 1:
                    told.append(event["version"])
            found[name] = told
        return found
