"""Bodies: exactly RFC 8259, then exactly the contract's values. Each refusal names the place."""
import json

import pytest

from harness import raw
from harness.people import new_category, new_product, unique

PRODUCT = b'{"name": "x", "price": 1}'

# Each of these is 400 malformed_json.
MALFORMED = [
    ("empty", b""), ("blank", b" \n "), ("byte order mark", b"\xef\xbb\xbf" + PRODUCT), ("UTF-16", PRODUCT.decode().encode("utf-16")),
    ("cut short", b'{"name": "x"'), ("cut in a string", b'{"name": "x'), ("cut in an escape", b'{"name": "\\u00'), ("only a brace", b"{"),
    ("brace too many", b'{"name": "x", "price": 1}}'), ("two values", PRODUCT + PRODUCT), ("text after", PRODUCT + b" x"), ("NUL after", PRODUCT + b"\x00"),
    ("comma at the end", b'{"name": "x", "price": 1,}'), ("comma at the start", b'{,"name": "x"}'), ("two commas", b'{"name": "x",, "price": 1}'),
    ("comma for a colon", b'{"name", "x"}'), ("no colon", b'{"name" "x"}'), ("no value", b'{"name": }'), ("comma in the end of an array", b'{"tags": ["a",]}'),
    ("single quotes", b"{'name': 'x'}"), ("name without quotes", b'{name: "x"}'), ("line comment", b'{"name": "x"} // c'), ("block comment", b'{/* c */"name": "x"}'),
    ("member twice", b'{"name": "a", "name": "b", "price": 1}'), ("member twice, the same", b'{"name": "a", "name": "a", "price": 1}'),
    ("member twice, once escaped", b'{"name": "a", "\\u006eame": "b", "price": 1}'), ("member twice, inside", b'{"name": "a", "price": 1, "seo": {"title": "a", "title": "b"}}'),
    ("NaN", b'{"name": "x", "price": NaN}'), ("Infinity", b'{"name": "x", "price": Infinity}'), ("-Infinity", b'{"name": "x", "price": -Infinity}'),
    ("True", b'{"name": "x", "price": True}'), ("nil", b'{"name": "x", "price": nil}'), ("nulll", b'{"name": nulll}'),
    ("zero in front", b'{"name": "x", "price": 01}'), ("minus zero in front", b'{"name": "x", "price": -01}'), ("plus in front", b'{"name": "x", "price": +1}'),
    ("dot in front", b'{"name": "x", "price": .5}'), ("dot at the end", b'{"name": "x", "price": 5.}'), ("e at the end", b'{"name": "x", "price": 1e}'),
    ("hex", b'{"name": "x", "price": 0x10}'), ("underscore", b'{"name": "x", "price": 1_000}'), ("minus alone", b'{"name": "x", "price": -}'), ("two minuses", b'{"name": "x", "price": --1}'),
    ("bare line end in a string", b'{"name": "a\nb", "price": 1}'), ("bare tab in a string", b'{"name": "a\tb", "price": 1}'), ("bare NUL in a string", b'{"name": "a\x00b", "price": 1}'),
    ("unknown escape", b'{"name": "\\x41", "price": 1}'), ("short escape", b'{"name": "\\u12", "price": 1}'), ("escape of no hex", b'{"name": "\\u12g4", "price": 1}'),
    ("NUL escaped", b'{"name": "a\\u0000b", "price": 1}'), ("NUL in a name", b'{"na\\u0000me": "a", "price": 1}'),
    ("lone high surrogate", b'{"name": "\\ud83d", "price": 1}'), ("lone low surrogate", b'{"name": "\\ude00", "price": 1}'), ("surrogates reversed", b'{"name": "\\ude00\\ud83d", "price": 1}'),
    ("high surrogate, then a letter", b'{"name": "\\ud83da", "price": 1}'), ("surrogate in a name", b'{"\\ud83d": "a"}'),
    ("stray byte", b'{"name": "\xff", "price": 1}'), ("stray continuation", b'{"name": "\x80", "price": 1}'), ("overlong slash", b'{"name": "\xc0\xaf", "price": 1}'),
    ("overlong NUL", b'{"name": "\xc0\x80", "price": 1}'), ("surrogate in UTF-8", b'{"name": "\xed\xa0\x80", "price": 1}'), ("beyond Unicode", b'{"name": "\xf4\x90\x80\x80", "price": 1}'),
    ("cut character", b'{"name": "\xe1\xbb", "price": 1}'), ("Latin-1", b'{"name": "\xe9", "price": 1}'), ("vertical tab between", b'{"name":\x0b"x"}'), ("no-break space between", b'{"name":\xc2\xa0"x"}'),
]

# body, then the faults that must be named: 422 validation_failed
A = 9_000_000_000_000_000
WRONG = [
    ("name empty", {"name": ""}, {("/name", "too_short")}), ("name blank", {"name": "  "}, {("/name", "too_short")}), ("name of 201", {"name": "ộ" * 201}, {("/name", "too_long")}),
    ("name null", {"name": None}, {("/name", "not_null")}), ("name a number", {"name": 5}, {("/name", "wrong_type")}), ("name a list", {"name": ["x"]}, {("/name", "wrong_type")}),
    ("price missing", {"price": ...}, {("/price", "required")}), ("price null", {"price": None}, {("/price", "not_null")}), ("price text", {"price": "1"}, {("/price", "wrong_type")}),
    ("price true", {"price": True}, {("/price", "wrong_type")}), ("price a fraction", {"price": 1.5}, {("/price", "wrong_type")}), ("price negative", {"price": -1}, {("/price", "out_of_range")}),
    ("price above the most", {"price": A + 1}, {("/price", "out_of_range")}), ("price over 63 bits", {"price": 2 ** 63}, {("/price", "out_of_range")}), ("price over 64 bits", {"price": 2 ** 64}, {("/price", "out_of_range")}),
    ("currency lower-case", {"currency": "vnd"}, {("/currency", "bad_format")}), ("currency unknown", {"currency": "XXX"}, {("/currency", "unknown_currency")}), ("currency null", {"currency": None}, {("/currency", "not_null")}),
    ("compared price lower", {"price": 5, "compareAtPrice": 5}, {("/compareAtPrice", "not_above_price")}), ("compared price negative", {"compareAtPrice": -1}, {("/compareAtPrice", "out_of_range")}),
    ("slug with capitals", {"slug": "Ao"}, {("/slug", "bad_format")}), ("slug with two dashes", {"slug": "a--b"}, {("/slug", "bad_format")}), ("slug of 201", {"slug": "a" * 201}, {("/slug", "too_long")}),
    ("sku not ASCII", {"sku": "áo"}, {("/sku", "bad_format")}), ("sku with a line end", {"sku": "a\nb"}, {("/sku", "bad_format")}), ("sku of 65", {"sku": "a" * 65}, {("/sku", "too_long")}), ("sku empty", {"sku": ""}, {("/sku", "too_short")}),
    ("description of 20001", {"description": "x" * 20001}, {("/description", "too_long")}), ("brand of 101", {"brand": "x" * 101}, {("/brand", "too_long")}),
    ("tags no list", {"tags": "a"}, {("/tags", "wrong_type")}), ("51 tags", {"tags": [str(n) for n in range(51)]}, {("/tags", "too_many")}), ("tag empty", {"tags": ["a", ""]}, {("/tags/1", "too_short")}),
    ("tag of 51", {"tags": ["x" * 51]}, {("/tags/0", "too_long")}), ("tag with a bar", {"tags": ["a|b"]}, {("/tags/0", "bad_format")}), ("tag twice", {"tags": ["a", "b", "a"]}, {("/tags/2", "duplicate")}), ("tag a number", {"tags": [1]}, {("/tags/0", "wrong_type")}),
    ("21 images", {"images": [{"url": f"/{n}.jpg"} for n in range(21)]}, {("/images", "too_many")}), ("image without url", {"images": [{"alt": "x"}]}, {("/images/0/url", "required")}),
    ("image of script", {"images": [{"url": "javascript:alert(1)"}]}, {("/images/0/url", "bad_format")}), ("image of data", {"images": [{"url": "data:text/html,x"}]}, {("/images/0/url", "bad_format")}),
    ("image of another host", {"images": [{"url": "//evil.test/x"}]}, {("/images/0/url", "bad_format")}), ("image behind a backslash", {"images": [{"url": "/\\evil.test"}]}, {("/images/0/url", "bad_format")}),
    ("image with a space", {"images": [{"url": "https://a.test/a b"}]}, {("/images/0/url", "bad_format")}), ("alt of 301", {"images": [{"url": "/a", "alt": "x" * 301}]}, {("/images/0/alt", "too_long")}),
    ("image unknown member", {"images": [{"url": "/a.jpg", "onclick": "x"}]}, {("/images/0/onclick", "unknown")}), ("no variant", {"variants": []}, {("/variants", "too_few")}),
    ("201 variants", {"variants": [{"attributes": {"n": str(n)}} for n in range(201)]}, {("/variants", "too_many")}), ("variant of another product", {"variants": [{"id": "0193a1b2-8c9d-7e0f-a1b2-c3d4e5f60718"}]}, {("/variants/0/id", "unknown_variant")}),
    ("variant id no id", {"variants": [{"id": "x"}]}, {("/variants/0/id", "bad_format")}), ("sku of first variant differs", {"sku": "A-1", "variants": [{"sku": "A-2"}]}, {("/variants/0/sku", "sku_mismatch")}),
    ("variant sku twice", {"variants": [{"sku": "Z1", "attributes": {"a": "1"}}, {"sku": "Z1", "attributes": {"a": "2"}}]}, {("/variants/1/sku", "duplicate")}), ("variant price negative", {"variants": [{"price": -5}]}, {("/variants/0/price", "out_of_range")}),
    ("attributes 11", {"variants": [{"attributes": {str(n): "x" for n in range(11)}}]}, {("/variants/0/attributes", "too_many")}), ("attribute a number", {"variants": [{"attributes": {"size": 5}}]}, {("/variants/0/attributes/size", "wrong_type")}),
    ("seo unknown", {"seo": {"robots": "x"}}, {("/seo/robots", "unknown")}), ("31 keywords", {"seo": {"keywords": [str(n) for n in range(31)]}}, {("/seo/keywords", "too_many")}), ("status unknown", {"status": "gone"}, {("/status", "not_one_of")}),
    ("category unknown", {"category": "no-such-category"}, {("/category", "unknown_category")}), ("subcategory alone", {"subcategory": "x"}, {("/subcategory", "depends")}), ("unknown member with / and ~", {"a/b~c": 1}, {("/a~1b~0c", "unknown")}),
    ("several at once", {"name": "", "price": -1, "status": "gone", "extra": 1}, {("/name", "too_short"), ("/price", "out_of_range"), ("/status", "not_one_of"), ("/extra", "unknown")}),
]

RIGHT = [
    ("200 characters beyond the first plane", {"name": "🛒" * 200}), ("escapes", {"name": 'a"b\\c/d'}), ("the highest price", {"price": A}), ("price nothing", {"price": 0}), ("NFD is taken as NFC", {"name": "Áo"}),
    ("dollars", {"currency": "USD", "price": 1999}), ("fifty tags", {"tags": [f"t{n}" for n in range(50)]}), ("two variants", {"variants": [{"attributes": {"size": "M"}}, {"attributes": {"size": "L"}, "price": 7}]}),
    ("markup is text", {"name": "<script>alert(1)</script>", "description": "'; DROP TABLE products; --"}), ("nulls where allowed", {"brand": None, "category": None, "compareAtPrice": None, "seo": {"title": None}}),
]


def by_name(table):
    return pytest.mark.parametrize("case", table, ids=[one[0] for one in table])


@pytest.fixture(autouse=True)
def same_process(cluster):
    before = cluster[1].health()["boot"]
    yield
    after = cluster[1].health()
    assert after["boot"] == before and after["ready"]


@pytest.fixture
def manager(people):
    client = people.client("manager", 1)
    yield client
    client.close()


def send(manager, body):
    return manager.post("/products", body=body, content_type="application/json")


@by_name(MALFORMED)
def test_what_is_not_json_is_refused(case, manager):
    answer = send(manager, case[1])
    assert (answer.status, answer.code) == (400, "malformed_json")
    if case[1].strip():
        assert answer.json()["errors"][0]["pointer"] is not None


def test_a_member_named_twice_is_pointed_at(manager):
    answer = send(manager, b'{"name": "a", "price": 1, "seo": {"title": "a", "title": "b"}}')
    assert ("/seo/title", "duplicate") in answer.faults


@by_name(WRONG)
def test_values_against_the_contract_are_named(case, manager):
    body = {"name": unique("wrong"), "price": 1, **case[1]}
    answer = manager.post("/products", {name: value for name, value in body.items() if value is not ...})
    assert (answer.status, answer.code) == (422, "validation_failed")
    assert answer.faults == case[2]


@by_name(RIGHT)
def test_values_at_the_edge_are_kept_as_they_are(case, manager):
    body = {"name": unique("right"), "price": 1, **case[1]}
    answer = manager.post("/products", body)
    assert answer.status == 201
    import unicodedata
    assert answer.json()["name"] == unicodedata.normalize("NFC", body["name"])
    assert answer.json()["price"] == body["price"]


@pytest.mark.parametrize("number", ["1e400", "-1e400", "9" * 1000, "9" * 1_000_000, "0." + "1" * 100000, "1e-400", "1e99999999999999999999"], ids=lambda one: one[:8] + f"({len(one)})")
def test_numbers_of_any_size_are_refused_and_harmless(number, manager):
    answer = send(manager, b'{"name": "x", "price": ' + number.encode() + b"}")
    assert answer.status in (400, 422), answer
    assert answer.code in ("malformed_json", "validation_failed")


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded",
                                          "application/jsonp", "application", "application/json; charset=utf-16", "application/merge-patch+json", "text/csv"])
def test_other_media_types_are_refused(content_type, cluster, people):
    token = people.one("manager").access.encode()
    head = b"POST /products HTTP/1.1\r\nHost: shop.test\r\nAuthorization: Bearer " + token + b"\r\nContent-Length: %d\r\n" % len(PRODUCT)
    if content_type:
        head += b"Content-Type: " + content_type.encode() + b"\r\n"
    result = raw.exchange(cluster[1].port, head + b"\r\n" + PRODUCT)
    assert (result.status, result.answers[0].json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON", "application/json;charset=UTF-8"])
def test_spellings_of_the_media_type_are_read(content_type, manager):
    assert manager.post("/products", body=json.dumps({"name": unique(), "price": 1}), content_type=content_type).status == 201


def test_subcategories_must_lie_below_their_category(manager):
    top, other = new_category(manager), new_category(manager)
    child = new_category(manager, parentId=top["id"])
    assert new_product(manager, category=top["slug"], subcategory=child["slug"])["subcategoryId"] == child["id"]
    answer = manager.post("/products", {"name": "x", "price": 1, "category": other["slug"], "subcategory": child["slug"]})
    assert answer.faults == {("/subcategory", "not_a_descendant")}


def test_two_primary_images_are_one_too_many(manager):
    answer = manager.post("/products", {"name": "x", "price": 1, "images": [{"url": "/a", "isPrimary": True}, {"url": "/b", "isPrimary": True}]})
    assert {code for _, code in answer.faults} == {"more_than_one_primary"}


def test_what_looks_like_sql_is_only_text(cluster, manager):
    for text in ("' OR '1'='1", "'; DROP TABLE products; --", "%", "_", "\\", "a\\'b", "$1", "{}", "*", "a & b | !c", "<->", "()"):
        made = new_product(manager, name="x " + text, brand=text if text.strip() else None)
        from harness.client import with_query
        for parameters in ({"q": text}, {"brand": text}, {"tag": text}, {"category": text}, {"cursor": text}):
            assert cluster.client(1).get(with_query("/products", **parameters)).status in (200, 400)
        found = cluster.client(1).get(with_query("/products", brand=text)).json()["items"]
        assert made["id"] in [one["id"] for one in found] and {one["brand"] for one in found} == {text}
