"""The storm: many clients write, edit and read on all nodes at once, listeners hang on every node, and nodes are killed, stopped and restarted
at random, sometimes two at a time, while somebody else's long transaction is open now and then. At the end everything is counted."""
import os

import pytest

from harness.endure import endure
from harness.storm import Storm

pytestmark = pytest.mark.faults

LONG = os.environ.get("KIENG_LONG") == "1"


def test_storm(own_cluster, seed, figure):
    shop = own_cluster(settings={"FAILBACK_AFTER": "20s"}, postgres_settings={"max_wal_size": "2GB"}).wait_whole()
    if LONG:
        endure(shop, Storm(shop, seed), seed, figure, f"storm, seed {seed}: ", seconds=600, writes=100_000, pause=0.02)
    else:
        endure(shop, Storm(shop, seed), seed, figure, f"storm, seed {seed}: ", seconds=22, writes=500, pause=0.2)
