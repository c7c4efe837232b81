"""The storm: many clients write, edit and read on all nodes at once, listeners hang on every node, and nodes are killed, stopped and restarted
at random, sometimes two at a time, while somebody else's long transaction is open now and then. At the end everything is counted."""
import os
import time

import pytest

from harness.crowd import Crowd
from harness.storm import Storm

pytestmark = pytest.mark.faults

LONG = os.environ.get("KIENG_LONG") == "1"
SECONDS = 600 if LONG else 18
WRITES = 100_000 if LONG else 500
AT_MOST = SECONDS + 150  # well within the quarter of an hour for which the sessions are signed in
PAUSE = 0.02 if LONG else 0.2  # of each session after each call; the usual run shares the machine


def test_storm(own_cluster, seed, figure):
    shop = own_cluster(settings={"FAILBACK_AFTER": "20s"}, postgres_settings={"max_wal_size": "2GB"}).wait_whole()
    storm, began = Storm(shop, seed), time.monotonic()
    with Crowd(shop, seed, pause=PAUSE) as crowd:
        def goes_on():
            passed = time.monotonic() - began
            return passed < AT_MOST and (passed < SECONDS or not crowd.have(WRITES))
        storm.follow(goes_on)
        seconds = time.monotonic() - began
        storm.calm()
        shop.active(within=10)
        crowd.wait_for(100)
    assert crowd.writes >= WRITES, f"{crowd.writes} writes are too few to judge"
    shop.wait_whole()
    crowd.judge()
    name = f"storm, seed {seed}: "
    figure(name + "what broke", f"{storm.done} in {seconds:.0f} s")
    crowd.tell(figure, name)
