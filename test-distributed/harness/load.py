"""Clients that work while something breaks. Each thread keeps one connection and writes down all it did."""
import threading
import time
import uuid

from .client import Client
from .history import History
from .waiting import NoAnswer, until


class Load:
    """Runs `work(worker)` over and over in threads until stopped. A worker that raises ends the run as failed."""

    def __init__(self):
        self.history = History()
        self._stop = threading.Event()
        self._threads = []
        self._failures = []

    def add(self, work, *arguments):
        thread = threading.Thread(target=self._run, args=(work, arguments), daemon=True)
        self._threads.append(thread)
        return self

    def _run(self, work, arguments):
        try:
            while not self._stop.is_set():
                work(*arguments)
        except BaseException as error:  # noqa: B902 - handed to the test's own thread
            self._failures.append(error)

    @property
    def stopping(self):
        return self._stop.is_set()

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind, *_):
        self.stop()
        if kind is None:
            self.check()

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def check(self):
        if self._failures:
            raise self._failures[0]

    def acknowledged(self, at_least, within=30.0, kind="write", after=None, node=None):
        """Waits until that many operations succeeded: the fault comes when the load is really there."""
        def enough():
            self.check()
            return len(self.history.select(kind, "ok", node, after)) >= at_least
        until(enough, within, f"{at_least} acknowledged operations of kind {kind}")


class Writer:
    """Makes products, one after the other, each with a key and a name of its own; never the same one twice."""

    def __init__(self, load, node, token, pause=0.0, check=True):
        self.load = load
        self.node = node
        self.pause = pause
        self.client = Client(node.port, token, check=check)

    def __call__(self):
        key = "write-" + uuid.uuid4().hex
        operation = self.load.history.invoke("write", key, self.node.name)
        try:
            answer = self.client.post("/products", body_of(key), key=key)
        except NoAnswer as lost:
            self.load.history.done(operation, None)
            if not lost.sent:
                operation.outcome = "refused"
            answer = None
        else:
            self.load.history.done(operation, answer)
        if operation.outcome != "ok":
            time.sleep(0.05)  # not a wait for anything: a client that does not hammer a node that refuses
        elif self.pause:
            time.sleep(self.pause)


class Reader:
    """Reads one product again and again."""

    def __init__(self, load, node, token, path, check=True):
        self.load = load
        self.node = node
        self.path = path
        self.client = Client(node.port, token, check=check)

    def __call__(self):
        operation = self.load.history.invoke("read", self.path, self.node.name)
        try:
            answer = self.client.get(self.path)
        except NoAnswer:
            answer = None
        self.load.history.done(operation, answer)
        time.sleep(0.005 if operation.outcome == "ok" else 0.05)


def body_of(key):
    return {"name": key, "price": 1000}


def settle(history, nodes, token, within=30.0):
    """Makes every write certain that was not acknowledged: asks by its key what became of it, or sends it once more with its key, until it
    is. One in two is asked first."""
    clients = [Client(node.port, token) for node in nodes]
    for index, operation in enumerate(history.select("write")):
        if operation.outcome == "ok":
            continue
        client = clients[index % len(clients)]

        def again(client=client, key=operation.key, ask=index % 2 == 0):
            if ask and fate_of(client, key) == "committed":
                return True
            answer = client.post("/products", body_of(key), key=key)
            assert answer.status in (201, 409, 503), answer
            return answer.status == 201
        until(again, within, f"the settling of {operation.key}", every=0.1)
    for client in clients:
        client.close()


def fate_of(client, key):
    """What became of a write; `None` when this node cannot tell now."""
    answer = client.get("/api/requests/" + key)
    return answer.json()["outcome"] if answer.status == 200 else None


def check_each_write_is_there_once(history, postgres):
    """By SQL, not by the API: nothing acknowledged is lost, nothing is doubled, nothing is invented."""
    keys = {operation.key for operation in history.select("write")}
    found = {}
    for (name,) in postgres.query("SELECT name FROM products WHERE name LIKE %s", "write-%"):
        found[name] = found.get(name, 0) + 1
    lost = sorted(keys - set(found))
    doubled = sorted(name for name, times in found.items() if times != 1)
    invented = sorted(set(found) - keys)
    assert not (lost or doubled or invented), f"lost {lost[:5]} ({len(lost)}), doubled {doubled[:5]}, invented {invented[:5]}"
