"""What operators and clients ask of the cluster: health, status, the list of servers, figures. From memory, whatever is broken."""
import http.client
import json
import statistics
import threading
import time

import pytest

from harness import raw
from harness.people import new_product
from harness.waiting import until

PAGES = ("/api/health", "/api/cluster/status", "/api/cluster/healthy-servers", "/api/cluster/stats", "/ready", "/metrics")
SERVERS = "/api/cluster/healthy-servers"


def poll(node, since, wait, timeout=70.0):
    """A long poll in a thread; `answer()` waits for its end."""
    held = {}

    def run():
        connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=timeout)
        try:
            connection.request("GET", f"{SERVERS}?since={since}&wait={wait}", headers={"Connection": "close"})
            answer = connection.getresponse()
            held["status"], held["body"] = answer.status, json.loads(answer.read())
        finally:
            connection.close()
    thread = threading.Thread(target=run)
    thread.start()

    def answer():
        thread.join(timeout)
        return held["status"], held["body"]
    return answer


def timed(node, path):
    began = time.perf_counter()
    status, body = node.ask(path, timeout=10.0)
    return status, body, (time.perf_counter() - began) * 1000


def view(node):
    return json.loads(node.ask(SERVERS)[1])["view"]


def test_every_answer_names_the_cluster(cluster):
    name = cluster[0].health()["cluster"]
    for node in cluster.nodes:
        for path in ("/api/health", "/products", "/nowhere"):
            assert cluster.client(cluster.nodes.index(node)).get(path).header("Kieng-Cluster") == name


def lines(node, path):
    return node.ask(path + "?text")[1].decode().splitlines()


def test_health_names_the_active_node_and_what_is_accepted(cluster):
    cluster.wait_whole()
    active, epoch = cluster.active()
    for node in cluster.nodes:
        health = until(lambda node=node: (lambda told: told["epoch"] == epoch and told)(node.health()), 5, "the epoch of the status")
        assert health["role"] == ("active" if node is active else "standby")
        assert node.ask("/api/health?require=active")[0] == (200 if node is active else 503)
        assert node.ask("/api/health?require=writes")[0] == 200
        assert health["accepts"] == {"reads": True, "writes": True} and health["scope"] is None
        peers = {one["componentId"]: one["observedValue"] for one in health["checks"]["peer:reachable"]}
        assert peers == {other.name: "alive" for other in cluster.nodes if other is not node}
        assert health["checks"]["lease:remaining"][0]["componentId"] == active.name
        assert health["checks"]["sync:lag"][0]["observedUnit"] == "positions"


def test_health_answers_before_postgresql_was_ever_there(own_cluster):
    """A node that starts while the database is away is honest about it and becomes ready by itself."""
    shop = own_cluster()
    late = shop.nodes[2]
    late.kill()
    shop.postgres.freeze()
    try:
        late.start()
        until(lambda: late.ask("/api/health")[0] == 503, 20, "health while starting")
        told = json.loads(late.ask("/api/health")[1])
        assert told["ready"] is False and told["status"] == "fail" and told["scope"] == "node"
        assert told["accepts"] == {"reads": False, "writes": False}
        for path in PAGES[1:4] + ("/metrics",):
            assert late.ask(path)[0] == 200, path
        assert json.loads(late.ask(SERVERS)[1])["servers"], "the list is never empty"
    finally:
        shop.postgres.thaw()
    late.wait_ready()
    shop.wait_whole()


def test_reasons_are_for_those_who_signed_in(own_cluster):
    shop = own_cluster()
    shop.wait_whole()
    gone, seer = shop.nodes[1], shop.nodes[0]
    owner = shop.owner(0)
    gone.kill()
    until(lambda: seer.member(gone.name)["state"] == "down", 10, "the dead node listed as down")
    assert "why" not in seer.member(gone.name)
    assert any(line.startswith("[-] " + gone.name + " DOWN since") and line.endswith(" s)") for line in lines(seer, "/api/cluster/status"))
    why = next(one["why"] for one in owner.get("/api/cluster/status").json()["members"] if one["id"] == gone.name)
    told = next(line for line in owner.get("/api/cluster/status?text").body.decode().splitlines() if gone.name in line and line.startswith("[-]"))
    assert told.startswith(f"[-] {gone.name} DOWN since") and told.endswith(": " + why) and why
    check = next(one for one in seer.health()["checks"]["peer:reachable"] if one["componentId"] == gone.name)
    assert check["observedValue"] == "down" and check["status"] == "warn" and "output" not in check
    signed_in = owner.get("/api/health").json()["checks"]["peer:reachable"]
    assert why in [one.get("output") for one in signed_in]


def test_the_list_of_servers_is_sent_once_and_again_when_it_changes(own_cluster):
    shop = own_cluster()
    shop.wait_whole()
    node, gone = shop.nodes[0], shop.nodes[2]
    first = shop.client(0).get(SERVERS)
    again = shop.client(0).get(SERVERS, headers={"If-None-Match": first.header("ETag")})
    assert (again.status, again.body) == (304, b"")
    until(lambda: view(node) == first.json()["view"], 5, "a view that stands")
    waiting = [poll(node, view(node), 60) for _ in range(50)]
    until(lambda: node.metric("kieng_view_polls") == 50, 10, "fifty that wait")
    gone.kill()
    for one in waiting:
        status, told = one()
        assert status == 200 and told["view"] > first.json()["view"]
    assert node.metric("kieng_view_polls") == 0
    until(lambda: gone.name not in [one["id"] for one in json.loads(node.ask(SERVERS)[1])["servers"] if one["state"] == "alive"], 10,
          "a list without the dead node")


def test_a_poll_that_nothing_answers_ends_in_time(cluster):
    cluster.wait_whole()
    node = cluster.nodes[1]
    status, told = poll(node, view(node) + 1000, 1)()
    assert status == 200 and told["servers"]


def test_waiting_takes_no_worker_and_holds_no_stop(own_cluster):
    """More callers than a thread has handlers wait; reads go on beside them, and a stop answers them all."""
    shop = own_cluster(settings={"IO_THREADS": 1}, names=("server-a",))
    shop.active()
    node = shop.nodes[0]
    since = view(node) + 1000
    ends = []
    ask = (f"GET {SERVERS}?since={since}&wait=60 HTTP/1.1\r\nHost: shop.test\r\n\r\n").encode()
    try:
        for _ in range(1500):
            end = raw.connect(node.port)
            end.sendall(ask)
            ends.append(end)
        until(lambda: node.metric("kieng_view_polls") == 1500, 30, "all to wait")
        assert node.metric("kieng_http_handlers") < 100
        assert shop.client(0).get("/products").status == 200
        node.terminate()
        answered = sum(raw.read(end, timeout=10.0).status == 200 for end in ends)
        assert answered == 1500
        node.process.wait(15)
    finally:
        for end in ends:
            end.close()


def test_figures_tell_of_pushes_takeovers_and_refusals(own_cluster):
    shop = own_cluster()
    shop.wait_whole()
    until(lambda: all(one["clockOffsetMs"] is not None for one in shop.nodes[1].status()["members"] if one["id"] != "server-b"), 40,
          "clocks compared")
    for _ in range(20):
        new_product(shop.owner(0))
    other = shop.nodes[1]
    until(lambda: other.metric("kieng_sync_seconds_count") >= 20, 10, "the pushes measured")
    until(lambda: shop.nodes[0].metric("kieng_push_positions_total", peer="server-b") >= 20, 5, "the pushes counted")
    sync = json.loads(other.ask("/api/cluster/stats")[1])["windows"][0]["syncMs"]
    assert sync["count"] >= 1 and sync["p50"] <= sync["p99"] <= sync["max"] < 60_000
    assert shop.client(1).post("/api/sync/receive", {}).status == 401
    assert other.metric("kieng_peer_requests_refused_total", reason="missing_header") == 1

    old, epoch = shop.active()
    old.kill()
    new, now = shop.active(other_than=old.name, above=epoch)
    until(lambda: new.status()["history"][0]["epoch"] == now, 10, "the takeover in the history")
    reason = new.status()["history"][0]["reason"]
    assert new.metric("kieng_takeovers_total", reason=reason) == 1
    assert new.metric("kieng_takeover_phase_seconds_count", phase="detect") == 1
    assert new.metric("kieng_cluster_active") == 1 and new.metric("kieng_cluster_epoch") == now
    assert new.metric("kieng_peer_state", peer=old.name, state="down") == 1
    assert new.metric("kieng_peer_changes_total", state="down") >= 1
    assert new.metric("kieng_cluster_lease_seconds") > 0

    def counted():
        window = json.loads(new.ask("/api/cluster/stats")[1])["windows"][0]
        health = {one["node"]: one for one in window["health"]}
        return window["failovers"] == 1 and window["takeoverMs"]["count"] == 1 and health[old.name]["failures"] > 0
    until(counted, 5, "the failover in the figures")


def test_drain_takes_a_node_out_and_undrain_takes_it_in(own_cluster):
    shop = own_cluster()
    shop.wait_whole()
    active, epoch = shop.active()
    which = shop.nodes.index(active)
    assert shop.owner(which).post("/api/cluster/drain").status == 202
    until(lambda: active.ask("/ready")[0] == 503, 5, "not ready")
    new, _ = shop.active(other_than=active.name, above=epoch, within=20)
    assert shop.client(which).get("/products").status == 200, "it goes on answering"
    until(lambda: new.member(active.name)["state"] == "draining", 5, "the others see it")
    assert json.loads(new.ask(SERVERS)[1])["servers"][0]["id"] == new.name
    assert shop.owner(which).post("/api/cluster/undrain").status == 202
    until(lambda: active.ask("/ready")[0] == 200, 5, "ready again")
    shop.wait_whole()


@pytest.mark.parametrize("which", ["active", "standby"])
def test_all_pages_answer_at_once_with_the_database_frozen_and_a_peer_hung(own_cluster, figure, which):
    shop = own_cluster()
    shop.wait_whole()
    active, epoch = shop.active()
    standby = next(node for node in shop.nodes if node is not active)
    hung = active if which == "active" else standby
    asked = [node for node in shop.nodes if node is not hung]
    shop.postgres.freeze()
    hung.pause()
    try:
        taken = {path: [] for path in PAGES}
        until(lambda: all(node.status()["db"] == "lost" and node.member(hung.name)["state"] == "down" for node in asked), 20,
              "the outage and the hung node seen")
        for _ in range(100):
            for node in asked:
                for path in PAGES:
                    status, _, took = timed(node, path)
                    assert status == 200, (node.name, path)
                    taken[path].append(took)
        for path, times in taken.items():
            times.sort()
            p99 = statistics.quantiles(times, n=100)[98]
            figure(f"{path} ({which} hung), ms", f"p50 {statistics.median(times):.2f}, p99 {p99:.2f}, max {times[-1]:.2f}")
            assert p99 < 50, path
        for node in asked:
            health = json.loads(node.ask("/api/health")[1])
            assert health["status"] == "warn" and health["accepts"]["writes"] is False and health["ready"] is True
            assert node.ask("/api/health?require=writes")[0] == 503
            assert node.ask("/api/health?require=ready")[0] == 200
            status = node.status()
            assert status["epoch"] == epoch, "nothing changes roles while PostgreSQL is away for everyone"
            assert node.metric("kieng_cluster_database", state="lost") == 1
            assert any("postgres" in line and "unreachable" in line for line in lines(node, "/api/health"))
        until(lambda: {node.health()["scope"] for node in asked} == {"shared"}, 20, "an outage that all share")
        assert all(node.status()["status"] == "fail" for node in asked)
    finally:
        hung.resume()
        shop.postgres.thaw()
    shop.wait_whole(40)
    until(lambda: all(node.health()["accepts"] == {"reads": True, "writes": True} for node in shop.nodes), 20, "all as before")
