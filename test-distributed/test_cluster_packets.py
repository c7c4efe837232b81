"""Packets between nodes are lost, come late, or stop for every other second, in network namespaces of the tests' own: what the cluster
promises holds, and a tenth of them lost is no reason to take a role from anybody."""
import collections
import os
import time

import pytest

from harness.crowd import Crowd
from harness.epochs import announced
from harness.waiting import until
from harness.wires import why_not

NO = why_not()
pytestmark = [pytest.mark.faults, pytest.mark.skipif(NO is not None, reason=str(NO))]

LONG = os.environ.get("KIENG_LONG") == "1"
SECONDS = 60 if LONG else 4


@pytest.fixture
def shop(own_cluster, seed):
    return own_cluster(wires=seed, settings={"FAILBACK_AFTER": "60m"}).wait_whole()


def epoch_of(shop):
    return max(epoch for _, kind, epoch, _ in announced(shop.postgres) if kind == "ActiveChanged")


def suffer(shop, seed, begin, figure, name):
    """The fault for its time, with sessions on all nodes under way; how often the role moved."""
    before = epoch_of(shop)
    with Crowd(shop, seed, makers=4, editors=2, wanderers=2, pause=0.1) as crowd:
        begin()
        began = time.monotonic()
        until(lambda: crowd.have(0) and time.monotonic() - began >= SECONDS, SECONDS + 5, "the time of the fault")
        crowd.wait_for(50)
        figure(f"{name}: what nodes held of each other", opinions(shop, time.time() - (time.monotonic() - began)))
        moved = epoch_of(shop) - before
        shop.wires.mend()
        shop.active(within=10)
        crowd.wait_for(50)
    shop.wait_whole()
    crowd.judge().tell(figure, f"{name}: ")
    figure(f"{name}: the role moved", f"{moved} times in {SECONDS} s")
    return moved


def opinions(shop, after):
    """How often the logs say that one node began to hold another for something, since that moment."""
    changes = collections.Counter(line["to"] for node in shop.nodes for line in node.told("peer_changed", after=after))
    return ", ".join(f"{times} times {state}" for state, times in sorted(changes.items())) or "alive all the time"


@pytest.mark.parametrize("loss", [0.1, 0.3], ids=["10-percent", "30-percent"])
def test_lost_packets(shop, seed, loss, figure):
    moved = suffer(shop, seed, lambda: shop.wires.all(loss=loss), figure, f"{loss:.0%} of the packets lost, seed {seed}")
    assert shop.wires.lost() > 0
    assert moved == 0 or loss > 0.1, "a role was taken from a node that was well"


@pytest.mark.parametrize("delay", [0.05, 0.2], ids=["50ms", "200ms"])
def test_late_packets(shop, seed, delay, figure):
    moved = suffer(shop, seed, lambda: shop.wires.all(delay=delay), figure, f"each packet {delay * 1000:.0f} ms late, seed {seed}")
    assert moved == 0, "a role was taken from a node that was well"


def test_a_link_that_flaps(shop, seed, figure):
    """A second up, a second down, between the active node and another; the third hears both, so nobody is gone."""
    active, _ = shop.active()
    other = next(node for node in shop.nodes if node is not active)
    moved = suffer(shop, seed, lambda: shop.wires.pair(active.name, other.name, flap=1.0), figure, f"a link that flaps each second, seed {seed}")
    assert shop.wires.lost() > 0
    assert moved == 0, "a role was taken from a node that was well"
