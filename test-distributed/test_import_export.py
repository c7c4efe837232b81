"""CSV in and out: streams, faults by row, whole batches, and the same goods after a round trip."""
import csv
import gzip
import io
import os
import subprocess

import pytest

from harness import raw
from harness.client import NoAnswer, with_query
from harness.node import binary
from harness.people import new_category, new_product, unique
from harness.process import memory_bytes
from harness.proxy import Proxy
from harness.waiting import until

COLUMNS = ["sku", "name", "description", "price", "currency", "compareAtPrice", "category", "subcategory", "tags", "brand", "barcode", "imageUrl", "status", "slug"]


def send(client, text, query=""):
    body = text if isinstance(text, bytes) else text.encode()
    return client.post("/products/import" + query, body=body, content_type="text/csv")


def look_up(client, sku):
    answer = client.get(with_query("/products/lookup", code=sku))
    return answer.json()["product"] if answer.status == 200 else None


@pytest.fixture
def manager(people):
    client = people.client("manager", 0, timeout=120)
    yield client
    client.close()


def test_every_column_is_read(manager):
    top = new_category(manager)
    child = new_category(manager, parentId=top["id"])
    sku, code = unique("SKU"), unique("893")
    row = {"sku": sku, "name": 'Áo "đẹp", trắng', "description": "dòng 1\ndòng 2", "price": "1999", "currency": "USD", "compareAtPrice": "2999", "category": top["slug"], "subcategory": child["id"],
           "tags": "công sở|cotton", "brand": "Kiềng", "barcode": code, "imageUrl": "https://a.test/1.jpg", "status": "draft", "slug": unique("slug")}
    sink = io.StringIO()
    writer = csv.DictWriter(sink, COLUMNS[::-1])
    writer.writeheader()
    writer.writerow(row)
    report = send(manager, "\ufeff" + sink.getvalue()).json()
    assert (report["rows"], report["created"], report["failed"], report["errors"]) == (1, 1, 0, [])
    made = look_up(manager, sku)
    assert {name: made[name] for name in ("name", "description", "price", "currency", "compareAtPrice", "brand", "status", "slug", "tags", "category", "subcategory")} == {
        **{name: row[name] for name in ("name", "description", "currency", "brand", "status", "slug", "category")}, "price": 1999, "compareAtPrice": 2999, "tags": ["công sở", "cotton"], "subcategory": child["slug"]}
    assert made["images"][0]["url"] == row["imageUrl"] and made["variants"][0]["barcode"] == code
    again = send(manager, sink.getvalue()).json()
    assert (again["unchanged"], again["updated"], again["created"]) == (1, 0, 0)


def test_absent_columns_stay_and_empty_cells_clear(manager):
    sku = unique("SKU")
    send(manager, f"sku,name,price,brand,tags\n{sku},Áo,5,b,x|y\n")
    report = send(manager, f"sku,price\n{sku},6\n").json()
    assert report["updated"] == 1 and (look_up(manager, sku)["brand"], look_up(manager, sku)["price"]) == ("b", 6)
    send(manager, f"sku,brand,tags\n{sku},,\n")
    assert (look_up(manager, sku)["brand"], look_up(manager, sku)["tags"], look_up(manager, sku)["name"]) == (None, [], "Áo")


FAULTS = [
    ("no name", "{},,5,,", "name", "required"), ("no price", "{},Áo,,,", "price", "required"), ("price text", "{},Áo,abc,,", "price", "wrong_type"), ("price fraction", "{},Áo,5.5,,", "price", "wrong_type"),
    ("price with dots", "{},Áo,1.000.000,,", "price", "wrong_type"), ("price negative", "{},Áo,-5,,", "price", "out_of_range"), ("price too large", "{},Áo,9000000000000001,,", "price", "out_of_range"), ("price huge", "{},Áo,99999999999999999999999,,", "price", None),
    ("category unknown", "{},Áo,5,no-such,", "category", "unknown_category"), ("status unknown", "{},Áo,5,,gone", "status", "not_one_of"), ("name too long", "{}," + "x" * 201 + ",5,,", "name", "too_long"),
    ("a cell too few", "{},Áo,5,", None, "bad_row"), ("a cell too many", "{},Áo,5,,,x", None, "bad_row"), ("text behind a quote", '{},"Áo"x,5,,', None, "bad_row"),
]


@pytest.mark.parametrize("case", FAULTS, ids=[one[0] for one in FAULTS])
def test_a_faulty_row_is_named_and_its_neighbours_are_not_harmed(case, manager):
    _, line, field, code = case
    before, bad, after = unique("A"), unique("B"), unique("C")
    report = send(manager, f"sku,name,price,category,status\n{before},Áo,5,,\n{line.format(bad)}\n{after},Áo,5,,\n").json()
    assert (report["rows"], report["created"], report["failed"], report["stopped"]) == (3, 2, 1, False)
    error = report["errors"][0]
    assert (error["row"], error["field"]) == (2, field) and (code is None or error["code"] == code)
    assert look_up(manager, before) and look_up(manager, after) and not look_up(manager, bad)


def test_codes_that_others_have_are_faults_of_the_row(manager):
    taken = new_product(manager, variants=[{"barcode": unique("893")}])
    barcode, slug, a, b = taken["variants"][0]["barcode"], taken["slug"], unique("A"), unique("B")
    report = send(manager, f"sku,name,price,barcode,slug\n{a},Áo,5,{barcode},\n{b},Áo,5,,{slug}\n").json()
    assert [(one["row"], one["code"]) for one in report["errors"]] == [(1, "barcode_taken"), (2, "slug_taken")]


def test_stop_at_the_first_fault_keeps_what_came_before(manager):
    a, b, c = unique("A"), unique("B"), unique("C")
    report = send(manager, f"sku,name,price\n{a},Áo,5\n{b},,5\n{c},Áo,5\n", "?onError=stop").json()
    assert (report["stopped"], report["created"], report["failed"], report["errors"][0]["row"]) == (True, 1, 1, 2)
    assert look_up(manager, a) and not look_up(manager, b) and not look_up(manager, c)


def test_a_dry_run_checks_all_and_changes_nothing(cluster, manager):
    existing, fresh = new_product(manager, price=5), unique("NEW")
    count = cluster.postgres.query("SELECT (SELECT count(*) FROM products), (SELECT pos FROM cluster_head)")
    report = send(manager, f"sku,name,price\n{existing['sku']},{existing['name']},6\n{fresh},Áo,5\n{fresh}-x,,5\n", "?dryRun=true").json()
    assert (report["dryRun"], report["updated"], report["created"], report["failed"]) == (True, 1, 1, 1)
    assert cluster.postgres.query("SELECT (SELECT count(*) FROM products), (SELECT pos FROM cluster_head)")[0][0] == count[0][0]
    assert look_up(manager, existing["sku"])["price"] == 5 and look_up(manager, fresh) is None


def test_a_dry_run_finds_what_lines_of_one_file_do_to_each_other(manager):
    a, b, c, slug, code = unique("A"), unique("B"), unique("C"), unique("s").lower(), unique("893")
    filler = "".join(f"{unique('F')},Đệm,1,,\n" for _ in range(230))
    text = f"sku,name,price,barcode,slug\n{a},Áo,1,{code},{slug}\n{b},Áo,1,{code},\n{filler}{c},Áo,1,,{slug}\n{a},Áo,1,{code},{slug}\n"
    dry = send(manager, text, "?dryRun=true").json()
    real = send(manager, text).json()
    assert [(one["row"], one["code"]) for one in dry["errors"]] == [(2, "barcode_taken"), (233, "slug_taken")]
    assert dry == {**real, "dryRun": True}


def test_bytes_that_are_no_text_cost_their_row_only(manager):
    a, b, c = unique("A"), unique("B"), unique("C")
    rows = [f"{a},Áo,5".encode(), b.encode() + b",\xff\xfe,5", c.encode() + b",A\x00,5", f"{c}-2,Áo,5".encode()]
    report = send(manager, b"sku,name,price\n" + b"\n".join(rows)).json()
    assert (report["stopped"], report["created"], report["failed"]) == (False, 2, 2)
    assert [(one["row"], one["field"], one["code"]) for one in report["errors"]] == [(2, "name", "bad_utf8"), (3, "name", "bad_format")]


def test_a_refused_header_line_says_which_column(manager):
    for text, word in (("sku,name,price,colour\n", "colour"), ("sku,name,sku\n", "sku"), ("sku;name;price\n", "commas")):
        answer = manager.post("/products/import", body=text.encode(), content_type="text/csv", headers={"Accept-Language": "en"})
        assert answer.code == "csv_invalid" and word in answer.json()["detail"]


def test_a_sku_twice_in_one_file_ends_as_its_last_line(manager):
    sku = unique("TWICE")
    report = send(manager, f"sku,name,price\n{sku},Áo,5\n{sku},Áo,6\n").json()
    assert report["rows"] == 2 and report["failed"] in (0, 1)
    assert look_up(manager, sku)["price"] == (6 if report["failed"] == 0 else 5)


HEADS = [("empty", b""), ("no sku", b"name,price\nA,5\n"), ("unknown column", b"sku,name,price,colour\nA,B,5,red\n"), ("column twice", b"sku,name,price,name\nA,B,5,C\n"), ("not UTF-8", b"sku,name,price\nA,\xff\xfe,5\n"),
         ("UTF-16", "sku,name,price\nA,B,5\n".encode("utf-16")), ("binary", bytes(range(256)) * 10), ("quotes that never end", b'sku,"name,price\nA,B,5\n'), ("NUL", b"sku,na\x00me,price\n")]


@pytest.mark.parametrize("case", HEADS, ids=[one[0] for one in HEADS])
def test_what_is_no_table_is_refused(case, manager):
    answer = send(manager, case[1])
    if case[0] == "not UTF-8" and answer.status == 200:  # found after the header line was read
        assert answer.json()["created"] == 0 and answer.json()["failed"] == 1
        return
    assert (answer.status, answer.code) == (422, "csv_invalid")


def test_a_quote_that_never_ends_is_a_fault_and_no_memory_bomb(cluster, manager):
    """The node may give up on it before all has come; its answer arrives all the same."""
    before = memory_bytes(cluster[0].pid)
    body = b'sku,name,price\nA-quote,"' + b"x" * 20_000_000
    head = (b"POST /products/import HTTP/1.1\r\nHost: shop.test\r\nContent-Type: text/csv\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n"
            % (manager.token.encode(), len(body)))
    result = raw.exchange(cluster[0].port, head + body, method="POST", timeout=30)
    assert result.status == 200, result
    report = result.answers[0].json()
    assert report["created"] == 0 and report["failed"] == 1
    assert memory_bytes(cluster[0].pid) - before < 200 << 20


def test_ten_megabytes_are_read_as_a_stream(cluster, manager, figure):
    """The first rows are there to be read before the last ones were sent."""
    brand = unique("stream")
    rows = [f"{brand}-{n},Hàng {n},{n},{brand},{'mô tả ' * 285}\r\n".encode() for n in range(5000)]
    head = b"sku,name,price,brand,description\r\n"
    total = len(head) + sum(map(len, rows))
    assert total > 10_000_000
    before = memory_bytes(cluster[0].pid)
    with raw.connect(cluster[0].port, 120) as end:
        end.sendall(b"POST /products/import HTTP/1.1\r\nHost: shop.test\r\nContent-Type: text/csv\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n"
                    % (manager.token.encode(), total) + head + b"".join(rows[:2500]))
        # So slow that a limit of one kilobyte a second would not mind: the rest waits until the first rows are seen.
        other = cluster.client(1)
        until(lambda: look_up(other, f"{brand}-10"), 30, "the first rows, while the file is still coming")
        try:
            end.sendall(b"".join(rows[2500:]))
        except OSError:
            pass  # it has given up on the file, and says why
        result = raw.read(end, method="POST", timeout=120)
    assert result.status == 200, result
    report = result.answers[0].json()
    assert (report["rows"], report["created"], report["failed"]) == (5000, 5000, 0)
    assert look_up(other, f"{brand}-4999")["price"] == 4999
    figure("10 MB import: memory of the node grew by", f"{(memory_bytes(cluster[0].pid) - before) >> 20} MiB")


def test_many_faults_are_counted_and_the_first_thousand_told(manager):
    report = send(manager, "sku,name,price\n" + "".join(f"F-{n},,5\n" for n in range(1500))).json()
    assert (report["rows"], report["failed"], len(report["errors"]), report["truncated"]) == (1500, 1500, 1000, True)
    assert [one["row"] for one in report["errors"]] == list(range(1, 1001))


def test_a_round_trip_changes_nothing(manager, people):
    brand = unique("brand")
    category = new_category(manager)
    texts = ["plain", 'a "quoted" word', "a, comma", "two\nlines", "windows\r\nlines", "dấu tiếng Việt", "🛒", "=1+1", "'; --", "tab\there", '""', "a;b"]
    for text in texts:
        new_product(manager, name=unique("round") + " " + " ".join(text.split()), description=text, brand=brand, tags=["a b", "c,d"], category=category["slug"], images=[{"url": "/a.jpg"}], variants=[{"barcode": unique("893")}])
    new_product(manager, brand=brand, status="draft", compareAtPrice=5000, currency="USD")
    exported = manager.get(with_query("/products/export", brand=brand)).body
    rows = list(csv.DictReader(io.StringIO(exported.decode("utf-8"), newline="")))
    assert set(rows[0]) == set(COLUMNS)
    assert [row["description"] for row in rows[: len(texts)]] == texts
    dry = send(manager, exported, "?dryRun=true").json()
    assert (dry["rows"], dry["unchanged"], dry["failed"]) == (len(texts) + 1, len(texts) + 1, 0), dry["errors"]
    assert send(people.client("manager", 1), exported).json()["unchanged"] == len(texts) + 1
    assert manager.get(with_query("/products/export", brand=brand)).body == exported
    packed = manager.get(with_query("/products/export", brand=brand), headers={"Accept-Encoding": "gzip"})
    assert packed.header("Content-Encoding") == "gzip" and gzip.decompress(packed.body) == exported
    drafts = manager.get(with_query("/products/export", brand=brand, status="draft")).body
    assert drafts.count(b"\r\n") == 2


def test_a_cut_import_leaves_whole_batches_only(cluster, people, manager):
    """The way to the node breaks in the middle: what is there are whole rows from the front of the file, and sending it
    again completes it."""
    brand = unique("cut")
    rows = [f"{brand}-{n},Hàng {n},{n},{brand}\n" for n in range(3000)]
    text = ("sku,name,price,brand\n" + "".join(rows)).encode()
    proxy = Proxy(cluster[0].port)
    try:
        proxy.drop_after = len(text) // 2
        client = people.client("manager")
        client.port = proxy.port
        with pytest.raises(NoAnswer):
            client.post("/products/import", body=text, content_type="text/csv", headers={"X-Request-Id": brand})
    finally:
        proxy.close()

    def there():
        return sorted(cluster.postgres.query("SELECT substring(name from 6)::int, price FROM products WHERE brand = %s", brand))
    until(lambda: f'"id":"{brand}"' in cluster[0].log_text(), 90, "the end of the import in the log")
    found = there()
    assert found == [(n, n) for n in range(len(found))], "rows are missing in the middle"
    assert 0 < len(found) < 3000
    report = send(manager, text).json()
    assert (report["unchanged"], report["created"], report["failed"]) == (len(found), 3000 - len(found), 0)


def test_two_imports_of_the_same_file_at_once(cluster, people):
    import threading
    brand = unique("both")
    text = "sku,name,price,brand\n" + "".join(f"{brand}-{n},Hàng {n},{n},{brand}\n" for n in range(500))
    reports = []

    def run(which):
        client = people.client("manager", which, timeout=60)
        reports.append(send(client, text).json())
    threads = [threading.Thread(target=run, args=(which,)) for which in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(reports) == 2 and sum(one["created"] for one in reports) == 500
    assert cluster.postgres.query("SELECT count(*) FROM products WHERE brand = %s", brand) == [(500,)]


def test_the_command_line_imports_too(cluster, manager, tmp_path):
    sku = unique("CLI")
    path = tmp_path / "goods.csv"
    path.write_text(f"sku,name,price\n{sku},Áo,5\n{sku}-2,,5\n", encoding="utf-8")
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **{name: str(value) for name, value in cluster[0].settings.items()}}

    def run(*arguments):
        done = subprocess.run([binary(), "import", str(path), *arguments], env=env, cwd=tmp_path, capture_output=True, timeout=60, check=False)
        return done.returncode, (done.stdout + done.stderr).decode()
    code, text = run("--dry-run")
    assert look_up(manager, sku) is None and "1" in text
    code, text = run()
    assert code != 0 and "row 2" in text
    until(lambda: (look_up(manager, sku) or {}).get("price") == 5, 5, "the imported product on a running node")
    assert subprocess.run([binary(), "import", str(tmp_path / "missing.csv")], env=env, cwd=tmp_path, capture_output=True, timeout=60, check=False).returncode > 0


def test_an_import_that_loses_the_database_does_not_deny_what_it_did(own_cluster):
    """Batches before the loss are committed: the answer must not say that nothing happened, and sending again completes it."""
    shop = own_cluster(names=("server-a",))
    client = shop.owner(0, timeout=60)
    rows = [f"LOSS-{n},Hàng {n},{n},{'mô tả ' * 100}\r\n".encode() for n in range(4000)]
    head = b"sku,name,price,description\r\n"
    total = len(head) + sum(map(len, rows))
    with raw.connect(shop[0].port, 60) as end:
        end.sendall(b"POST /products/import HTTP/1.1\r\nHost: shop.test\r\nContent-Type: text/csv\r\nAuthorization: Bearer %s\r\nContent-Length: %d\r\n\r\n"
                    % (client.token.encode(), total) + head + b"".join(rows[:2000]))
        until(lambda: look_up(client, "LOSS-10"), 30, "the first rows")
        shop.postgres.kill()
        try:
            end.sendall(b"".join(rows[2000:]))
        except OSError:
            pass
        answer = raw.read(end, method="POST", timeout=60).answers[0]
    shop.postgres.start()
    if answer.status == 200:
        assert answer.json()["stopped"] or answer.json()["failed"]
    else:
        assert (answer.status, answer.json()["committed"]) in ((503, "unknown"), (503, "yes")), answer.json()
    until(lambda: client.get("/products?limit=1").status == 200, 20, "the database")
    report = send(client, head + b"".join(rows)).json()
    assert report["failed"] == 0 and report["created"] + report["unchanged"] == 4000 and report["unchanged"] > 10
