"""Who brings the token of what was seen never sees anything older, on any node, in any view; who brings none is not left
behind for long."""
import datetime
import random
import threading

import pytest

from harness.client import Client, token_rank, with_query
from harness.people import new_category, new_product, unique
from harness.waiting import until

ROUNDS = 1000


class Views:
    """Reads of all kinds on one node, with the newest token the writer has."""

    def __init__(self, node, token=None):
        self.client = Client(node.port, token)

    def get(self, path, seen):
        answer = self.client.get(path, headers={"Kieng-Token": seen} if seen else {})
        if seen:
            assert token_rank(answer.header("Kieng-Token")) >= token_rank(seen), f"{path}: the answer is older than what was seen"
        return answer


class Shop:
    """A writer on one node, readers on the others, every view warmed before it is changed."""

    def __init__(self, cluster, people, writer=0):
        self.manager = people.client("manager", writer, follow=True)
        self.readers = [Views(node) for index, node in enumerate(cluster.nodes) if index != writer]

    def everywhere(self, path):
        """The same answer from all readers, as fresh as the last write."""
        answers = [reader.get(path, self.manager.seen) for reader in self.readers]
        assert len({(one.status, one.body) for one in answers if one.status == 200}) <= 1
        return answers[0] if len({one.status for one in answers}) == 1 else pytest.fail(f"{path}: {[one.status for one in answers]}")

    def warm(self, *paths):
        for path in paths:
            for reader in self.readers:
                reader.get(path, None)

    def ids(self, path):
        return [one["id"] for one in self.everywhere(path).json()["items"]]


@pytest.fixture
def shop(cluster, people):
    return Shop(cluster, people)


def test_a_changed_product_is_changed_in_every_view(shop):
    brand, code = unique("brand"), unique("893")
    made = new_product(shop.manager, brand=brand, variants=[{"barcode": code}], price=10)
    path, listed, looked = "/products/" + made["id"], with_query("/products", brand=brand), with_query("/products/lookup", code=code)
    slug = "/products/by-slug/" + made["slug"]
    for price in range(11, 31):
        shop.warm(path, listed, looked, slug)
        shop.manager.patch(path, {"price": price}, version=price - 10)
        assert shop.everywhere(path).json()["price"] == price
        assert shop.everywhere(slug).json()["price"] == price
        assert shop.everywhere(listed).json()["items"][0]["price"] == price
        assert shop.everywhere(looked).json()["product"]["price"] == price


def test_a_new_product_joins_the_lists_it_belongs_to(shop):
    brand, word = unique("brand"), unique("tim").replace("-", "")
    views = [with_query("/products", brand=brand), with_query("/products", q=word), with_query("/products", tag=brand + "t"),
             with_query("/products", brand=brand, sort="price"), with_query("/products", brand=brand, minPrice=5)]
    made = []
    for price in range(10, 20):
        shop.warm(*views)
        made.append(new_product(shop.manager, name=f"Áo {word} {price}", brand=brand, tags=[brand + "t"], price=price)["id"])
        for view in views:
            assert set(shop.ids(view)) == set(made), view
        assert shop.everywhere(with_query("/products", brand=brand, total="true")).json()["total"] == len(made)


def test_what_was_not_found_is_found_once_it_is_there(shop):
    for field in ("sku", "barcode"):
        for _ in range(5):
            code = unique("NEW")
            looked = with_query("/products/lookup", code=code)
            shop.warm(looked)
            assert shop.everywhere(looked).status == 404
            fields = {"sku": code} if field == "sku" else {"variants": [{"barcode": code}]}
            made = new_product(shop.manager, **fields)
            assert shop.everywhere(looked).json()["product"]["id"] == made["id"]


def test_a_slug_that_moves_is_found_where_it_is(shop):
    first, second, new = new_product(shop.manager), new_product(shop.manager), unique("moi")
    old = first["slug"]
    shop.warm("/products/by-slug/" + old, "/products/by-slug/" + new)
    shop.manager.patch("/products/" + first["id"], {"slug": new}, version=1)
    assert shop.everywhere("/products/by-slug/" + new).json()["id"] == first["id"]
    assert shop.everywhere("/products/by-slug/" + old).header("Location") == "/products/by-slug/" + new
    shop.manager.patch("/products/" + second["id"], {"slug": old}, version=1)
    assert shop.everywhere("/products/by-slug/" + old).json()["id"] == second["id"]
    shop.manager.delete("/products/" + second["id"])
    assert shop.everywhere("/products/by-slug/" + old).status in (308, 404)
    assert shop.everywhere("/products/by-slug/" + second["slug"]).status == 404


def test_a_code_that_moves_is_found_where_it_is(shop):
    code = unique("893")
    first, second = new_product(shop.manager, variants=[{"barcode": code}]), new_product(shop.manager)
    looked = with_query("/products/lookup", code=code)
    shop.warm(looked)
    shop.manager.patch("/products/" + first["id"], {"variants": [{"id": first["variants"][0]["id"], "barcode": None}]}, version=1)
    assert shop.everywhere(looked).status == 404
    shop.manager.patch("/products/" + second["id"], {"variants": [{"id": second["variants"][0]["id"], "barcode": code}]}, version=1)
    assert shop.everywhere(looked).json()["product"]["id"] == second["id"]


def test_a_deleted_or_archived_product_is_gone_everywhere(shop):
    for end in ("delete", "archive"):
        brand = unique("brand")
        made = new_product(shop.manager, brand=brand, tags=[brand + "t"])
        path = "/products/" + made["id"]
        views = [with_query("/products", brand=brand), with_query("/products", q=made["sku"])]
        names = [with_query("/brands", q=brand), with_query("/tags", q=brand)]
        shop.warm(path, *views, *names, with_query("/products/lookup", code=made["sku"]))
        answer = shop.manager.delete(path) if end == "delete" else shop.manager.patch(path, {"status": "archived"}, version=1)
        assert answer.status < 300
        assert shop.everywhere(path).status == 404
        assert shop.everywhere(with_query("/products/lookup", code=made["sku"])).status == 404
        for view in views + names:
            assert shop.everywhere(view).json()["items"] == [], view


def test_publishing_and_withdrawing(shop):
    brand = unique("brand")
    made = new_product(shop.manager, brand=brand, status="draft")
    path, listed = "/products/" + made["id"], with_query("/products", brand=brand)
    for version, status in enumerate(["active", "draft"] * 5, start=1):
        shop.warm(path, listed)
        shop.manager.patch(path, {"status": status}, version=version)
        assert shop.everywhere(path).status == (200 if status == "active" else 404)
        assert len(shop.ids(listed)) == (status == "active")


def test_what_is_published_later_appears_by_itself(shop):
    """Nobody writes when the time comes, and still no node goes on hiding it."""
    brand = unique("brand")
    made = new_product(shop.manager, brand=brand, publishedAt="2999-01-01T00:00:00Z")
    path, views = "/products/" + made["id"], [with_query("/products", brand=brand), with_query("/products", q=made["sku"]), with_query("/brands", q=brand)]
    assert (made["status"], made["publishedAt"]) == ("active", "2999-01-01T00:00:00.000Z")
    shop.warm(path, *views)
    assert shop.everywhere(path).status == 404
    assert all(shop.everywhere(view).json()["items"] == [] for view in views)
    assert shop.manager.get(path).json() == made and made["id"] in [one["id"] for one in shop.manager.get(views[0] + "&status=active").json()["items"]]
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)
    shop.manager.patch(path, {"publishedAt": soon.isoformat(timespec="milliseconds").replace("+00:00", "Z")}, version=1)
    shop.warm(path, *views)
    for reader in shop.readers:
        until(lambda reader=reader: reader.get(path, None).status == 200, 15, path)
        for view in views:
            until(lambda reader=reader, view=view: len(reader.get(view, None).json()["items"]) == 1, 5, view)
    assert shop.everywhere(path).json()["version"] == 2


def test_categories_and_what_hangs_on_them(shop):
    top = new_category(shop.manager)
    child = new_category(shop.manager, parentId=top["id"])
    made = new_product(shop.manager, category=child["slug"])
    old = with_query("/products", category=top["slug"])
    paths = ["/products/" + made["id"], "/categories/" + child["id"], with_query("/categories", parent=top["id"]), old]
    shop.warm(*paths)
    slug = unique("renamed")
    shop.warm(with_query("/products", category=slug))
    shop.manager.patch("/categories/" + child["id"], {"slug": slug}, version=1)
    assert shop.everywhere(paths[0]).json()["category"] == slug
    assert shop.everywhere(paths[1]).json()["path"] == f"{top['slug']}/{slug}"
    assert shop.everywhere(paths[2]).json()["items"][0]["slug"] == slug
    assert shop.ids(with_query("/products", category=slug)) == [made["id"]]
    assert shop.ids(with_query("/products", category=child["slug"])) == []
    other = new_category(shop.manager)
    shop.warm(*paths, with_query("/products", category=other["slug"]))
    shop.manager.patch("/categories/" + child["id"], {"parentId": other["id"]}, version=2)
    assert shop.ids(old) == [] and shop.ids(with_query("/products", category=other["slug"])) == [made["id"]]
    assert shop.ids(paths[2]) == []
    assert shop.everywhere(paths[1]).json()["path"] == f"{other['slug']}/{slug}"


def test_names_of_brands_and_tags_follow(shop):
    first, second = unique("ten"), unique("ten")
    made = new_product(shop.manager, brand=first, tags=[first])
    paths = [with_query(path, q=name) for path in ("/brands", "/tags") for name in (first, second)]
    shop.warm(*paths)
    shop.manager.patch("/products/" + made["id"], {"brand": second, "tags": [second]}, version=1)
    assert [len(shop.everywhere(path).json()["items"]) for path in paths] == [0, 1, 0, 1]


def test_an_import_is_seen_at_once(shop):
    brand, sku = unique("brand"), unique("SKU")
    listed, looked = with_query("/products", brand=brand), with_query("/products/lookup", code=sku)
    shop.warm(listed, looked)
    for price in (5, 6):
        shop.manager.post("/products/import", body=f"sku,name,price,brand\n{sku},Áo,{price},{brand}\n".encode(), content_type="text/csv")
        assert shop.everywhere(looked).json()["product"]["price"] == price
        assert shop.everywhere(listed).json()["items"][0]["price"] == price
        shop.warm(listed, looked)


def test_an_etag_is_current_only_while_its_bytes_are(shop):
    made = new_product(shop.manager)
    path = "/products/" + made["id"]
    tag = shop.everywhere(path).header("ETag")
    shop.manager.patch(path, {"price": 7}, version=1)
    for reader in shop.readers:
        answer = reader.client.get(path, headers={"If-None-Match": tag, "Kieng-Token": shop.manager.seen})
        assert answer.status == 200 and answer.json()["price"] == 7
        again = reader.client.get(path, headers={"If-None-Match": answer.header("ETag"), "Kieng-Token": shop.manager.seen})
        assert again.status == 304


def test_a_thousand_random_interleavings(cluster, people, figure):
    """A model of some products in memory; random writes on random nodes, and after each some random reads elsewhere
    that must agree with the model to the letter."""
    chance = random.Random(20261120)
    brand = unique("brand")
    writers = [people.client("manager", which) for which in range(3)]
    readers = [Views(node) for node in cluster.nodes]
    model, gone, seen, reads = {}, [], None, 0

    def note(answer, status):
        nonlocal seen
        assert answer.status == status, answer
        if token_rank(answer.header("Kieng-Token")) > token_rank(seen):
            seen = answer.header("Kieng-Token")
        return answer

    for _ in range(ROUNDS):
        writer = chance.choice(writers)
        identity = chance.choice(list(model)) if model else None
        act = chance.choice(["price", "price", "name", "tags", "status", "create", "delete"]) if 0 < len(model) < 12 else "create" if not model else "delete"
        if act == "create":
            made = note(writer.post("/products", {"name": unique("p"), "price": chance.randrange(1000), "brand": brand, "tags": [brand]}), 201).json()
            model[made["id"]] = made
        elif act == "delete":
            note(writer.delete("/products/" + identity), 204)
            gone.append(identity)
            del model[identity]
        else:
            change = {"price": {"price": chance.randrange(1000, 9999)}, "name": {"name": unique("p")}, "tags": {"tags": [brand, unique("t")]},
                      "status": {"status": "draft" if model[identity]["status"] == "active" else "active"}}[act]
            model[identity] = note(writer.patch("/products/" + identity, change, version=model[identity]["version"]), 200).json()
        for _ in range(2):
            reads += 1
            check_one_view(chance, chance.choice(readers), model, gone, seen, brand)
    figure("random interleavings", f"{ROUNDS} writes, {reads} reads, none older than its token")


def check_one_view(chance, reader, model, gone, seen, brand):
    shown = {identity for identity, one in model.items() if one["status"] == "active"}
    kind = chance.choice(["one", "list", "tag", "sku", "gone"])
    if kind in ("list", "tag"):
        path = with_query("/products", **{"brand" if kind == "list" else "tag": brand}, limit=100)
        found = {one["id"]: (one["price"], one["name"], one["version"]) for one in reader.get(path, seen).json()["items"]}
        assert found == {identity: (model[identity]["price"], model[identity]["name"], model[identity]["version"]) for identity in shown}
    elif kind == "gone" and gone:
        assert reader.get("/products/" + chance.choice(gone), seen).status == 404
    elif model:
        one = chance.choice(list(model.values()))
        answer = reader.get("/products/" + one["id"] if kind == "one" else with_query("/products/lookup", code=one["sku"]), seen)
        if one["id"] not in shown:
            assert answer.status == 404
        else:
            assert {**answer.json().get("product", answer.json())} == {name: value for name, value in one.items() if name != "merged"}


def test_a_session_never_goes_back_in_time(cluster, people):
    """Three writers raise a counter on three nodes; each reader wanders between nodes with its own token."""
    made = new_product(people.client("manager"), price=0)
    path, token = "/products/" + made["id"], people.one("manager").access
    failures, done = [], threading.Event()

    def write(node):
        client = Client(node.port, token)
        try:
            for _ in range(100):
                current = client.get(path).json()
                answer = client.patch(path, {"description": unique("d")}, version=current["version"])
                assert answer.status in (200, 409), answer
        except BaseException as error:  # noqa: B902
            failures.append(error)

    def read(seed):
        chance, seen, version = random.Random(seed), None, 0
        clients = [Client(node.port) for node in cluster.nodes]
        try:
            while not done.is_set():
                answer = chance.choice(clients).get(path, headers={"Kieng-Token": seen} if seen else {})
                assert answer.json()["version"] >= version, f"went back from version {version} to {answer.json()['version']}"
                version, seen = answer.json()["version"], max(seen or "0.0.", answer.header("Kieng-Token"), key=token_rank)
        except BaseException as error:  # noqa: B902
            failures.append(error)
    writers = [threading.Thread(target=write, args=(node,)) for node in cluster.nodes]
    readers = [threading.Thread(target=read, args=(seed,)) for seed in range(4)]
    for thread in writers + readers:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in readers:
        thread.join()
    assert not failures, failures[0]


def test_who_brings_no_token_is_served_fresh_data_soon(cluster, people):
    manager = people.client("manager", 0)
    brand = unique("brand")
    made = new_product(manager, brand=brand, price=0)
    path, listed = "/products/" + made["id"], with_query("/products", brand=brand)
    for version in range(1, 11):
        for which in (1, 2):
            cluster.client(which).get(path)
            cluster.client(which).get(listed)
        manager.patch(path, {"price": version}, version=version)
        for which in (1, 2):
            until(lambda which=which: cluster.client(which).get(path).json()["price"] == version, 5, "the new price")
            until(lambda which=which: cluster.client(which).get(listed).json()["items"][0]["price"] == version, 5, "the new price in the list")


def test_a_node_that_is_behind_reads_the_database_rather_than_its_cache(own_cluster):
    """The way from one node to PostgreSQL is slow, so that it learns late what others wrote. With a token it answers late,
    but never older than the token, found or not."""
    shop = own_cluster(names=("server-a", "server-b"), database_proxies=True)
    writer, slow = shop.owner(0, follow=True), Views(shop[1])
    brand = unique("brand")
    made = [new_product(writer, brand=brand) for _ in range(12)]
    listed = with_query("/products", brand=brand)
    for one in made:
        slow.get("/products/" + one["id"], None)
    slow.get(listed, None)
    shop.proxies["server-b"].delay = 0.12
    for number, one in enumerate(made):
        path = "/products/" + one["id"]
        if number % 3 == 0:
            assert writer.delete(path).status == 204
            assert slow.get(path, writer.seen).status == 404
        elif number % 3 == 1:
            writer.patch(path, {"price": 5000 + number}, version=1)
            assert slow.get(path, writer.seen).json()["price"] == 5000 + number
        else:
            writer.patch(path, {"status": "draft"}, version=1)
            assert slow.get(with_query("/products/lookup", code=one["sku"]), writer.seen).status == 404
        shown = {entry["id"] for entry in slow.get(listed, writer.seen).json()["items"]}
        assert shown == {entry["id"] for place, entry in enumerate(made) if place > number or place % 3 == 1}
    shop.proxies["server-b"].mend()
