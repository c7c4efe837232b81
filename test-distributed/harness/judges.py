"""What must not be found in the history of a run. Each judge takes what clients saw, and the truth by SQL where it needs it, and raises with the
first few offenders. `load.py`, `epochs.py` and `listeners.py` have more of them beside what they judge."""
import itertools

from .client import token_rank
from .load import body_of, fate_of
from .waiting import until


def tell(found, what):
    assert not found, f"{len(found)} times: {what}: " + "; ".join(map(str, found[:5]))


def check_no_server_fault(history):
    """A node may be unable to serve (503, 504); it may not be broken."""
    tell([f"{one.status} {one.code} for {one.kind} {one.key}" for one in history.select() if one.status >= 500 and one.status not in (503, 504)],
         "an answer that blames the server")


def check_sessions_go_forward(history):
    """Whoever saw a version of something, or was given the token of somebody who did, never sees an older one, on whatever node."""
    found, known, ranks = [], {}, {}
    for one in history.select():  # in the order in which they were asked; a session asks one after the other
        if one.note is None:
            continue
        seen = known.setdefault(one.note.session, {})
        for product, version in one.note.known.items():
            seen[product] = max(version, seen.get(product, 0))
        if one.status == 404 and one.kind == "read" and one.key in seen:
            found.append(f"{one.note.session} knows version {seen[one.key]} of {one.key}, and was told that there is none")
        if one.outcome != "ok":
            continue
        for product, version in one.note.shown.items():
            if version < seen.get(product, 0):
                found.append(f"{one.note.session} went back from version {seen[product]} to {version} of {product} with {one.note.sent}")
            seen[product] = max(version, seen.get(product, 0))
        rank = token_rank(one.note.got)
        if rank < max(ranks.get(one.note.session, (-1, -1)), token_rank(one.note.sent)):
            found.append(f"{one.note.session} sent {one.note.sent} and got {one.note.got}")
        ranks[one.note.session] = rank
    tell(found, "a session went back in time")


def check_refused_left_nothing(history, postgres):
    """Before anything is settled: what was refused has not happened."""
    refused = {one.key for one in history.select("write", "refused")}
    there = {name for (name,) in postgres.query("SELECT name FROM products WHERE name = ANY(%s)", list(refused))}
    tell(sorted(refused & there), "refused, and there")


def settle_edits(history, nodes, token, within=30.0):
    """Makes every edit certain: asks what became of it, or sends it again as it was. Notes it in its last operation."""
    clients = [node.client(token) for node in nodes]
    latest = {one.key: one for one in history.select("edit")}
    for index, one in enumerate(latest.values()):
        if one.outcome != "unknown":
            continue
        client = clients[index % len(clients)]

        def again(client=client, one=one, ask=index % 2 == 0):
            if ask and fate_of(client, one.key) == "committed":
                one.outcome, one.note.shown = "ok", {one.note.product: client.get("/api/requests/" + one.key).json()["body"]["version"]}
                return True
            answer = client.patch("/products/" + one.note.product, {"price": one.note.price}, version=one.note.base, key=one.key)
            assert answer.status in (200, 409, 503), answer
            if answer.status == 200:
                one.outcome, one.note.shown = "ok", {one.note.product: answer.json()["version"]}
            elif answer.code == "version_conflict":
                one.outcome = "refused"
            return one.outcome != "unknown"
        until(again, within, f"the settling of {one.key}", every=0.1)
    for client in clients:
        client.close()


def check_each_edit_is_there_once(history, postgres):
    """Every version of the edited goods was made by one edit, which gave it the price that its client was told of; no edit is lost."""
    latest = {one.key: one for one in history.select("edit")}
    by_price = {one.note.price: one for one in latest.values()}
    products = list({one.note.product for one in latest.values()})
    rows = postgres.query("SELECT id::text, version, price FROM products WHERE id = ANY(%s::uuid[]) UNION ALL"
                          " SELECT product_id::text, version, (product->>'price')::bigint FROM product_versions WHERE product_id = ANY(%s::uuid[])",
                          products, products)
    found, there = [], {}
    versions = {}
    for product, version, price in rows:
        versions.setdefault(product, []).append(version)
        if version == 1:
            continue
        one = by_price.get(price)
        if one is None or one.note.product != product:
            found.append(f"version {version} of {product} has a price that nobody gave it: {price}")
        elif one.outcome == "refused":
            found.append(f"{one.key} was refused and is version {version}")
        elif price in there:
            found.append(f"{one.key} is version {there[price]} and {version}")
        elif one.outcome == "ok" and one.note.shown.get(product) != version:
            found.append(f"{one.key} was told version {one.note.shown.get(product)} and is {version}")
        there[price] = version
    found += [f"{one.key}, version {one.note.shown} of {one.note.product}" for price, one in by_price.items() if one.outcome == "ok" and price not in there]
    found += [f"{product} has versions {sorted(all_of)}" for product, all_of in versions.items() if sorted(all_of) != list(range(1, len(all_of) + 1))]
    tell(found, "an edit lost, doubled, invented or told wrongly")
    return len(there)


def check_same_key_same_answer(history, nodes, token, every):
    """A write that is sent again gives what it gave: its own product, at every node."""
    acknowledged = [one for one in history.select("write", "ok") if one.note.shown]
    clients = [node.client(token) for node in nodes]
    found = []
    for one, client in zip(acknowledged[::every], itertools.cycle(clients)):
        answer = client.post("/products", body_of(one.key), key=one.key)
        if answer.status != 201 or answer.json()["id"] not in one.note.shown:
            found.append(f"{one.key} made {one.note.shown} and then {answer!r}")
    for client in clients:
        client.close()
    tell(found, "the same key, another answer")


def check_caches(nodes, postgres, products, brand):
    """Each node answers, without any token, what PostgreSQL holds: product by product, and in a list."""
    truth = {row[0]: row[1:] for row in postgres.query("SELECT id::text, version, name, price FROM products WHERE id = ANY(%s::uuid[])", list(products))}
    listed = {row[0]: row[1:] for row in postgres.query("SELECT id::text, version, name, price FROM products WHERE brand = %s", brand)}
    found = []
    for node in nodes:
        client = node.client()
        for product in products:
            told = client.get("/products/" + product).json()
            if (told["version"], told["name"], told["price"]) != truth[product]:
                found.append(f"{node.name} says {(told['version'], told['name'], told['price'])} of {product}, which is {truth[product]}")
        items = {one["id"]: (one["version"], one["name"], one["price"]) for one in client.get(f"/products?limit=100&brand={brand}").json()["items"]}
        if items != listed:
            found.append(f"{node.name} lists {set(items.items()) ^ set(listed.items())} otherwise than it is")
        client.close()
    tell(found, "a cache that is wrong at the end")
