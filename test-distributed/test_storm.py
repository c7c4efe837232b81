"""The storm: many clients write, edit and read on all nodes at once, listeners hang on every node, and nodes are killed, stopped and restarted
at random, sometimes two at a time, while somebody else's long transaction is open now and then. At the end everything is counted. And a second
storm, of all that can go wrong with nodes, between them and below them."""
import os
import time

import pytest

from harness.crowd import Crowd
from harness.schedule import FAULTS
from harness.storm import Storm
from harness.wires import why_not

pytestmark = pytest.mark.faults

LONG = os.environ.get("KIENG_LONG") == "1"
SECONDS = 600 if LONG else 18
WRITES = 100_000 if LONG else 500
MORE = 150  # seconds; the sessions are signed in for a quarter of an hour
NO = why_not()


def endure(shop, storm, seed, pause, seconds, writes):
    """Sessions on all nodes, the storm for its time and until they wrote enough, calm, and the judgement."""
    began = time.monotonic()
    with Crowd(shop, seed, pause=pause) as crowd:
        def goes_on():
            passed = time.monotonic() - began
            return passed < seconds + MORE and (passed < seconds or not crowd.have(writes))
        storm.follow(goes_on)
        lasted = time.monotonic() - began
        storm.calm()
        shop.active(within=10)
        crowd.wait_for(100)
    assert crowd.writes >= writes, f"{crowd.writes} writes are too few to judge"
    shop.wait_whole()
    return crowd.judge(), lasted


def report(figure, name, storm, crowd, lasted):
    figure(name + "what broke", ", ".join(f"{times} {kind}" for kind, times in sorted(storm.done.items())) + f" in {lasted:.0f} s")
    crowd.tell(figure, name)


def test_storm(own_cluster, seed, figure):
    shop = own_cluster(settings={"FAILBACK_AFTER": "20s"}, postgres_settings={"max_wal_size": "2GB"}).wait_whole()
    storm = Storm(shop, seed)
    crowd, lasted = endure(shop, storm, seed, 0.02 if LONG else 0.2, SECONDS, WRITES)
    report(figure, f"storm, seed {seed}: ", storm, crowd, lasted)


@pytest.mark.skipif(NO is not None, reason=str(NO))
def test_everything_at_once(own_cluster, seed, figure):
    """Mostly two at a time, of all the faults there are: of nodes, of what is between them, of their ways to PostgreSQL, of PostgreSQL."""
    shop = own_cluster(wires=seed, settings={"FAILBACK_AFTER": "20s"}).wait_whole()
    storm = Storm(shop, seed, kinds=FAULTS, both=0.7)
    crowd, lasted = endure(shop, storm, seed, 0.1 if LONG else 0.2, SECONDS / 2 if LONG else SECONDS, 500)
    report(figure, f"everything at once, seed {seed}: ", storm, crowd, lasted)
