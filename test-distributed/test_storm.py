"""The storm: many clients write, edit and read on all nodes at once, listeners hang on every node, and nodes are killed, stopped and restarted
at random, sometimes two at a time, while somebody else's long transaction is open now and then. At the end everything is counted."""
import os
import time

import pytest

from harness.epochs import check_duties_follow_epochs, check_positions_are_dense
from harness.history import percentile
from harness.judges import (check_caches, check_each_edit_is_there_once, check_no_server_fault, check_refused_left_nothing, check_same_key_same_answer,
                            check_sessions_go_forward, settle_edits)
from harness.listeners import Listeners, check_listeners_heard_all
from harness.load import Load, check_each_write_is_there_once, settle
from harness.people import new_product, unique
from harness.sessions import Board, Editor, Maker, Wanderer
from harness.storm import Storm
from harness.waiting import until

pytestmark = pytest.mark.faults

LONG = os.environ.get("KIENG_LONG") == "1"
SECONDS = 600 if LONG else 18
WRITES = 100_000 if LONG else 500
PAUSE = 0.02 if LONG else 0.2  # of each session after each call; the usual run shares the machine
AT_MOST = SECONDS + 150  # well within the quarter of an hour for which the sessions are signed in
MAKERS, EDITORS, WANDERERS = 10, 6, 4


class Crowd:
    """All sessions of the storm, under one load."""

    def __init__(self, shop, token, seed):
        self.load = Load()
        owner = shop.owner()
        brand = unique("storm")
        goods = [new_product(owner, brand=brand, price=0)["id"] for _ in range(4 + EDITORS)]
        self.board = Board(goods[:4], brand)
        self.edited = goods

        def session(kind, n, **options):
            return kind(self.load, shop, token, f"{kind.__name__.lower()}-{n}", seed, self.board, pause=PAUSE, **options)
        self.makers = [session(Maker, n) for n in range(MAKERS)]
        self.editors = [session(Editor, n, number=n + 1, own=goods[4 + n]) for n in range(EDITORS)]
        self.wanderers = [session(Wanderer, n) for n in range(WANDERERS)]
        for one in self.makers + self.editors + self.wanderers:
            self.load.add(one)

    @property
    def writes(self):
        return sum(session.acknowledged for session in self.makers + self.editors)

    @property
    def reads(self):
        return sum(session.acknowledged for session in self.wanderers)

    def gaps(self):
        return [gap for session in self.makers + self.editors for gap in session.roaming.gaps]


def run(shop, crowd, storm, listeners):
    """The load first, then the storm for its time and until there are enough writes."""
    with crowd.load:
        def enough(count):
            crowd.load.check()
            assert not listeners.failures, listeners.failures[0]
            return crowd.writes >= count
        until(lambda: enough(100), 30, "100 acknowledged writes before anything breaks")
        began = time.monotonic()
        storm.follow(lambda: not (enough(WRITES) and time.monotonic() - began >= SECONDS) and time.monotonic() - began < AT_MOST)
        storm.calm()
        agreed = shop.active(within=10)
        before = crowd.writes
        until(lambda: enough(before + 100), 30, "100 writes after the storm")
        assert crowd.writes >= WRITES, f"{crowd.writes} writes are too few to judge"
        return agreed, time.monotonic() - began


def judge(shop, crowd, listeners):
    """The first two before anything is settled; each of them raises with the first few offenders."""
    history, postgres, token = crowd.load.history, shop.postgres, shop.sign_in().token
    check_no_server_fault(history)
    check_refused_left_nothing(history, postgres)
    settle(history, shop.nodes, token)
    settle_edits(history, shop.nodes, token)
    check_each_write_is_there_once(history, postgres)
    edits = check_each_edit_is_there_once(history, postgres)
    check_same_key_same_answer(history, shop.nodes, token, every=max(1, crowd.writes // 200))
    check_sessions_go_forward(history)
    (head,), = postgres.query("SELECT pos FROM cluster_head")
    until(lambda: all(node.member(node.name)["applied"] >= head for node in shop.nodes), 15, f"all nodes at position {head}")
    check_caches(shop.nodes, postgres, crowd.edited + list(crowd.board.recent), crowd.board.brand)
    listeners.finish(head)
    heard = check_listeners_heard_all(listeners, postgres)
    check_positions_are_dense(postgres)
    epochs, duties = check_duties_follow_epochs(postgres)
    return edits, heard, epochs, duties


def test_storm(own_cluster, seed, figure):
    shop = own_cluster(settings={"FAILBACK_AFTER": "20s"}, postgres_settings={"max_wal_size": "2GB"}).wait_whole()
    owner = shop.owner()
    listeners = Listeners(shop, owner.token)
    storm, crowd = Storm(shop, seed), Crowd(shop, owner.token, seed)
    _, seconds = run(shop, crowd, storm, listeners)
    shop.wait_whole()
    edits, heard, epochs, duties = judge(shop, crowd, listeners)
    name = f"storm, seed {seed}: "
    gaps = crowd.gaps() or [0.0]
    open_ones = sum(one.outcome == "unknown" or one.note.doubt for one in crowd.load.history.select("write"))
    figure(name + "what broke", f"{storm.done} in {seconds:.0f} s")
    figure(name + "what was done", f"{crowd.writes} writes acknowledged, of them {edits} edits, {crowd.reads} reads; {open_ones} creations in doubt, all settled")
    figure(name + "what was heard", f"{heard} events by each of 3 listeners, none missing or twice; {epochs} epochs with {duties} duties, never mixed")
    figure(name + "calls that needed another attempt", f"{len(gaps)}, p50 {percentile(gaps, 0.5):.2f} s, p99 {percentile(gaps, 0.99):.2f} s, max {max(gaps):.2f} s")
