"""Sessions end everywhere, refresh tokens rotate, and a stolen one is found out."""
import concurrent.futures

import pytest

from harness.client import Client
from harness.people import unique
from harness.waiting import until

# The contract's own bound: the other nodes refuse an ended session's tokens within 5 s. A second is for the machine.
EVERYWHERE = 6.0


def ended_everywhere(cluster, token, at=0):
    """On the node that ended it at once, on the others within the promise."""
    here = cluster.client(at, token).get("/auth/me")
    assert (here.status, here.code) == (401, "session_ended")
    for node in cluster.nodes:
        client = Client(node.port, token)
        until(lambda client=client: client.get("/auth/me").code == "session_ended", EVERYWHERE, f"the end of the session on {node.name}")
        client.close()


def renew(node, refresh):
    client = Client(node.port)
    try:
        return client.post("/auth/refresh", {"refreshToken": refresh})
    finally:
        client.close()


def known_everywhere(cluster, token):
    for node in cluster.nodes:
        assert Client(node.port, token).get("/auth/me").status == 200


def test_signing_out_ends_the_session_on_all_nodes(cluster, people):
    account = people.new("customer")
    known_everywhere(cluster, account.access)
    assert account.client(cluster[0]).post("/auth/logout").status == 204
    ended_everywhere(cluster, account.access)
    assert renew(cluster[1], account.refresh).code == "session_ended"


def test_signing_out_by_refresh_token_ends_its_session_alone(cluster, people):
    account = people.new("customer")
    first_access, first_refresh = account.access, account.refresh
    account.sign_in(cluster[1])
    assert cluster.client(2).post("/auth/logout", {"refreshToken": first_refresh}).status == 204
    ended_everywhere(cluster, first_access, at=2)
    known_everywhere(cluster, account.access)


def test_signing_out_everywhere_ends_all_sessions(cluster, people):
    account = people.new("customer")
    tokens = [account.access]
    for which in (1, 2):
        tokens.append(account.sign_in(cluster[which]).access)
    assert account.client(cluster[0]).post("/auth/logout", {"everywhere": True}).status == 204
    for token in tokens:
        ended_everywhere(cluster, token)


def test_a_new_password_ends_the_other_sessions(cluster, people):
    account = people.new("customer")
    other = account.access
    account.sign_in(cluster[1])
    known_everywhere(cluster, other)
    changed = account.client(cluster[1]).post("/auth/password", {"currentPassword": account.password, "newPassword": "kieng ba chan vung"})
    assert changed.status == 200
    ended_everywhere(cluster, other, at=1)
    known_everywhere(cluster, changed.json()["accessToken"])
    assert renew(cluster[2], changed.json()["refreshToken"]).status == 200


@pytest.mark.parametrize("change", [{"status": "disabled"}, {"password": "set by the owner"}], ids=["disabled", "password set"])
def test_the_owner_ends_all_sessions_of_an_account(change, cluster, people):
    account = people.new("cashier")
    known_everywhere(cluster, account.access)
    assert cluster.owner(0).patch("/users/" + account.id, change, version=1).status == 200
    ended_everywhere(cluster, account.access)
    assert renew(cluster[1], account.refresh).status == 401


def test_a_disabled_account_stays_out_until_enabled(cluster, people):
    account = people.new("cashier")
    assert cluster.owner(0).delete("/users/" + account.id).status == 204
    ended_everywhere(cluster, account.access)
    login = {"email": account.email, "password": account.password}
    assert cluster.client(1).post("/auth/login", login).code == "account_disabled"
    version = cluster.owner(1).get("/users/" + account.id).json()["version"]
    assert cluster.owner(1).patch("/users/" + account.id, {"status": "active"}, version=version).status == 200
    assert cluster.client(2).post("/auth/login", login).status == 200


def allowed(account, node):
    """Whether the account may sell goods there, renewing its tokens when told that they are stale, as the library does."""
    answer = account.client(node).post("/products", {"name": unique(), "price": 1})
    if answer.code == "token_expired":
        account.take(renew(node, account.refresh).json())
        answer = account.client(node).post("/products", {"name": unique(), "price": 1})
    assert answer.status in (201, 403), answer
    return answer.status == 201


def test_a_lower_role_counts_at_once_here_and_soon_everywhere(cluster, people):
    account = people.new("manager")
    assert all(allowed(account, node) for node in cluster.nodes)
    old = account.access
    assert cluster.owner(0).patch("/users/" + account.id, {"role": "cashier"}, version=1).status == 200
    assert not allowed(account, cluster[0])
    for node in cluster.nodes:
        client = Client(node.port, old)
        until(lambda client=client: client.post("/products", {"name": "x", "price": 1}).status in (401, 403), EVERYWHERE, f"the new role on {node.name}")
        assert not allowed(account, node)
    assert account.client(cluster[1]).get("/auth/me").json()["role"] == "cashier"


def test_a_higher_role_counts_without_signing_in_again(cluster, people):
    account = people.new("customer")
    assert not any(allowed(account, node) for node in cluster.nodes)
    assert cluster.owner(0).patch("/users/" + account.id, {"role": "manager"}, version=1).status == 200
    for node in cluster.nodes:
        until(lambda node=node: allowed(account, node), EVERYWHERE, "the new role")


def test_one_of_ones_own_sessions_can_be_ended(cluster, people):
    account = people.new("customer")
    lost = account.access
    account.sign_in(cluster[1])
    sessions = account.client(cluster[1]).get("/auth/me/sessions").json()["items"]
    other = next(one["id"] for one in sessions if not one["current"])
    assert account.client(cluster[1]).delete("/auth/me/sessions/" + other).status == 204
    ended_everywhere(cluster, lost, at=1)
    known_everywhere(cluster, account.access)


def test_refresh_tokens_rotate_across_nodes(cluster, people):
    refresh = people.new("customer").refresh
    seen = {refresh}
    for turn in range(9):
        answer = renew(cluster[turn % 3], refresh)
        assert answer.status == 200
        refresh = answer.json()["refreshToken"]
        known = len(seen)
        seen.add(refresh)
        assert len(seen) == known + 1, "a refresh token came twice"
        assert cluster.client((turn + 1) % 3, answer.json()["accessToken"]).get("/auth/me").status == 200


def test_a_lost_answer_is_forgiven_with_a_sibling(cluster, people):
    """The node died with the answer, or two tabs renewed at once: the spent token may come again while its successor is unused."""
    account = people.new("customer")
    first, second = renew(cluster[0], account.refresh), renew(cluster[1], account.refresh)
    assert (first.status, second.status) == (200, 200)
    assert first.json()["refreshToken"] != second.json()["refreshToken"]
    for answer in (first, second):
        assert cluster.client(2, answer.json()["accessToken"]).get("/auth/me").status == 200
    assert len(cluster.client(2, second.json()["accessToken"]).get("/auth/me/sessions").json()["items"]) == 1, "siblings are one session"


def test_a_spent_token_whose_successor_was_used_ends_the_session(cluster, people):
    account = people.new("customer")
    stolen = account.refresh
    first = renew(cluster[0], stolen).json()
    second = renew(cluster[1], first["refreshToken"])
    assert second.status == 200
    thief = renew(cluster[2], stolen)
    assert (thief.status, thief.code) == (401, "token_reused")
    ended_everywhere(cluster, second.json()["accessToken"], at=2)
    after = renew(cluster[0], second.json()["refreshToken"])
    assert (after.status, after.code) == (401, "session_ended")
    assert cluster.client(1).post("/auth/login", {"email": account.email, "password": account.password}).status == 200


def test_one_refresh_token_renewed_on_three_nodes_at_once(cluster, people):
    for _ in range(5):
        account = people.new("customer")
        with concurrent.futures.ThreadPoolExecutor(9) as pool:
            answers = list(pool.map(lambda turn, token=account.refresh: renew(cluster[turn % 3], token), range(9)))
        assert {one.status for one in answers} == {200}, [one for one in answers if one.status != 200][:2]
        assert len({one.json()["refreshToken"] for one in answers}) == 9
        for answer in answers:
            assert cluster.client(0, answer.json()["accessToken"]).get("/auth/me").status == 200
        assert renew(cluster[1], answers[-1].json()["refreshToken"]).status == 200


def test_a_session_survives_the_node_it_was_made_on(own_cluster):
    shop = own_cluster()
    signed_in = shop.client(0).post("/auth/login", {"email": shop.owner_email, "password": shop.owner_password}).json()
    shop[0].kill()
    assert shop.client(1, signed_in["accessToken"]).get("/auth/me").status == 200
    renewed = renew(shop[2], signed_in["refreshToken"])
    assert renewed.status == 200
    shop.client(1, renewed.json()["accessToken"]).post("/auth/logout")
    shop[0].start()
    shop[0].wait_ready()
    assert shop.client(0, renewed.json()["accessToken"]).get("/auth/me").code == "session_ended", "a fresh node knows what ended before"


def test_password_guessing_is_counted_by_the_whole_cluster(own_cluster):
    shop = own_cluster(settings={"LOGIN_LIMIT": None})
    email = unique("guess") + "@e.vn"
    right = {"email": email, "password": "muoi hai con giap"}
    assert shop.client(0).post("/auth/register", right).status == 201
    answers = []
    for turn in range(40):
        answers.append(shop.client(turn % 3).post("/auth/login", {"email": email, "password": f"guess number {turn}"}))
        if answers[-1].status == 429:
            break
    assert answers[-1].code == "too_many_attempts" and int(answers[-1].header("Retry-After")) >= 1
    assert {one.code for one in answers[:-1]} == {"invalid_credentials"}
    for which in range(3):
        assert shop.client(which).post("/auth/login", right).code == "too_many_attempts", "the right password does not help either"
    nobody = [shop.client(turn % 3).post("/auth/login", {"email": "nobody@e.vn", "password": "guess number x"}) for turn in range(len(answers))]
    assert nobody[-1].status == 429, "an unknown account is counted alike"
