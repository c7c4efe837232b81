"""What should not stay as it is although no node has failed: settings and histories that differ, certificates that run out, full disks, readers that
are far behind, acknowledged history that is gone. Every node says so, in the status and in its log. And: nodes that talk by TLS."""
import os
import shutil
import signal
import subprocess

import pytest

from harness.events import EventStream
from harness.people import new_product, unique
from harness.waiting import until

OFTEN = {"HEARTBEAT_INTERVAL": "1s", "FAILBACK_AFTER": "60m"}


def warned(node, code, about=None):
    return [one for one in node.status()["warnings"] if one["code"] == code and (about is None or one["node"] == about)]


def wait_warned(node, code, about=None, within=20.0):
    return until(lambda: warned(node, code, about), within, f"{node.name} warning of {code} {about or ''}")


def wait_over(node, code, within=20.0):
    until(lambda: not warned(node, code), within, f"{node.name} warning of {code} no more")


def bump(shop, which=0):
    answer = shop.owner(which).post("/api/cluster/incarnation", {"confirm": "history may be lost"})
    assert answer.status == 200, answer
    return answer.json()["incarnation"]


def test_a_well_cluster_warns_of_nothing(cluster):
    cluster.wait_whole()
    for node in cluster.nodes:
        told = node.status()
        assert {one["code"] for one in told["warnings"]} <= {"own_timer_late", "disk_low"}, told["warnings"]
        mine = next(one for one in told["members"] if one["id"] == node.name)
        assert 0 < mine["diskFreeBytes"] <= mine["diskTotalBytes"]
        assert "certificateExpires" not in mine


def test_settings_that_differ(own_cluster):
    shop = own_cluster(own_settings={"server-c": {"DEFAULT_CURRENCY": "USD"}}).wait_whole()
    for node in shop.nodes[:2]:
        wait_warned(node, "settings_differ", "server-c")
        assert [one["node"] for one in warned(node, "settings_differ")] == ["server-c"]
        assert node.told("cluster_warning", code="settings_differ", node="server-c")
    until(lambda: {one["node"] for one in warned(shop[2], "settings_differ")} == {"server-a", "server-b"}, 20, "the odd one naming both others")
    detail = next(one["detail"] for one in shop.owner(0).get("/api/cluster/status").json()["warnings"] if one["code"] == "settings_differ")
    assert "USD" not in detail and shop.jwt_secret not in detail


@pytest.mark.faults
def test_histories_that_differ(own_cluster):
    """One node reads another history than the others: what must never happen is told, and what it has cached is dropped."""
    shop = own_cluster(settings=OFTEN).wait_whole()
    shop[2].pause()
    shop.postgres.query("""
        WITH h AS (UPDATE cluster_head SET pos = pos + 2100 RETURNING pos)
        INSERT INTO outbox (pos, seq, type, entity, entity_id, version, tags, node, trace, data)
        SELECT h.pos - 2100 + g, 1, 'ProductUpdatedEvent', 'product', gen_random_uuid(), 1, '{}', 'server-a', '', '{}' FROM h, generate_series(1, 2100) g""")
    (head,), = shop.postgres.query("SELECT pos FROM cluster_head")
    for node in shop.nodes[:2]:
        until(lambda node=node: node.status()["pos"] >= head and node.member(node.name)["applied"] >= head, 20, f"{node.name} having read it")
    shop.postgres.query("UPDATE outbox SET entity_id = gen_random_uuid() WHERE pos = %s", head - 1050)
    shop[2].resume()
    for node in shop.nodes[:2]:
        wait_warned(node, "sync_mismatch", "server-c", within=40)
        assert node.told("history_differs", peer="server-c")
        assert node.told("cluster_warning", code="sync_mismatch", node="server-c")
    until(lambda: {one["node"] for one in warned(shop[2], "sync_mismatch")} == {"server-a", "server-b"}, 40, "the odd one naming both others")
    assert not warned(shop[0], "sync_mismatch", "server-b")
    bump(shop)
    for node in shop.nodes:
        wait_over(node, "sync_mismatch")


def test_a_reader_that_is_far_behind(own_cluster):
    shop = own_cluster(settings=OFTEN).wait_whole()
    new_product(shop.owner(0))
    shop.postgres.query("INSERT INTO consumers (name, pos) VALUES ('mail', 0)")
    until(lambda: shop[0].metric("kieng_consumer_lag_positions", consumer="mail") > 0, 20, "the reader's lag")
    assert not warned(shop[0], "consumer_behind")
    shop.postgres.query("UPDATE outbox SET created_at = clock_timestamp() - interval '61 minutes'")
    for node in shop.nodes:
        wait_warned(node, "consumer_behind")
        assert node.told("cluster_warning", code="consumer_behind", detail="mail")
    shop.postgres.query("DELETE FROM consumers")
    for node in shop.nodes:
        wait_over(node, "consumer_behind")


def test_a_disk_that_fills_up(own_cluster):
    """The node's log lies on a disk of its own of 200 MiB, which only this process sees."""
    if subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("no mount namespaces here")
    shop = own_cluster(settings=OFTEN).wait_whole()
    node = shop[1]
    disk = os.path.join(node.folder, "disk")
    os.makedirs(disk, exist_ok=True)
    node.kill()
    node.prefix = ["unshare", "--mount", "sh", "-c", f'mount -t tmpfs -o size=200m none {disk} && exec "$@"', "sh"]
    node.settings["LOG_FILE"] = os.path.join(disk, "kieng.log")
    node.start()
    node.wait_ready()
    for each in shop.nodes:
        found = wait_warned(each, "disk_low", "server-b")
        assert found[0]["serious"]
        assert 0 < each.member("server-b")["diskFreeBytes"] <= each.member("server-b")["diskTotalBytes"] == 200 << 20
    assert node.metric("kieng_disk_total_bytes") == 200 << 20


def test_a_token_that_proves_a_loss_is_an_alarm(own_cluster):
    """Every node has it, also those that nobody showed the token to, until an operator begins another history."""
    shop = own_cluster(settings=OFTEN).wait_whole()
    owner = shop.owner(0, follow=True)
    for _ in range(3):
        new_product(owner)
    (incarnation,), = shop.postgres.query("SELECT incarnation FROM cluster_head")
    ahead = shop.owner(0, follow=True)
    for _ in range(60):
        new_product(ahead)
    shop.postgres.query("DELETE FROM outbox WHERE pos > (SELECT pos - 50 FROM cluster_head)")
    shop.postgres.query("UPDATE cluster_head SET pos = pos - 50")
    for _ in range(3):
        until(lambda: shop.client(1).get("/products", headers={"Kieng-Token": ahead.seen}).code == "history_changed", 20, "the refusal")
    for node in shop.nodes:
        found = wait_warned(node, "history_lost")
        assert len(found) == 1 and found[0]["serious"]
        assert len(node.told("history_lost", level="error")) == 1
        assert node.metric("kieng_cluster_history_lost") == 1
        assert node.status()["status"] != "pass"
    assert shop[1].metric("kieng_history_lost_total", how="token") >= 1
    assert any(line.startswith("[-] history_lost") for line in shop[2].ask("/api/cluster/status?text")[1].decode().splitlines())
    again = bump(shop)
    assert again > incarnation
    for which in range(3):
        until(lambda which=which: incarnation_on_a_stream(shop, which) == again, 10, "the new incarnation on a stream")
    for node in shop.nodes:
        wait_over(node, "history_lost")
        assert node.metric("kieng_cluster_history_lost") == 0


def incarnation_on_a_stream(shop, which):
    stream = EventStream(shop[which].port, shop.owner(which).token)
    try:
        view = until(lambda: next((block for block in stream.blocks if block.event == "view"), None), 5, "the list of servers on the stream")
        return view.json()["incarnation"]
    finally:
        stream.close()


def test_another_postgresql_server_is_an_alarm(own_cluster):
    shop = own_cluster(settings=OFTEN).wait_whole()
    stream = EventStream(shop[0].port, shop.owner(0).token)
    (before,), = shop.postgres.query("SELECT incarnation FROM cluster_head")
    until(lambda: any(block.event == "view" and block.json()["incarnation"] == before for block in stream.blocks), 10, "the list of servers on the stream")
    shop.postgres.query("UPDATE cluster_head SET system_identifier = '123'")
    shop.postgres.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'kieng/%%'")
    until(lambda: shop.postgres.query("SELECT incarnation FROM cluster_head")[0][0] > before, 20, "another incarnation")
    (after,), = shop.postgres.query("SELECT incarnation FROM cluster_head")
    for node in shop.nodes:
        wait_warned(node, "history_lost")
        assert len(node.told("history_lost", level="error")) == 1
    assert sum(node.metric("kieng_history_lost_total", how="server") for node in shop.nodes) >= 1
    # Who listens is told to begin anew, and hears of the other history, as who asks does.
    until(lambda: any(block.event == "reset" for block in stream.blocks), 10, "the listener told")
    until(lambda: incarnation_on_a_stream(shop, 0) == after, 10, "the new incarnation on the stream")
    assert shop.client(0).get("/api/cluster/healthy-servers").json()["incarnation"] == after
    stream.close()


def test_what_is_pushed_names_the_request_it_came_from(own_cluster):
    shop = own_cluster(peer_proxies=True).wait_whole()
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    answer = shop.owner(0).post("/products", {"name": unique("traced"), "price": 1}, headers={"traceparent": trace}, key=unique("traced-write"))
    assert answer.status == 201, answer
    until(lambda: b"4bf92f3577b34da6a3ce929d0e0e4736" in shop.links["server-a", "server-b"].pushed, 10, "the push with the trace")


def test_the_list_of_servers_is_never_stored(cluster):
    cluster.wait_whole()
    answer = cluster.client(0).get("/api/cluster/healthy-servers")
    assert answer.header("Cache-Control") == "no-store"
    assert answer.header("ETag") == f'"{answer.json()["view"]}"'


def test_the_cluster_answers_what_is_required(own_cluster):
    shop = own_cluster(settings=OFTEN).wait_whole()
    client = shop.client(1)
    for word in ("ready", "active", "writes"):
        assert client.get("/api/cluster/status?require=" + word).status == 200
    refused = client.get("/api/cluster/status?require=everything")
    assert (refused.status, refused.code) == (400, "invalid_parameter")
    shop.postgres.stop()
    until(lambda: shop[1].ask("/api/cluster/status?require=writes")[0] == 503, 15, "a cluster that cannot write")
    assert shop[1].ask("/api/cluster/status?require=ready")[0] == 200
    assert shop[1].ask("/api/cluster/status")[0] == 200


def test_health_for_people_tells_of_lease_and_memory(cluster):
    cluster.wait_whole()
    lines = cluster[0].ask("/api/health?text")[1].decode().splitlines()
    holder = cluster[0].status()["active"]["id"]
    assert any(line.startswith(f"[+] lease of {holder} ") and line.endswith(" ms left") for line in lines), lines
    assert any(line.startswith("[+] memory ") and line.endswith(" MiB") for line in lines), lines


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Authority:
    def __init__(self, folder, name):
        self.folder, self.key, self.pem = folder, os.path.join(folder, name + ".key"), os.path.join(folder, name + ".pem")
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "90", "-subj", "/CN=" + name, "-keyout", self.key, "-out", self.pem)

    def certify(self, name, days):
        key, wish, pem, more = (os.path.join(self.folder, name + end) for end in (".key", ".csr", ".crt", ".ext"))
        with open(more, "w", encoding="ascii") as sink:
            sink.write("subjectAltName=IP:127.0.0.1")
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=" + name, "-keyout", key, "-out", wish)
        openssl("x509", "-req", "-in", wish, "-CA", self.pem, "-CAkey", self.key, "-CAcreateserial", "-days", str(days), "-extfile", more, "-out", pem)
        return key, pem


def test_nodes_that_talk_by_tls_and_certificates_that_run_out(own_cluster, tmp_path):
    """Streams, pushes and heartbeats go by https to whom the own authority vouches for. What runs out is warned of until it is renewed."""
    authority = Authority(str(tmp_path), "authority")
    own = {}
    for name, days in (("server-a", 60), ("server-b", 20), ("server-c", 5)):
        key, pem = authority.certify(name, days)
        own[name] = {"TLS_KEY": key, "TLS_CERT": pem}
    shop = own_cluster(settings={**OFTEN, "PEER_CA": authority.pem}, own_settings=own, trust=authority.pem).wait_whole()
    for node in shop.nodes:
        assert all(one["url"].startswith("https://") for one in node.status()["members"])
        assert not wait_warned(node, "certificate_expires", "server-b")[0]["serious"]
        assert wait_warned(node, "certificate_expires", "server-c")[0]["serious"]
        assert not warned(node, "certificate_expires", "server-a")
        assert node.metric("kieng_push_failures_total") == 0
    assert 4 * 86_400 < shop[2].metric("kieng_certificate_expires_seconds") < 5 * 86_400
    assert shop[0].told("cluster_warning", code="certificate_expires", node="server-c", level="error")
    key, pem = authority.certify("renewed", 80)
    shutil.copyfile(key, own["server-c"]["TLS_KEY"])
    shutil.copyfile(pem, own["server-c"]["TLS_CERT"])
    os.kill(shop[2].pid, signal.SIGHUP)
    for node in shop.nodes:
        until(lambda node=node: not warned(node, "certificate_expires", "server-c"), 20, f"{node.name} knowing the new certificate")
    # A certificate of somebody else is no peer's.
    stranger = Authority(str(tmp_path), "stranger").certify("strange", 80)
    shop[2].kill()
    until(lambda: shop[0].member("server-c")["state"] == "down", 20, "the third gone")
    shop[2].settings.update(TLS_KEY=stranger[0], TLS_CERT=stranger[1])
    shop[2].trust = os.path.join(str(tmp_path), "stranger.pem")
    shop[2].start()
    shop[2].wait_ready()
    until(lambda: shop[2].member("server-a")["state"] in ("alive", "late"), 20, "the stranger hearing the others, whom it trusts")
    told = shop[0].member("server-c")
    assert told["detection"] != "stream" or told["state"] != "alive", told
