"""Sessions: clients that keep their Kieng-Token, go from node to node as they like, write, edit, read, and pass tokens to each other. All
they did and saw stands in the load's history; `judges.py` finds what must not be in it."""
import collections
import dataclasses
import random
import time

from .load import body_of
from .roaming import Roaming
from .waiting import NoAnswer

MANY_PRICES = 10_000_000


@dataclasses.dataclass
class Glance:
    """What one operation knew and showed. Versions by product."""
    session: str
    sent: str = None  # tokens
    got: str = None
    known: dict = dataclasses.field(default_factory=dict)  # that came with a token from another session
    shown: dict = dataclasses.field(default_factory=dict)
    product: str = None  # of an edit
    base: int = 0
    price: int = 0
    doubt: bool = False  # some attempt was left without an answer


class Board:
    """Where sessions leave tokens for each other: the latest version of each product that somebody was told of."""

    def __init__(self, shared, brand):
        self.shared = shared
        self.brand = brand
        self.latest = {}
        self.recent = collections.deque(shared, maxlen=200)

    def leave(self, product, version, token):
        if product not in self.latest:
            self.recent.append(product)
        if version >= self.latest.get(product, (0, None))[0]:
            self.latest[product] = (version, token)


class Session:
    """One thread's. `pause`: seconds of thought after each call. One answer in `check_every` is held against the contract, which costs more
    than the answer itself."""

    def __init__(self, load, shop, token, name, seed, board, pause=0.0, check_every=16):
        self.load = load
        self.name = name
        self.board = board
        self.chance = random.Random(f"{seed} {name}")
        self.roaming = Roaming(shop.nodes, token, first=self.chance.randrange(3), retries=4)
        self.pause = pause
        self.check_every = check_every
        self.acknowledged = 0

    def _ask(self, kind, key, method, path, json=None, version=None, glance=None):
        if self.chance.random() < 0.2:
            self.roaming.at = self.chance.randrange(3)
        glance = glance or Glance(self.name)
        glance.sent = self.roaming.seen
        operation = self.load.history.invoke(kind, key, self.name)
        operation.note = glance
        lost = len(self.roaming.lost)
        try:
            answer = self.roaming.call(method, path, json, key=key if method != "GET" else None, version=version,
                                       check=self.chance.randrange(self.check_every) == 0)
        except NoAnswer:
            answer = None
        self.load.history.done(operation, answer)
        glance.doubt = len(self.roaming.lost) > lost
        if glance.doubt and operation.outcome == "refused":
            operation.outcome = "unknown"  # the refusal speaks of the last attempt alone
        if operation.outcome == "ok" and answer.status >= 400:
            operation.outcome = "unknown"  # it happened, but what came of it is not told
        if operation.outcome == "ok":
            glance.got = answer.header("Kieng-Token")
        assert operation.outcome != "refused" or operation.status in (404, 409, 429, 503, 504), answer
        time.sleep(self.pause if operation.outcome == "ok" else max(self.pause, 0.02))  # not a wait for anything: a client that does not hammer
        return operation, answer


class Maker(Session):
    """Makes products, each once. What it is not told of stays open, to be settled at the end."""

    made = 0

    def __call__(self):
        self.made += 1
        key = f"write-{self.name}-{self.made:08}"
        operation, answer = self._ask("write", key, "POST", "/products", body_of(key))
        if operation.outcome == "ok":
            self.acknowledged += 1
            product = answer.json()
            operation.note.shown = {product["id"]: product["version"]}
            self.board.leave(product["id"], product["version"], operation.note.got)


class Editor(Session):
    """Gives a product of its own, and now and then one that others edit too, a price that nobody else gives to anything."""

    def __init__(self, *common, number, own, **options):
        super().__init__(*common, **options)
        self.price = number * MANY_PRICES
        self.own = own
        self.versions = {}

    def __call__(self):
        product = self.chance.choice(self.board.shared) if self.chance.random() < 0.3 else self.own
        if product not in self.versions or product in self.board.shared:
            self._look(product)
        if product in self.versions:
            self._edit(product)

    def _look(self, product):
        operation, answer = self._ask("read", product, "GET", "/products/" + product)
        if operation.outcome == "ok":
            self._saw(operation, answer)

    def _saw(self, operation, answer):
        told = answer.json()
        self.versions[told["id"]] = told["version"]
        operation.note.shown = {told["id"]: told["version"]}
        self.board.leave(told["id"], told["version"], operation.note.got)

    def _edit(self, product):
        self.price += 1
        key = f"edit-of-price-{self.price}"
        while True:  # with its key until it is certain: the next edit builds on it
            glance = Glance(self.name, product=product, base=self.versions[product], price=self.price)
            operation, answer = self._ask("edit", key, "PATCH", "/products/" + product, {"price": self.price}, glance.base, glance)
            if operation.outcome == "ok":
                self.acknowledged += 1
                self._saw(operation, answer)
                return
            if operation.outcome == "unknown" and answer is not None and answer.code == "version_conflict":
                operation.outcome = "refused"  # an attempt that comes late finds the same: its base is gone
            if operation.code == "version_conflict" or self.load.stopping:
                self.versions.pop(product)
                return


class Wanderer(Session):
    """Reads on a random node each time: single products and a list; takes over tokens that others left."""

    def __call__(self):
        self.roaming.at = self.chance.randrange(3)
        glance = Glance(self.name)
        product = self.chance.choice(self.board.shared if self.chance.random() < 0.3 else tuple(self.board.recent))
        if product in self.board.latest and self.chance.random() < 0.5:
            version, token = self.board.latest[product]
            self.roaming.learn(token)
            glance.known = {product: version}
        if self.chance.random() < 0.1:
            operation, answer = self._ask("list", self.board.brand, "GET", f"/products?limit=100&brand={self.board.brand}", glance=glance)
            if operation.outcome == "ok":
                glance.shown = {one["id"]: one["version"] for one in answer.json()["items"]}
            return
        operation, answer = self._ask("read", product, "GET", "/products/" + product, glance=glance)
        if operation.outcome == "ok":
            self.acknowledged += 1
            glance.shown = {product: answer.json()["version"]}
