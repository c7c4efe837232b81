"""Many sessions and a listener per node under one load, and everything that must hold once they are done."""
import time

from .epochs import check_duties_follow_epochs, check_positions_are_dense
from .history import percentile
from .judges import (check_caches, check_each_edit_is_there_once, check_no_server_fault, check_refused_left_nothing, check_same_key_same_answer,
                     check_sessions_go_forward, settle_edits)
from .listeners import Listeners, check_listeners_heard_all
from .load import Load, check_each_write_is_there_once, settle
from .people import new_product, unique
from .sessions import Board, Editor, Maker, Wanderer
from .waiting import NoAnswer, until

RENEW = 480.0  # seconds
SHARED = 4  # products that all editors edit


class Crowd:
    """Begins with `with`; ask `wait_for` before, in and after what is done to the nodes; then `judge()` once they are whole."""

    def __init__(self, shop, seed, makers=10, editors=6, wanderers=4, pause=0.0):
        self.shop = shop
        self.load = Load()
        owner = shop.owner()
        brand = unique("crowd")
        self.edited = [new_product(owner, brand=brand, price=0)["id"] for _ in range(SHARED + editors)]
        self.board = Board(self.edited[:SHARED], brand)

        def session(kind, n, **options):
            return kind(self.load, shop, owner.token, f"{kind.__name__.lower()}-{n}", seed, self.board, pause=pause, **options)
        self.writers = [session(Maker, n) for n in range(makers)]
        self.writers += [session(Editor, n, number=n + 1, own=self.edited[SHARED + n]) for n in range(editors)]
        self.wanderers = [session(Wanderer, n) for n in range(wanderers)]
        for one in self.writers + self.wanderers:
            self.load.add(one)
        self.listeners = Listeners(shop, owner.token)
        self.found = {}
        self._renew_at = time.monotonic() + RENEW

    def __enter__(self):
        self.load.__enter__()
        self.wait_for(100)  # fewer before a fault would prove nothing
        return self

    def __exit__(self, kind, *error):
        try:
            self.load.__exit__(kind, *error)
        except BaseException:
            self.listeners.stop()
            raise
        if kind:
            self.listeners.stop()

    @property
    def writes(self):
        return sum(session.acknowledged for session in self.writers)

    @property
    def reads(self):
        return sum(session.acknowledged for session in self.wanderers)

    def have(self, count):
        """Whether there are that many acknowledged writes."""
        self.load.check()
        assert not self.listeners.failures, self.listeners.failures[0]
        return self.writes >= count

    def wait_for(self, more, within=30.0):
        goal = self.writes + more
        until(lambda: self.have(goal), within, f"{more} more acknowledged writes")

    def stay_signed_in(self):
        """Sessions and listeners get a new token long before a quarter of an hour is over, from any node that will give one now."""
        if time.monotonic() < self._renew_at:
            return
        try:
            token = self.shop.sign_in().token
        except (NoAnswer, AssertionError):
            return  # asked again in a moment
        self._renew_at = time.monotonic() + RENEW
        for session in self.writers + self.wanderers:
            for client in session.roaming.clients:
                client.token = token
        self.listeners.token = token

    def gaps(self):
        return [gap for session in self.writers for gap in session.roaming.gaps] or [0.0]

    def judge(self):
        """Counts everything. Each judge raises with the first few offenders."""
        try:
            self._judge()
        finally:
            self.listeners.stop()
        return self

    def _judge(self):
        history, postgres, nodes, token = self.load.history, self.shop.postgres, self.shop.nodes, self.shop.sign_in().token
        check_no_server_fault(history)
        check_refused_left_nothing(history, postgres)  # before anything is settled
        settle(history, nodes, token)
        settle_edits(history, nodes, token)
        check_each_write_is_there_once(history, postgres)
        self.found["edits"] = check_each_edit_is_there_once(history, postgres)
        check_same_key_same_answer(history, nodes, token, every=max(1, self.writes // 200))
        check_sessions_go_forward(history)
        (head,), = postgres.query("SELECT pos FROM cluster_head")
        until(lambda: all(node.member(node.name)["applied"] >= head for node in nodes), 15, f"all nodes at position {head}")
        check_caches(nodes, postgres, self.edited + list(self.board.recent), self.board.brand)
        self.listeners.finish(head)
        self.found["heard"] = check_listeners_heard_all(self.listeners, postgres)
        check_positions_are_dense(postgres)
        self.found["epochs"], self.found["duties"] = check_duties_follow_epochs(postgres)

    def tell(self, figure, name):
        """After `judge()`."""
        doubt = sum(one.outcome == "unknown" or one.note.doubt for one in self.load.history.select("write"))
        gaps = self.gaps()
        figure(name + "what was done", f"{self.writes} writes acknowledged, of them {self.found['edits']} edits, {self.reads} reads; "
                                       f"{doubt} creations in doubt, all settled")
        figure(name + "what was heard", f"{self.found['heard']} events by each of {len(self.listeners.heard)} listeners, none missing or twice; "
                                        f"{self.found['epochs']} epochs with {self.found['duties']} duties, never mixed")
        figure(name + "calls that needed another attempt", f"{len(gaps)}, p50 {percentile(gaps, 0.5):.2f} s, p99 {percentile(gaps, 0.99):.2f} s, "
                                                           f"max {max(gaps):.2f} s")
