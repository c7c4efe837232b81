"""What nodes tell each other is believed for its signature alone. Forged, replayed, misdirected, skewed, oversized and malformed requests
change nothing; a user's token opens no way of the nodes, nor a node's signature a way of users."""
import json
import secrets
import threading

import pytest

from harness import raw
from harness.client import Client
from harness.peers import HEARTBEAT, PUSH, STREAM, Request, one_answer, push_body
from harness.people import new_product, unique
from harness.waiting import until
from peer_cases import CASES, LET_IN_BUT_REFUSED, RECEIVER, SENDER, resigned, shifted

class Kit:
    """What the attacker knows and what it does not: `secret` is given to the cases that need a right signature."""

    def __init__(self, cluster):
        self.secret = cluster.cluster_secret
        self.incarnation = cluster[RECEIVER].status()["incarnation"]
        self.token = cluster.owner().token

    def push(self, body=None, sender=SENDER, receiver=RECEIVER, incarnation=None, **options):
        """A push of a position that everybody has: when it is let in, it is acknowledged and changes nothing."""
        incarnation = self.incarnation if incarnation is None else incarnation
        body = push_body(sender, incarnation, {1: [{}]}) if body is None else body
        return Request("POST", PUSH, sender, receiver, body, incarnation, **options)

    def good(self):
        return self.push().sign(self.secret)


@pytest.fixture(scope="module")
def kit(cluster):
    cluster.wait_whole()
    return Kit(cluster)


def picture(cluster):
    """What none of these requests may change, as the one it is sent to sees it."""
    status = cluster[RECEIVER].status()
    return {"incarnation": status["incarnation"], "epoch": status["epoch"], "active": status["active"]["id"],
            "members": [(one["id"], one["url"], one["boot"], one["state"]) for one in status["members"]],
            "nodes": cluster.postgres.query("SELECT id, url, boot_id FROM cluster_nodes ORDER BY id")}


def send(cluster, what):
    node = cluster[RECEIVER]
    return one_answer(node, what) if isinstance(what, bytes) else what.send(node)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_a_forged_request_is_refused(cluster, kit, case):
    before = picture(cluster)
    answer = send(cluster, case[1](kit))
    assert answer is not None and answer.status in (case[2] if len(case) > 2 else (401,)), answer
    if answer.status == 401:
        assert answer.code == "unauthenticated"
        problem = answer.json()
        assert not problem.get("errors"), "which part failed is nobody's business"
    assert picture(cluster) == before


def test_all_refusals_look_alike(cluster, kit):
    bodies = set()
    for case in CASES:
        answer = send(cluster, case[1](kit))
        if answer.status == 401:
            problem = answer.json()
            bodies.add((problem["code"], problem["title"], problem.get("detail"), tuple(sorted(problem))))
    assert len(bodies) == 1, bodies


@pytest.mark.parametrize("case", LET_IN_BUT_REFUSED, ids=lambda case: case[0])
def test_a_signed_request_that_makes_no_sense_is_refused(cluster, kit, case):
    before = picture(cluster)
    answer = send(cluster, case[2](kit))
    assert answer is not None and answer.status in (case[1] if isinstance(case[1], tuple) else (case[1],)), answer
    assert picture(cluster) == before


def test_a_good_request_is_let_in(cluster, kit):
    answer = kit.good().send(cluster[RECEIVER])
    assert answer.status == 200, answer
    assert answer.json()["applied"] >= 1
    ahead = resigned(kit, timestamp=shifted(25)).send(cluster[RECEIVER])
    assert ahead.status == 200, ahead
    both = kit.push().sign(kit.secret, previous="p" * 32).send(cluster[RECEIVER])
    assert both.status == 200, both
    old = kit.push().sign("n" * 32, previous=kit.secret).send(cluster[RECEIVER])
    assert old.status == 200, f"signed with the new secret and, as the previous one, with ours: {old!r}"
    newer = kit.push(push_body(SENDER, kit.incarnation, {1: [{}]}).replace(b'{"incarnation"', b'{"hint": 1, "incarnation"')).sign(kit.secret)
    assert newer.send(cluster[RECEIVER]).status == 200, "a newer node may say more"


def test_a_request_counts_once(cluster, kit):
    request = kit.good()
    assert request.send(cluster[RECEIVER]).status == 200
    for _ in range(3):
        assert request.send(cluster[RECEIVER]).status == 401
    assert request.send(cluster["server-c"]).status == 401
    again = kit.push()
    again.nonce = request.nonce
    assert again.sign(kit.secret).send(cluster[RECEIVER]).status == 401
    assert kit.good().send(cluster[RECEIVER]).status == 200
    # A request that was refused for its signature has not used its nonce up.
    request = kit.push()
    assert request.sign("x" * 32).send(cluster[RECEIVER]).status == 401
    assert request.sign(kit.secret).send(cluster[RECEIVER]).status == 200


def test_many_at_once_count_once(cluster, kit):
    request, seen = kit.good(), []
    threads = [threading.Thread(target=lambda: seen.append(request.send(cluster[RECEIVER]).status)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == [200] + [401] * 15


def test_a_bad_signature_is_refused_before_the_body_is_there(cluster, kit):
    request = kit.push(b" " * 200_000).sign("x" * 32)
    head = request.bytes().partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    answer = one_answer(cluster[RECEIVER], head)
    assert answer is not None and answer.status == 401


def test_users_do_not_get_in(cluster, kit):
    for method, path in (("POST", PUSH), ("POST", HEARTBEAT), ("GET", STREAM), ("GET", STREAM + "?boot=" + cluster[0].health()["boot"])):
        head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {kit.token}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"
        answer = one_answer(cluster[RECEIVER], head.encode(), method)
        assert answer.status == 401, (path, answer)
        answer = Client(cluster[RECEIVER].port, kit.token, check=False).request(method, path, json={} if method == "POST" else None)
        assert answer.status == 401, (path, answer)
    forged = kit.push().sign("x" * 32).add("Authorization", "Bearer " + kit.token)
    assert forged.send(cluster[RECEIVER]).status == 401


def test_nodes_do_not_get_in_as_users(cluster, kit):
    before = picture(cluster)
    for method, path, body in (("GET", "/users", b""), ("GET", "/auth/me", b""), ("GET", "/audit", b""), ("POST", "/api/cluster/handover", b""),
                               ("POST", "/api/cluster/drain", b""), ("POST", "/products", b'{"name":"peer","price":1}')):
        answer = Request(method, path, SENDER, RECEIVER, body, kit.incarnation).sign(kit.secret).send(cluster[RECEIVER])
        assert answer.status == 401, (path, answer)
    assert picture(cluster) == before


def test_a_forged_heartbeat_brings_nobody_in(cluster, kit):
    """Strangers may greet, but only signed ones, and only in their own name."""
    before = picture(cluster)
    body = json.dumps({"node": "server-z", "url": "http://127.0.0.1:1", "boot": "01a1fbae-2741-7a6e-bcf4-498ef5dac87a", "priority": 0}).encode()
    for secret, sender, status in (("x" * 32, "server-z", (401,)), (kit.secret, "server-z", (422,)), (kit.secret, SENDER, (401, 422))):
        answer = Request("POST", HEARTBEAT, sender, RECEIVER, body, kit.incarnation).sign(secret).send(cluster[RECEIVER])
        assert answer.status in status, answer
    assert picture(cluster) == before


def test_forged_requests_cost_little(cluster, kit, figure):
    """Told in processor time of the receiver, beside what a health check costs it; both on connections of their own."""
    def cost(data, method, count=500):
        node = cluster[RECEIVER]
        began = node.metric("process_cpu_seconds_total")
        for _ in range(count):
            raw.exchange(node.port, data, method=method)
        return (node.metric("process_cpu_seconds_total") - began) / count * 1e6
    forged = cost(kit.push().sign("x" * 32).bytes(), "POST")
    health = cost(b"GET /api/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "GET")
    figure("processor time of a forged push", f"{forged:.0f} us, of a health check {health:.0f} us, each with its connection")


def test_an_old_request_does_not_outlive_a_restart(own_cluster):
    """Nonces are kept in memory; a request older than the process does not count."""
    shop = own_cluster().wait_whole()
    kit = Kit(shop)
    request = kit.good()
    assert request.send(shop[RECEIVER]).status == 200
    shop[RECEIVER].kill()
    shop[RECEIVER].start()
    shop[RECEIVER].wait_ready()
    shop.wait_whole()
    assert request.send(shop[RECEIVER]).status == 401
    assert kit.good().send(shop[RECEIVER]).status == 200


def test_a_stream_is_opened_by_a_signature_alone(own_cluster):
    shop = own_cluster().wait_whole()
    kit = Kit(shop)
    boot = shop[SENDER].health()["boot"]
    target = STREAM + "?boot=" + boot
    for request in (Request("GET", target, SENDER, RECEIVER).sign("x" * 32), Request("GET", target, "server-z", RECEIVER).sign(kit.secret),
                    Request("GET", target, SENDER, "server-c").sign(kit.secret)):
        assert request.send(shop[RECEIVER]).status == 401
    assert Request("GET", STREAM, SENDER, RECEIVER).sign(kit.secret).send(shop[RECEIVER]).status == 400
    with raw.connect(shop[RECEIVER].port) as end:
        end.sendall(Request("GET", target, SENDER, RECEIVER, incarnation=kit.incarnation).sign(kit.secret).bytes())
        got = b""
        while shop[RECEIVER].health()["boot"].encode() not in got:
            piece = end.recv(4096)
            assert piece, got
            got += piece
        assert b" 200 " in got.splitlines()[0]
        end.sendall(b"nonsense\r\n\r\n")
    shop.wait_whole()


def test_the_secret_is_changed_node_by_node(own_cluster, figure):
    """First every node learns the new one beside the old, then every node forgets the old one; writes go on and no push is refused."""
    shop = own_cluster(names=("server-a", "server-b"), settings={"FAILBACK_AFTER": "60m"}).wait_whole()
    old, new = shop.cluster_secret, secrets.token_hex(32)
    for change in ({"CLUSTER_SECRET": new, "CLUSTER_SECRET_PREVIOUS": old}, {"CLUSTER_SECRET": new, "CLUSTER_SECRET_PREVIOUS": None}):
        for node in shop.nodes:
            node.terminate()
            assert node.process.wait(20) == 0
            node.settings.update(change)
            node.start()
            node.wait_ready()
            shop.wait_whole()
            for which in range(2):
                brand = unique("brand")
                made = new_product(shop.owner(which), brand=brand)
                for other in range(2):
                    until(lambda other=other, made=made: shop.client(other).get("/products/" + made["id"]).status == 200, 5, "the write of one on another")
    refused = [line for node in shop.nodes for line in node.told("request", path=PUSH, status=401)]
    pushes = sum(len(node.told("request", path=PUSH, status=200)) for node in shop.nodes)
    assert not refused, refused[:3]
    assert pushes > 0
    figure("pushes while the secret was changed", f"{pushes}, none refused")
    kit = Kit(shop)
    assert kit.good().send(shop[RECEIVER]).status == 401, "the old secret is forgotten"
    assert kit.push().sign(new).send(shop[RECEIVER]).status == 200
