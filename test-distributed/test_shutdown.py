"""Nodes end in good order and start only in good order."""
import json
import os
import subprocess
import threading
import time

import pytest

from harness import raw
from harness.client import Client
from harness.node import binary
from harness.people import new_product, unique
from harness.waiting import NoAnswer, until


class Shopper(threading.Thread):
    """One kept-alive connection that does as HTTP says: it goes elsewhere when told `Connection: close` or when nobody
    listens any more. A request whose answer does not come is lost, and that must not happen."""

    def __init__(self, nodes, token, path, number):
        super().__init__(daemon=True)
        self.nodes = nodes
        self.token = token
        self.path = path
        self.number = number
        self.answers = 0
        self.moved = 0
        self.busy = 0
        self.lost = []
        self.bad = []
        self.stop = threading.Event()

    def run(self):
        at = 0
        client = Client(self.nodes[at].port, self.token)
        turn = 0
        while not self.stop.is_set():
            turn += 1
            try:
                if (turn + self.number) % 3 == 0:
                    answer = client.post("/products", {"name": unique("shopper"), "price": 1})
                else:
                    answer = client.get(self.path)
            except NoAnswer as lost:
                if lost.sent:
                    self.lost.append(str(lost))
                answer = None
            except AssertionError as error:
                self.bad.append(str(error))
                return
            if answer is not None:
                self.answers += 1
                # A starved machine may be told to come again; a stopping node must not turn anybody away.
                self.busy += answer.code in ("overloaded", "outcome_unknown")
                if answer.status not in (200, 201) and answer.code not in ("overloaded", "outcome_unknown"):
                    self.bad.append(f"{self.nodes[at].name}: {answer!r}")
            if answer is None or answer.closes or answer.status == 503:
                client.close()
                at = (at + 1) % len(self.nodes)
                client = Client(self.nodes[at].port, self.token)
                self.moved += 1
        client.close()


def test_sigterm_under_load_loses_no_request(own_cluster, figure):
    shop = own_cluster()
    token = shop.owner().token
    path = "/products/" + new_product(shop.owner())["id"]
    order = [[shop.nodes[(start + step) % 3] for step in range(3)] for start in range(3)]
    shoppers = [Shopper(order[number % 3], token, path, number) for number in range(30)]
    for shopper in shoppers:
        shopper.start()
    took = []
    try:
        for node in shop.nodes:
            count = sum(one.answers for one in shoppers)
            until(lambda count=count: sum(one.answers for one in shoppers) > count + 300, 30, "load")
            begun = time.monotonic()
            node.terminate()
            assert node.process.wait(20) == 0, f"{node.name} did not end well"
            took.append(time.monotonic() - begun)
            node.start()
            node.wait_ready()
    finally:
        for shopper in shoppers:
            shopper.stop.set()
        for shopper in shoppers:
            shopper.join(20)
    lost = [entry for one in shoppers for entry in one.lost]
    bad = [entry for one in shoppers for entry in one.bad]
    answers = sum(one.answers for one in shoppers)
    figure("SIGTERM under load", f"{answers} answers, {len(lost)} lost, {sum(one.busy for one in shoppers)} told to come again, {sum(one.moved for one in shoppers)} moves; "
                                 f"ended after {', '.join(f'{seconds:.1f}' for seconds in took)} s")
    assert not bad, bad[:3]
    assert not lost, f"{len(lost)} lost: {lost[:3]}"


def test_sigterm_ends_a_node_with_idle_and_unfinished_connections(own_cluster):
    shop = own_cluster(names=("server-a",))
    idle, half_head, half_body = (raw.connect(shop[0].port) for _ in range(3))
    idle.sendall(b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n")
    assert raw.read(idle).status == 200
    half_head.sendall(b"GET /api/health HTTP/1.1\r\nHos")
    half_body.sendall(b"POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
    shop[0].terminate()
    assert shop[0].process.wait(30) == 0
    for end in (idle, half_head, half_body):
        end.close()


def test_a_stopping_node_says_so(own_cluster):
    shop = own_cluster(names=("server-a",))
    shop[0].terminate()
    states = set()

    def ended():
        try:
            status, body = shop[0].ask("/ready")
            states.add(status)
            states.add(json.loads(body).get("ready"))
        except (OSError, NoAnswer, ValueError):
            pass
        return not shop[0].process.alive
    until(ended, 20, "the end", every=0.05)
    assert 503 in states and False in states, "balancers must see it before it is gone"
    assert shop[0].process.wait(1) == 0


def test_sigterm_twice_is_no_harm(own_cluster):
    shop = own_cluster(names=("server-a",))
    shop[0].terminate()
    shop[0].terminate()
    assert shop[0].process.wait(20) == 0


def run_node(settings, *arguments, folder):
    """Runs the program to its end, and says with what code and words."""
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), **{name: str(value) for name, value in settings.items()}}
    done = subprocess.run([binary(), *arguments], env=env, cwd=folder, capture_output=True, timeout=30, check=False)
    return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace")


def test_a_port_in_use_ends_the_start(cluster, tmp_path):
    settings = {**cluster[0].settings, "SERVER_ID": "server-x", "PORT": cluster[1].port, "SELF_URL": f"http://127.0.0.1:{cluster[1].port}"}
    code, text = run_node(settings, folder=tmp_path)
    assert code not in (0, None) and code > 0
    assert str(cluster[1].port) in text and "in use" in text.lower()
    assert cluster[1].health()["ready"]


GOOD = {"SERVER_ID": "server-a", "PORT": 4000, "DB_HOST": "127.0.0.1", "DB_PORT": 1, "DB_USER": "u", "DB_PASSWORD": "p", "DB_NAME": "d",
        "JWT_SECRET": "j" * 40, "CLUSTER_SECRET": "c" * 40}
BAD = {"PORT": "70000", "SERVER_ID": "server a", "JWT_SECRET": "short-jwt", "CLUSTER_SECRET": "short-cl", "DB_SSLMODE": "maybe", "DB_HOST": "", "BCRYPT_COST": "4",
       "LOG_LEVEL": "loud", "ACCESS_LOG": "perhaps", "RATE_LIMIT_USER": "many", "CACHE_BYTES": "lots", "IO_THREADS": "-1", "OWNER_EMAIL": "nobody",
       "HEARTBEAT_INTERVAL": "soon", "SELF_URL": "not a url", "TLS_CERT": "/nonexistent/cert.pem", "DEFAULT_CURRENCY": "XXX", "DEFAULT_LANGUAGE": "xx", "CORS_ORIGINS": "shop.test"}


@pytest.mark.parametrize("arguments", [(), ("--check",)], ids=["serve", "check"])
def test_all_bad_settings_are_told_at_once(arguments, tmp_path):
    code, text = run_node({**GOOD, **BAD}, *arguments, folder=tmp_path)
    assert code > 0
    unnamed = [name for name in BAD if name not in text]
    assert not unnamed, f"{unnamed} not named in:\n{text}"
    assert "short-jwt" not in text and "short-cl" not in text, "a secret was printed"


@pytest.mark.parametrize("name", ["SERVER_ID", "DB_HOST", "DB_USER", "DB_NAME", "JWT_SECRET", "CLUSTER_SECRET"])
def test_a_missing_setting_is_told(name, tmp_path):
    settings = {key: value for key, value in GOOD.items() if key != name}
    code, text = run_node(settings, "--check", folder=tmp_path)
    assert code > 0 and name in text


def test_good_settings_pass_the_check(tmp_path):
    assert run_node(GOOD, "--check", folder=tmp_path)[0] == 0


def test_a_dotenv_file_is_read_and_the_environment_wins(tmp_path):
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in GOOD.items()), encoding="utf-8")
    assert run_node({}, "--check", folder=tmp_path)[0] == 0
    code, text = run_node({"PORT": "70000"}, "--check", folder=tmp_path)
    assert code > 0 and "PORT" in text
    other = tmp_path / "other.env"
    other.write_text("PORT=0x1\n", encoding="utf-8")
    code, text = run_node({**GOOD, "PORT": "4000", "KIENG_ENV_FILE": other}, "--check", folder=tmp_path)
    assert code == 0, text


def test_help_and_version(tmp_path):
    code, text = run_node({}, "--help", folder=tmp_path)
    assert code == 0 and all(name in text for name in ("DB_HOST", "JWT_SECRET", "SERVER_ID", "HEARTBEAT_INTERVAL", "migrate", "import"))
    code, text = run_node({}, "--version", folder=tmp_path)
    assert code == 0 and any(character.isdigit() for character in text)
    assert run_node(GOOD, "--no-such-option", folder=tmp_path)[0] > 0


def test_two_nodes_migrate_at_once_and_both_start(own_cluster):
    """All nodes of a cluster begin on an empty database at the same moment: one migrates, the others wait."""
    shop = own_cluster(names=("server-a", "server-b", "server-c", "server-d", "server-e"), settings={"DB_POOL_MAX": 8})
    owners = shop.postgres.query("SELECT count(*) FROM users WHERE role = 'owner'")
    assert owners == [(1,)]
    assert all(node.health()["ready"] for node in shop.nodes)


def test_the_owners_password_in_the_settings_counts_at_the_first_start_only(own_cluster):
    shop = own_cluster(names=("server-a",))
    shop[0].kill()
    shop[0].settings["OWNER_PASSWORD"] = "another password entirely"
    shop[0].start()
    shop[0].wait_ready()
    good = shop.client(0).post("/auth/login", {"email": shop.owner_email, "password": shop.owner_password})
    other = shop.client(0).post("/auth/login", {"email": shop.owner_email, "password": "another password entirely"})
    assert (good.status, other.status) == (200, 401)
