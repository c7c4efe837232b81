"""All the faults there are at random, mostly two at a time: of nodes, of what is between them, of their ways to PostgreSQL, and of PostgreSQL
itself, under a load that is counted at the end."""
import os

import pytest

from harness.endure import endure
from harness.schedule import FAULTS
from harness.storm import Storm
from harness.wires import why_not

NO = why_not()
pytestmark = [pytest.mark.faults, pytest.mark.skipif(NO is not None, reason=str(NO))]

LONG = os.environ.get("KIENG_LONG") == "1"


def test_everything(own_cluster, seed, figure):
    shop = own_cluster(wires=seed, settings={"FAILBACK_AFTER": "20s"}).wait_whole()
    storm = Storm(shop, seed, kinds=FAULTS, both=0.7)
    endure(shop, storm, seed, figure, f"everything, seed {seed}: ", seconds=300 if LONG else 20, writes=500, pause=0.1 if LONG else 0.2)
