"""kiengctl, as an operator and a script use it: what it shows, what it changes, how it ends."""
import json
import os
import subprocess

import pytest

from harness.kiengctl import DEGRADED, KIENGCTL, NOBODY, REFUSED, USAGE, WELL, ctl, pids, why_not
from harness.waiting import until

pytestmark = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))


def told(done, code=WELL):
    assert done.returncode == code, done
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def shop(cluster):
    return cluster.wait_whole()


@pytest.mark.parametrize("which", range(3))
def test_status_from_any_node(shop, which):
    shop.wait_whole()
    active, epoch = shop.active()
    status = told(ctl(shop, "status", "--json", which=which, signed_in=False))
    assert (status["asSeenBy"], status["active"]["id"], status["epoch"]) == (shop[which].name, active.name, epoch)
    text = ctl(shop, "status", which=which, signed_in=False)
    assert text.returncode == WELL and all(f"{node.name}  " in text.stdout for node in shop.nodes), text
    assert f"active {active.name} since" in text.stdout


def test_health_of_all_and_of_one(shop):
    shop.wait_whole()
    nodes = told(ctl(shop, "health", "--json", signed_in=False))["nodes"]
    assert {one["id"] for one in nodes} == {node.name for node in shop.nodes}
    assert all(one["answers"] and one["health"]["ready"] for one in nodes)
    one = ctl(shop, "health", "server-b", signed_in=False)
    assert one.returncode == WELL and one.stdout.startswith("[+] server-b") and one.stdout.count("\n") == 1
    stranger = ctl(shop, "health", "server-x", signed_in=False)
    assert stranger.returncode == USAGE and "there are server-" in stranger.stderr


def test_lag(shop):
    shop.wait_whole()
    lag = told(ctl(shop, "lag", "--json", signed_in=False))
    assert {one["id"]: one["state"] for one in lag["members"]} == {node.name: "alive" for node in shop.nodes}
    assert "APPLIED" in ctl(shop, "lag", signed_in=False).stdout


def test_watch_prints_plain_lines_when_nobody_looks(shop):
    shop.wait_whole()
    seen = ctl(shop, "watch", "--count", "3", "--interval", "0.1", signed_in=False)
    lines = seen.stdout.splitlines()
    assert seen.returncode == WELL and len(lines) == 3, seen
    assert all("active server-" in line and "server-b alive" in line and "\x1b" not in line for line in lines)
    each = ctl(shop, "watch", "--count", "2", "--interval", "0.1", "--json", signed_in=False).stdout.splitlines()
    assert len(each) == 2 and all(json.loads(line)["members"] for line in each)


def test_watch_draws_on_a_terminal_and_gives_it_back(shop):
    ours, theirs = os.openpty()
    done = subprocess.run([KIENGCTL, "watch", "--count", "2", "--interval", "0.1", "--url", shop[0].url], env={"TERM": "xterm"},
                          stdin=theirs, stdout=theirs, stderr=theirs, timeout=60, check=False)
    drawn = os.read(ours, 65536).decode()
    os.close(ours)
    os.close(theirs)
    assert done.returncode in (WELL, DEGRADED)
    assert drawn.startswith("\x1b[?1049h") and drawn.endswith("\x1b[?1049l") and "NODE" in drawn


def test_the_way_to_the_cluster(shop):
    gone = "http://127.0.0.1:9"
    assert ctl(shop, "status", signed_in=False, KIENG_URL=gone).returncode == NOBODY
    assert ctl(shop, "status", "--url", shop[1].url, signed_in=False, KIENG_URL=gone).returncode == WELL
    some = {"KIENG_URL": "", "SERVER_A_URL": gone, "SERVER_C_URL": shop[2].url}
    assert told(ctl(shop, "status", "--json", signed_in=False, **some))["asSeenBy"] == "server-c"
    assert ctl(shop, "status", "--url", "here").returncode == USAGE
    assert ctl(shop, "nonsense").returncode == USAGE
    assert ctl(shop, "--help").stdout.count("Exit codes") == 1


def test_who_may_not_is_refused(shop):
    before = shop.active()
    nobody = ctl(shop, "handover", signed_in=False)
    assert nobody.returncode == REFUSED and "KIENG_TOKEN" in nobody.stderr
    wrong = ctl(shop, "drain", "server-b", signed_in=False, KIENG_TOKEN="not-a-token")
    assert wrong.returncode == REFUSED and "not-a-token" not in wrong.stderr
    wrong = ctl(shop, "drain", "server-b", signed_in=False, OWNER_EMAIL=shop.owner_email, OWNER_PASSWORD="not the password")
    assert wrong.returncode == REFUSED and "not the password" not in wrong.stderr
    assert ctl(shop, "handover", "--to", "server-x").returncode == USAGE
    assert ctl(shop, "incarnation", "bump").returncode == USAGE
    assert shop.active() == before


def test_handover_changes_the_active_node(own_cluster):
    shop = own_cluster(settings={"FAILBACK_AFTER": "60m"}).wait_whole()
    old, epoch = shop.active()
    to = next(node for node in shop.nodes if node is not old)
    moved = told(ctl(shop, "handover", "--to", to.name, "--json"))
    assert (moved["active"], moved["from"]) == (to.name, old.name) and moved["epoch"] > epoch
    assert shop.active()[0] is to
    again = ctl(shop, "handover", "--to", to.name)
    assert again.returncode == WELL and "already" in again.stdout
    token = shop.owner().token
    assert ctl(shop, "handover", "--token", token, signed_in=False).returncode == WELL
    assert shop.active(above=moved["epoch"])[0] is not to


def test_drain_and_undrain_the_active_node(own_cluster):
    shop = own_cluster(settings={"FAILBACK_AFTER": "60m"}).wait_whole()
    old, epoch = shop.active()
    other = shop.nodes.index(next(node for node in shop.nodes if node is not old))
    assert told(ctl(shop, "drain", old.name, "--json", which=other)) == {"node": old.name, "drained": True}
    assert shop[other].member(old.name)["state"] == "draining"
    assert shop.active(above=epoch)[0] is not old
    assert ctl(shop, "status", which=other).returncode in (WELL, DEGRADED)
    assert "in use again" in ctl(shop, "undrain", old.name, which=other).stdout
    shop.wait_whole()


def test_what_cannot_be_is_refused_and_what_was_only_asked_for_is_not_called_done(own_cluster):
    shop = own_cluster(settings={"FAILBACK_AFTER": "60m"}).wait_whole()
    old, epoch = shop.active()
    out = next(node for node in shop.nodes if node is not old)
    assert told(ctl(shop, "drain", out.name, "--no-wait", "--json")) == {"node": out.name, "asked": True}
    until(lambda: old.member(out.name)["state"] == "draining", 10, "the active node know who drains")
    refused = ctl(shop, "handover", "--to", out.name)
    assert refused.returncode == REFUSED and out.name in refused.stderr and "draining" in refused.stderr, refused
    assert old.is_active() and old.status()["epoch"] == epoch
    asked = ctl(shop, "drain", old.name, "--no-wait")
    assert asked.returncode == WELL and "may be stopped now" not in asked.stdout, asked
    bogus = ctl(shop, "bogus")
    assert bogus.returncode == USAGE and '"bogus" is no command' in bogus.stderr, bogus


def test_incarnation_bump(own_cluster):
    shop = own_cluster().wait_whole()
    before = shop[0].status()["incarnation"]
    client = shop.owner(1)
    refused = client.post("/api/cluster/incarnation", {"confirm": "yes"})
    assert refused.code == "validation_failed" and ("/confirm", "not_one_of") in refused.faults
    raised = told(ctl(shop, "incarnation", "bump", "--yes", "--json"))["incarnation"]
    assert raised > before
    for node in shop.nodes:
        until(lambda node=node: node.status()["incarnation"] == raised, 15, "the new incarnation on " + node.name)


def test_a_drill_needs_a_test_cluster_and_its_pids(shop):
    before = shop.active()
    for arguments, said in (
            (("crash", *pids(shop)), "--i-am-a-test-cluster"),
            (("crash", "--i-am-a-test-cluster"), "--pid"),
            (("crash", "--i-am-a-test-cluster", "--pid", f"server-a={os.getpid()}", *pids(shop)[2:]), "no kieng-node"),
            (("crash", "--i-am-a-test-cluster", *pids(shop)), "--start"),
            (("partition", "--i-am-a-test-cluster", *pids(shop)), "--netns"),
            (("partition", "--i-am-a-test-cluster", "--netns", *pids(shop)), "namespaces of their own")):
        refused = ctl(shop, "drill", *arguments)
        assert refused.returncode == REFUSED and said in refused.stderr, refused
    assert shop.active() == before
