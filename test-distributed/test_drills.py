"""Drills: kiengctl hits the active node of a test cluster over and over, with workers of the C++ client under way, and counts at the end. In network
namespaces it cuts links, too, and its workers' own packets get lost."""
import json
import os
import shutil
import subprocess
import sys

import pytest

from harness import wires
from harness.epochs import check_duties_follow_epochs, check_positions_are_dense
from harness.kiengctl import DEGRADED, WELL, Starter, ctl, pids, why_not

pytestmark = [pytest.mark.faults, pytest.mark.skipif(why_not() is not None, reason=str(why_not()))]

LONG = os.environ.get("KIENG_LONG") == "1"
NO = wires.why_not()


def run_drill(shop, figure, name, fault, repeat, *arguments, **environment):
    done = ctl(shop, "drill", fault, "--repeat", str(repeat), "--i-am-a-test-cluster", "--json", *pids(shop), *arguments, within=60 + 30 * repeat,
               **environment)
    assert done.returncode in (WELL, DEGRADED), done  # the machine may be too slow for the targets
    drill = json.loads(done.stdout)
    assert drill["injections"] == repeat and drill["endedEarly"] is None, done
    calls = drill["calls"]
    assert (calls["lost"], calls["doubled"], calls["denied"]) == (0, 0, 0), calls
    assert calls["acknowledged"] > 0 and calls["reads"] > 0
    for row in drill["milliseconds"]:
        figure(f"{name}: {row['name']}", f"p50 {row['p50']} ms, p99 {row['p99']} ms")
    figure(f"{name}: calls of the C++ client", f"{calls['acknowledged']} writes, {calls['reads']} reads, {calls['errors']} failed")
    shop.wait_whole()
    (rows, names), = shop.postgres.query("SELECT count(*), count(DISTINCT name) FROM products WHERE name LIKE 'drill%%'")
    assert rows == names >= calls["acknowledged"]
    check_duties_follow_epochs(shop.postgres)
    check_positions_are_dense(shop.postgres)
    return drill


def check_takeovers(drill):
    assert drill["calls"]["errors"] == 0, drill["calls"]
    for one in drill["each"]:
        assert one["successor"] != one["victim"] and one["takeover"] > 0 and one["gap"] > 0, one


def test_drill_crash(own_cluster, figure):
    shop = own_cluster(settings={"FAILBACK_AFTER": "60m"}).wait_whole()
    starter = Starter(shop)
    try:
        check_takeovers(run_drill(shop, figure, "drill crash", "crash", 30 if LONG else 3, "--start", starter.command))
    finally:
        starter.close()


def test_drill_hang(own_cluster, figure):
    shop = own_cluster(settings={"FAILBACK_AFTER": "60m"}).wait_whole()
    check_takeovers(run_drill(shop, figure, "drill hang", "hang", 20 if LONG else 1))


@pytest.mark.skipif(NO is not None, reason=str(NO))
@pytest.mark.parametrize("tools", [None, ("nsenter", "ip")], ids=["whatever is here", "a bare Debian"])
def test_drill_partition(own_cluster, figure, tmp_path, tools):
    """The link between the active node and another is cut: nothing moves, and nobody notices."""
    environment = {}
    if tools:
        for tool in tools:
            os.symlink(shutil.which(tool), tmp_path / tool)
        environment["PATH"] = str(tmp_path)
    shop = own_cluster(wires=0, settings={"FAILBACK_AFTER": "60m"}).wait_settled()
    before = shop.active()
    drill = run_drill(shop, figure, f"drill partition, {' and '.join(tools or ['any tool'])}", "partition", 20 if LONG else 1, "--netns", **environment)
    assert drill["calls"]["errors"] == 0, drill["calls"]
    assert all(one["detect"] > 0 and not one["successor"] for one in drill["each"]), drill["each"]
    assert shop.active() == before


@pytest.mark.skipif(NO is not None, reason=str(NO))
def test_the_script_that_makes_the_namespaces():
    """One injection by the script that operators are told of."""
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "scripts", "drill-partition.py")
    done = subprocess.run([sys.executable, "-B", script, "--repeat", "1"], capture_output=True, text=True, timeout=180, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode in (WELL, DEGRADED), done
    assert "detect" in done.stdout and "partition" in done.stdout, done


@pytest.mark.skipif(NO is not None, reason=str(NO))
def test_drill_hang_while_packets_get_lost(own_cluster, seed, figure):
    """One in ten packets between the workers and the nodes, and between the nodes, and the active node hangs besides."""
    shop = own_cluster(wires=seed, settings={"FAILBACK_AFTER": "60m"}).wait_settled()
    shop.wires.everybody(loss=0.1)
    run_drill(shop, figure, f"drill hang, 10% of the packets lost, seed {seed}", "hang", 10 if LONG else 1, "--workers", "8")
    assert shop.wires.lost() > 0
