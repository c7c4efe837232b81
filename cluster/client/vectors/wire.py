"""Cases over the wire: scripted servers on loopback. See ../VECTORS.md for what the words mean."""
import json

from steps import token

OK = {"status": 200, "json": {"ok": True}}
MADE = {"status": 201, "json": {"id": 1}}
BODY = '{"lines":[{"sku":"tra-da","quantity":2}],"note":"ít đá"}'
# Only where the case is about silence: everything else has time to spare on a busy machine.
QUICK = {"attemptUnknownMs": 400, "bodyStallMs": 400}


def wire(about, rule, servers, calls, seen, **more):
    given = {name: more.pop(name) for name in ("settings", "jitter", "options", "token") if name in more}
    return {"level": "wire", "rule": rule, "about": about, "given": given, "servers": servers, "calls": calls, "seen": seen, **more}


def get(expect, **more):
    return {"method": "GET", "target": "/products", **more, "expect": expect}


def post(expect, **more):
    return {"method": "POST", "target": "/orders", "body": BODY, "headers": {"Content-Type": "application/json"}, **more, "expect": expect}


def ok(server, attempts=1, status=200, committed="no", **more):
    return {"ok": True, "server": server, "attempts": attempts, "status": status, "committed": committed, **more}


def failed(code, end, committed, attempts, **more):
    return {"ok": False, "code": code, "end": end, "committed": committed, "attempts": attempts, **more}


def read(server, **more):
    return {"server": server, "method": "GET", "target": "/products", "key": None, **more}


def write(server, key="K1", **more):
    return {"server": server, "method": "POST", "target": "/orders", "key": key, "body": BODY, **more}


# What a server may do to a request, and how the client must call it.
TROUBLES = [
    ("refuses the connection", "refuse", "unreachable", False),
    ("closes without reading", {"unread": True, "end": "close"}, "lost", False),
    ("resets without reading", {"unread": True, "end": "reset"}, "lost", False),
    ("closes before the answer", {"cutAt": 0, "end": "close"}, "lost", True),
    ("resets before the answer", {"cutAt": 0, "end": "reset"}, "lost", True),
    ("resets in the middle of the head", {**OK, "cutAt": 20, "end": "reset"}, "lost", True),
    ("closes in the middle of the head", {**OK, "cutAt": 20, "end": "close"}, "lost", True),
    ("never answers", {"cutAt": 0, "end": "hold"}, "timeout", True),
    ("stalls in the head", {**OK, "cutAt": 20, "end": "hold"}, "timeout", True),
    ("talks nonsense", {"raw": "SSH-2.0-OpenSSH_9.2\r\n", "end": "close"}, "lost", True),
    ("sends bytes that are no text", {"raw": "\u0000\u0001\u00ff\u00fe\r\n\r\n", "end": "close"}, "lost", True),
    ("sends a head of 20,000 bytes", {**OK, "padHeader": 20000}, "lost", True),
    ("names two lengths", {"raw": "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x", "end": "close"}, "lost", True),
    ("cuts the body", {"raw": "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"ok\":tr", "end": "close"}, "broken", True),
    ("resets in the body", {"raw": "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"ok\":tr", "end": "reset"}, "broken", True),
    ("stalls in the body", {"raw": "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"ok\":tr", "end": "hold"}, "broken", True),
    ("cuts a chunked body", {"raw": "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"ok\"\r\n", "end": "close"}, "broken", True),
    ("sends a broken chunk", {"raw": "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", "end": "close"}, "broken", True),
    ("sends a body that is no JSON", {"raw": "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n<html>ha!", "end": "keep"}, "broken", True),
    ("sends half a JSON with the right length", {"raw": "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{\"ok\":tr", "end": "keep"}, "broken", True),
    ("redirects", {"status": 302, "headers": {"Location": "http://portal.example/"}}, "foreign", True),
    ("is of another cluster", {**OK, "headers": {"Kieng-Cluster": "other"}}, "foreign", True),
]


def troubles():
    out = []
    for words, script, code, seen_there in TROUBLES:
        servers = {"a": script if script == "refuse" else [script], "b": [OK], "c": [OK]}
        options = {"options": {"cluster": "shop"}}
        if script != "refuse" and script.get("end") == "hold":
            options["settings"] = QUICK
        out.append(wire(f"a read while the first node {words}", "first failover", servers, [get(ok("b", 2))],
                        ([read("a")] if seen_there else []) + [read("b")], **options))
        made = {**servers, "b": [MADE]}
        out.append(wire(f"a keyed write while the first node {words}: same key, same bytes", "writes", made,
                        [post(ok("b", 2, 201, "yes"))], ([write("a")] if seen_there else []) + [write("b")], **options))
        effect = {"unreachable": None, "broken": "yes"}.get(code, "unknown")
        if effect is None:
            call = post(ok("b", 2, 201, "yes"), key="none")
            seen = [write("b", None)]
        else:
            call = post(failed(code, "not_repeatable", effect, 1), key="none")
            seen = [write("a", None)] if seen_there else []
        if script != "refuse" and script.get("end") == "hold" and code == "timeout":
            # What cannot be repeated is not cut short: it waits for the deadline.
            call["deadlineMs"] = 400
            call["expect"] = failed("timeout", "deadline", "unknown", 1)
        out.append(wire(f"a write without a key while the first node {words}", "writes", made, [call], seen, **options))
    return out


def bodies():
    plain = [
        ("204 without a body", "GET", {"raw": "HTTP/1.1 204 No Content\r\n\r\n"}, 204, ""),
        ("204 that names a length", "GET", {"raw": "HTTP/1.1 204 No Content\r\nContent-Length: 10\r\n\r\n"}, 204, ""),
        ("304 that names the length of what it does not send", "GET", {"raw": "HTTP/1.1 304 Not Modified\r\nETag: \"7\"\r\nContent-Length: 500\r\n\r\n"}, 304, ""),
        ("HEAD with the length of what GET would send", "HEAD", {"raw": "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n"}, 200, ""),
        ("an empty body", "GET", {"raw": "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}, 200, ""),
        ("a chunked body", "GET", {"raw": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"}, 200, "abcde"),
        ("a body up to the end of the connection", "GET", {"raw": "HTTP/1.1 200 OK\r\n\r\nall of it", "end": "close"}, 200, "all of it"),
        ("an answer after 100 Continue", "GET", {"raw": "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"}, 200, "hi"),
        ("an answer after 103 Early Hints twice", "GET", {"raw": "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 2 + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"}, 200, "hi"),
        ("an answer in lower-case headers", "GET", {"raw": "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"}, 200, "hi"),
        ("an answer in HTTP/1.0", "GET", {"raw": "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", "end": "close"}, 200, "hi"),
        ("text that only looks like JSON", "GET", {"raw": "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n{\"ok\""}, 200, "{\"ok\""),
    ]
    out = []
    for words, method, script, status, body in plain:
        call = {"method": method, "target": "/products", "expect": ok("a", 1, status, body=body)}
        out.append(wire(words, "answers", {"a": [script]}, [call], [{"server": "a", "method": method, "target": "/products"}]))
    out.append(wire("bytes behind an answer are not taken for the next one", "answers",
                    {"a": [{"raw": "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"}, {"text": "good"}]},
                    [get(ok("a", body="hi")), get(ok("a", body="good"))], [read("a"), read("a")]))
    out.append(wire("a connection the server has closed meanwhile is not used again", "answers",
                    {"a": [{**OK, "end": "close"}, OK]}, [get(ok("a")), get(ok("a"))], [read("a"), read("a")]))
    out.append(wire("Connection: close is obeyed", "answers",
                    {"a": [{**OK, "headers": {"Connection": "close"}, "end": "close"}, OK]}, [get(ok("a")), get(ok("a"))], [read("a"), read("a")]))
    out.append(wire("what takes long but moves is waited for", "answers", {"a": [{**OK, "delayMs": 150}]},
                    [get(ok("a"), attemptTimeoutMs=7000)], [read("a")]))
    return out


def keys():
    lost = {"cutAt": 0, "end": "reset"}
    out = [wire("three retries carry the key and the bytes of the first attempt", "writes",
                {"a": [lost, MADE], "b": [lost], "c": [lost]}, [post(ok("a", 4, 201, "yes"))],
                [write("a"), write("b"), write("c"), write("a")])]
    out.append(wire("each call has a key of its own", "writes", {"a": [MADE, MADE]},
                    [post(ok("a", 1, 201, "yes")), post(ok("a", 1, 201, "yes"))], [write("a", "K1"), write("a", "K2")]))
    out.append(wire("the caller's own key is used", "writes", {"a": [lost], "b": [MADE]},
                    [post(ok("b", 2, 201, "yes"), key="0123456789abcdef-mine")],
                    [write("a", "=0123456789abcdef-mine"), write("b", "=0123456789abcdef-mine")]))
    out.append(wire("reads carry no key", "writes", {"a": [OK]}, [get(ok("a"))], [read("a")]))
    for method in ("PUT", "PATCH", "DELETE"):
        body = "" if method == "DELETE" else BODY
        seen = {"method": method, "target": "/products/1", "key": "K1", "body": body}
        out.append(wire(f"{method} is keyed and repeated", "writes", {"a": [lost], "b": [OK]},
                        [{"method": method, "target": "/products/1", "body": body, "expect": ok("b", 2, 200, "yes")}],
                        [{"server": "a", **seen}, {"server": "b", **seen}]))
    out.append(wire("a replayed answer says so", "writes", {"a": [lost], "b": [{**MADE, "headers": {"Idempotency-Replayed": "true"}}]},
                    [post(ok("b", 2, 201, "yes", replayed=True))], [write("a"), write("b")]))
    out.append(wire("the caller's headers are passed on each time", "writes", {"a": [lost], "b": [OK]},
                    [get(ok("b", 2), headers={"Authorization": "Bearer t", "Accept-Language": "vi", "If-None-Match": "\"7\""})],
                    [read(name, headers={"authorization": "Bearer t", "accept-language": "vi", "if-none-match": "\"7\""}) for name in "ab"]))
    out.append(wire("headers of the client's own cannot be given", "writes", {"a": [MADE]},
                    [post(ok("a", 1, 201, "yes"), headers={"Idempotency-Key": "forged-forged-forged", "Kieng-Token": "9.9.f"})],
                    [write("a", "K1", token=None)]))
    out.append(wire("all nodes lose it: it may have happened, and the key is told", "outcome",
                    {"a": [lost, lost], "b": [lost], "c": [lost]}, [post(failed("lost", "retries_used", "unknown", 4, hasKey=True))],
                    [write("a"), write("b"), write("c"), write("a")]))
    out.append(wire("nobody there: it did not happen", "outcome", {"a": "refuse", "b": "refuse", "c": "refuse"},
                    [post(failed("unreachable", "retries_used", "no", 4))], [], events=[{"kind": "state", "state": "degraded"}, {"kind": "state", "state": "offline"}]))
    return out


def resolves():
    lost = {"cutAt": 0, "end": "reset"}
    out = []
    for said, meaning in (("committed", "committed"), ("never", "never"), ("unknown", "unknown"), ("", "unknown")):
        out.append(wire(f"resolve: the cluster says {said or 'something else'}", "resolve",
                        {"a": [lost], "b": [lost], "c": [{"status": 200, "json": {"outcome": said}}]},
                        [post(failed("lost", "retries_used", "unknown", 2), key="0123456789abcdef"),
                         {"resolve": "0123456789abcdef", "expect": {"resolved": meaning, "ok": True, "server": "c"}}],
                        [write("a", "=0123456789abcdef"), write("b", "=0123456789abcdef"),
                         {"server": "c", "method": "POST", "target": "/api/requests/0123456789abcdef/abandon"}],
                        settings={"retries": 1}))
    out.append(wire("resolve fails over like any write", "resolve", {"a": [lost], "b": [{"status": 200, "json": {"outcome": "never"}}]},
                    [{"resolve": "0123456789abcdef", "expect": {"resolved": "never", "ok": True, "attempts": 2}}],
                    [{"server": name, "method": "POST", "target": "/api/requests/0123456789abcdef/abandon", "key": "K1"} for name in "ab"]))
    out.append(wire("resolve with nobody there: still unknown", "resolve", {"a": "refuse", "b": "refuse", "c": "refuse"},
                    [{"resolve": "0123456789abcdef", "expect": {"resolved": "unknown", "ok": False}}], []))
    out.append(wire("a key is written into the path safely", "resolve", {"a": [{"status": 200, "json": {"outcome": "never"}}]},
                    [{"resolve": "a/b?c#d%", "expect": {"resolved": "never", "ok": True}}],
                    [{"server": "a", "method": "POST", "target": "/api/requests/a%2Fb%3Fc%23d%25/abandon"}]))
    return out


def tokens():
    t5, t7, t9 = token(1, 5), token(1, 7), token(2, 1)
    out = [wire("the newest token goes along", "token",
                {"a": [{**OK, "headers": {"Kieng-Token": t7}}, {**OK, "headers": {"Kieng-Token": t5}}, OK]},
                [get(ok("a")), get(ok("a")), get(ok("a"))], [read("a", token=None), read("a", token=t7), read("a", token=t7)])]
    out.append(wire("it goes along to another node too", "token",
                    {"a": [{**OK, "headers": {"Kieng-Token": t7}}, {"cutAt": 0, "end": "reset"}], "b": [OK]},
                    [get(ok("a")), get(ok("b", 2))], [read("a", token=None), read("a", token=t7), read("b", token=t7)]))
    out.append(wire("a token kept from an earlier run is sent from the start", "token", {"a": [OK]}, [get(ok("a"))], [read("a", token=t5)], token=t5))
    out.append(wire("a later incarnation is kept", "token", {"a": [{**OK, "headers": {"Kieng-Token": t9}}, {**OK, "headers": {"Kieng-Token": t7}}, OK]},
                    [get(ok("a")), get(ok("a")), get(ok("a"))], [read("a", token=t5), read("a", token=t9), read("a", token=t9)], token=t5))
    stale = {"status": 200, "json": {"stale": True}, "headers": {"Age": "42"}}
    out.append(wire("an old answer is asked for and marked", "stale", {"a": [stale]}, [get(ok("a", stale=True, ageS=42), allowStaleS=60)],
                    [read("a", headers={"kieng-allow-stale": "60"})], events=[{"kind": "state", "state": "degraded"}, {"kind": "server", "server": "a", "from": "", "why": "start"}]))
    out.append(wire("a fresh answer is not marked although an old one was allowed", "stale", {"a": [OK]}, [get(ok("a", stale=False), allowStaleS=60)], [read("a")]))
    out.append(wire("an Age nobody asked for means nothing", "stale", {"a": [stale]}, [get(ok("a", stale=False))], [read("a", headers={"kieng-allow-stale": None})]))
    out.append(wire("writes never allow old answers", "stale", {"a": [MADE]}, [post(ok("a", 1, 201, "yes"), allowStaleS=60)], [write("a", headers={"kieng-allow-stale": None})]))
    return out


def waits():
    busy = {"status": 429, "headers": {"Retry-After": "1"}, "json": {}}
    dated = {"status": 503, "headers": {"Retry-After": "Fri, 20 Nov 2026 09:00:01 GMT", "Date": "Fri, 20 Nov 2026 09:00:00 GMT", "Content-Type": "application/problem+json"},
             "json": {"code": "database_unavailable", "scope": "shared", "committed": "no", "retry": {"where": "same", "afterMs": 0}}}
    out = [wire("Retry-After in seconds", "Retry-After", {"a": [busy, OK]}, [get(ok("a", 2))], [read("a"), read("a", minWaitMs=1000)])]
    out.append(wire("Retry-After as a date, by the server's own clock", "Retry-After", {"a": [dated, OK]}, [get(ok("a", 2))], [read("a"), read("a", minWaitMs=1000)]))
    out.append(wire("the longer of Retry-After and retry.afterMs", "Retry-After",
                    {"a": [{"status": 429, "headers": {"Retry-After": "0"}, "json": {"code": "rate_limited", "scope": "request", "committed": "no", "retry": {"where": "same", "afterMs": 300}}}, OK]},
                    [get(ok("a", 2))], [read("a"), read("a", minWaitMs=300)]))
    out.append(wire("a minute is not waited for", "Retry-After", {"a": [{**busy, "headers": {"Retry-After": "60"}}]},
                    [get(failed("http_429", "asked_too_long", "no", 1, status=429))], [read("a")]))
    out.append(wire("a Retry-After that cannot be read is none", "Retry-After", {"a": [{**busy, "headers": {"Retry-After": "soon"}}, OK]}, [get(ok("a", 2))], [read("a"), read("a")]))
    out.append(wire("the caller's deadline ends it all", "deadline", {"a": [{"cutAt": 0, "end": "hold"}]},
                    [get(failed("timeout", "deadline", "no", 1), deadlineMs=300, attemptTimeoutMs=5000)], [read("a")]))
    out.append(wire("cancelled with a write under way", "deadline", {"a": [{"cutAt": 0, "end": "hold"}]},
                    [post(failed("cancelled", "cancelled", "unknown", 1), cancelWhenSeen=1, attemptTimeoutMs=7000)], [write("a")]))
    out.append(wire("cancelled with a read under way", "deadline", {"a": [{"cutAt": 0, "end": "hold"}]},
                    [get(failed("cancelled", "cancelled", "no", 1), cancelWhenSeen=1, attemptTimeoutMs=7000)], [read("a")]))
    out.append(wire("after a failover the next call goes to the second node straight", "first failover",
                    {"a": [{"cutAt": 0, "end": "reset"}], "b": [OK, OK]}, [get(ok("b", 2)), get(ok("b"))], [read("a"), read("b"), read("b")],
                    events=[{"kind": "state", "state": "degraded"}, {"kind": "server", "server": "b", "from": "", "why": "start"}]))
    out.append(wire("a hedged read is answered by the second node", "hedge", {"a": [{"cutAt": 0, "end": "hold"}], "b": [OK]},
                    [get(ok("b", 2), hedge=True, attemptTimeoutMs=7000)], [read("a"), read("b")], settings={"hedgeShare": 1}))
    out.append(wire("budget spent: the error is told at once", "retry budget", {"a": [busy, busy]},
                    [get(failed("http_429", "budget_spent", "no", 1, status=429)), get(failed("http_429", "budget_spent", "no", 1, status=429))],
                    [read("a"), read("a")], settings={"budget": 5}))
    return out


def listed(number, active, names="abc", **more):
    servers = [{"id": name, "url": "{url:%s}" % name, "priority": place, "state": "alive"} for place, name in enumerate(names, 1)]
    return {"status": 200, "json": {"cluster": "shop", "incarnation": 1, "epoch": 1, "view": number, "active": active, "servers": servers, **more}}


def views():
    poll = {"options": {"views": "long_poll"}}
    out = [wire("the view says who is active", "view", {"a": [OK], "b": [OK], "a.views": [listed(3, "b")], "b.views": [{"cutAt": 0, "end": "hold"}]},
                [get(ok("b"), before={"view": 3})], [read("b")], background=["a /api/cluster/healthy-servers", "b /api/cluster/healthy-servers?since=3&wait=25"], **poll)]
    out.append(wire("the next long-poll brings the next view", "view",
                    {"b": [OK], "c": [OK], "a.views": [listed(3, "b")], "b.views": [listed(4, "c")], "c.views": [{"cutAt": 0, "end": "hold"}]},
                    [get(ok("c"), before={"view": 4})], [read("c")], **poll))
    stranger = listed(3, "x")
    stranger["json"]["servers"].insert(0, {"id": "x", "url": "http://127.0.0.1:9", "priority": 0, "state": "alive"})
    out.append(wire("a stranger in the view is never asked", "view", {"a": [OK], "a.views": [stranger, {"cutAt": 0, "end": "hold"}]},
                    [get(ok("a"), before={"view": 3})], [read("a")], **poll))
    out.append(wire("no view is no harm", "view", {"a": [OK], "a.views": [{"status": 404, "json": {}}]},
                    [get(ok("a"), before={"background": 1})], [read("a")], **poll))
    out.append(wire("a view that is no view is no harm", "view", {"a": [OK], "a.views": [{"text": "hello"}]},
                    [get(ok("a"), before={"background": 1})], [read("a")], **poll))
    out.append(wire("probes bring a node back", "fail back", {"a": [{"cutAt": 0, "end": "reset"}, OK], "b": [OK], "a.ready": [OK, OK, OK, OK]},
                    [get(ok("b", 2)), get(ok("a"), before={"state": "ok"})], [read("a"), read("b"), read("a")],
                    settings={"probeEveryMs": 20, "failBackStableMs": 30}, options={"probes": True},
                    events=[{"kind": "state", "state": "degraded"}, {"kind": "server", "server": "b", "from": "", "why": "start"},
                            {"kind": "state", "state": "ok"}, {"kind": "server", "server": "a", "from": "b", "why": "fail_back"}]))
    return out


def told(*blocks, end="hold"):
    """An event stream that says these blocks: a view, or text as it is."""
    text = "".join(one if isinstance(one, str) else "event: view\ndata: " + json.dumps(one["json"]) + "\n\n" for one in blocks)
    return {"raw": "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n" + text, "end": end}


def streams():
    """Views from the event stream. A level of its own: who follows it runs these over the wire, too."""
    def stream(about, servers, calls, seen, **more):
        return {**wire(about, "view", servers, calls, seen, **more), "level": "stream"}
    how = {"options": {"views": "events"}}
    silence = {"cutAt": 0, "end": "hold"}
    change = "id: 1.5.00\nevent: ProductUpdatedEvent\ndata: {\"view\": 9}\n\n"
    out = [stream("the event stream says who is active", {"b": [OK], "a.events": [told("id: 1.4.00\n\n", listed(3, "b"))]},
                  [get(ok("b"), before={"view": 3})], [read("b")], background=["a /api/events"], **how)]
    out.append(stream("the next view comes on the same stream", {"c": [OK], "a.events": [told(listed(3, "b"), change, ": quiet\n\n", listed(4, "c"))]},
                      [get(ok("c"), before={"view": 4})], [read("c")], background=["a /api/events"], **how))
    out.append(stream("an older view on the stream changes nothing", {"c": [OK], "a.events": [told(listed(4, "c"), listed(3, "b"), listed(5, "c"))]},
                      [get(ok("c"), before={"view": 5})], [read("c")], **how))
    out.append(stream("lines may end as they like, and data may have several",
                      {"b": [OK], "a.events": [told("event:view\r\ndata:" + json.dumps(listed(3, "b")["json"], indent=1).replace("\n", "\r\ndata:") + "\r\n\r\n")]},
                      [get(ok("b"), before={"view": 3})], [read("b")], **how))
    out.append(stream("where there are no events, the long-poll says it", {"b": [OK], "a.views": [listed(3, "b")], "b.views": [silence]},
                      [get(ok("b"), before={"view": 3})], [read("b")], background=["a /api/events", "a /api/cluster/healthy-servers", "b /api/events"], **how))
    out.append(stream("a stream that ends is followed by that of the active node",
                      {"c": [OK], "a.events": [told(listed(3, "b"), end="close")], "b.events": [told(listed(4, "c"))]},
                      [get(ok("c"), before={"view": 4})], [read("c")], background=["a /api/events", "b /api/events"], **how))
    out.append(stream("a view without its end is none", {"a": [OK], "a.events": [told("event: view\ndata: " + json.dumps(listed(3, "b")["json"]) + "\n", end="close")]},
                      [get(ok("a"), before={"background": 2})], [read("a")], background=["a /api/events", "a /api/cluster/healthy-servers"], **how))
    return out


def cases():
    return troubles() + bodies() + keys() + resolves() + tokens() + waits() + views() + streams()
