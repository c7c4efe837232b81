"""Listeners of /api/events that outlive the nodes they listen to."""
import collections
import itertools
import threading
import time

from .events import EventStream, position_of
from .waiting import NoAnswer, until

Heard = collections.namedtuple("Heard", "pos seq type entity version")


class Listeners:
    """One listener per node that goes on where it was, on the next node, when its stream ends."""

    def __init__(self, shop, token):
        self._shop = shop
        self.token = token
        self._done = threading.Event()
        self.heard = {node.name: [] for node in shop.nodes}  # what each was told, in order, without what a cut stream will tell again
        self.begun = {node.name: None for node in shop.nodes}  # the position at which it came in
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
                self._forget_what_comes_again(name)
                at, stream = self._next(name, at)
        except BaseException as error:  # noqa: B902
            self.failures.append(error)

    def _take(self, name, stream, place):
        while place < len(stream.blocks):
            block = stream.blocks[place]
            place += 1
            if block.event not in (None, "reset", "view"):
                event = block.json()
                self.heard[name].append(Heard(event["pos"], event["seq"], event["type"], event["entityId"], event["version"]))
            assert block.event != "reset", f"{name} was told to start anew"
            self.last[name] = block.id or self.last[name]
            self.begun[name] = self.begun[name] or self.last[name]
        return place

    def _forget_what_comes_again(self, name):
        """A position whose last event had not come is told anew, whole."""
        last = position_of(self.last[name]) if self.last[name] else 0
        while self.heard[name] and self.heard[name][-1].pos > last:
            self.heard[name].pop()

    def _next(self, name, at):
        while not self._done.is_set():
            at = (at + 1) % len(self._shop.nodes)
            node = self._shop[at]
            if not node.process.alive or node.process.paused:
                time.sleep(0.02)
                continue
            try:
                stream = EventStream(node.port, self.token, last_id=self.last[name])
                if stream.status == 200:
                    return at, stream
                stream.close()
            except NoAnswer:
                pass
            time.sleep(0.02)
        raise AssertionError("no node to listen to")

    def stop(self):
        """Of a run that is judged no more."""
        self._done.set()
        for thread in self._threads:
            thread.join(15)

    def finish(self, head):
        def there():
            assert not self.failures, self.failures[0]
            return all(one and position_of(one) >= head for one in self.last.values())
        until(there, 30, f"all listeners at position {head}: {self.last}")
        self.stop()

    def versions(self, identity):
        """Versions in the order of arrival, by listener."""
        return {name: [one.version for one in heard if one.entity == identity and one.version > 1] for name, heard in self.heard.items()}


def check_listeners_heard_all(listeners, postgres):
    """Each was told what the outbox holds since it came in: in the order of positions, nothing missing, nothing twice."""
    rows = postgres.query("SELECT pos, seq - 1, type, entity_id::text, version FROM outbox ORDER BY pos, seq")
    for name, heard in listeners.heard.items():
        begun = position_of(listeners.begun[name])
        expected = [Heard(*row) for row in rows if row[0] > begun]
        for place, (one, other) in enumerate(itertools.zip_longest(heard, expected)):
            assert one == other, f"the listener that began at {name}, from position {begun} on, at place {place}: heard {one}, announced was {other}"
    return min(len(heard) for heard in listeners.heard.values())
