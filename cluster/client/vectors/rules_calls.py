"""Rules of one call: failover, waits, budget, deadlines, writes, hedges, outcomes."""
from steps import (answered, begin, cancel, case, drop, ended, events, finish, get, keyless, post, problem, record,
                   samples, send, served, server_event, state, state_event, tick, token)

OVERLOADED = problem("overloaded", 503, "node", "no", "other", 100)
DATABASE = problem("database_unavailable", 503, "shared", "no", "same", 1000)
INTERNAL = problem("internal_error", 500, "node", "unknown", "other", 0)
REFUSALS = ("unreachable", "lost", "timeout", "foreign")
HALF = {"jitter": [0.5]}


def first_failover():
    out = []
    for how in REFUSALS + ("broken",):
        more = {"status": 200} if how == "broken" else {}
        out.append(case(f"a read that ends {how} goes on elsewhere at once", "first failover", [
            get(), ended(10, 1, how, wake=22, **more), tick(22, [send(2, "b")]),
            answered(30, 2, then=[served("b", 2)])], **HALF))
        out.append(case(f"a keyed write that ends {how} goes on elsewhere at once", "first failover", [
            post(), ended(10, 1, how, wake=22, **more), tick(22, [send(2, "b")]),
            answered(30, 2, 201, then=[served("b", 2, "yes")])], **HALF))
    for draw, wait in ((0, 0), (1, 25), (0.04, 1)):
        steps = [get(), ended(10, 1, "lost", wake=10 + wait), tick(10 + wait, [send(2, "b")])]
        if wait == 0:
            steps = [get(), ended(10, 1, "lost", [send(2, "b")])]
        out.append(case(f"jitter {draw} makes the first failover wait {wait} ms", "first failover", steps, jitter=[draw]))
    out.append(case("a tick before its time does nothing", "first failover", [
        get(), ended(10, 1, "lost", wake=35), tick(34, [], wake=35), tick(35, [send(2, "b")])], jitter=[1]))
    return out


def later_waits():
    lost = [get(), ended(0, 1, "lost", [send(2, "b")])]
    out = [case("the second failover waits a part of 50 ms, the third a part of 100 ms", "later waits", [
        get(), ended(0, 1, "lost", wake=25), tick(25, [send(2, "b")]),
        ended(30, 2, "lost", wake=80), tick(80, [send(3, "c")]),
        ended(90, 3, "lost", wake=190), tick(190, [send(4, "a")]),
        ended(200, 4, "lost", [finish("retries_used", 4, how="lost", committed="no")])], jitter=[1])]
    out.append(case("with no jitter nothing waits", "later waits", lost + [
        ended(5, 2, "lost", [send(3, "c")]), ended(9, 3, "lost", [send(4, "a")]),
        answered(12, 4, then=[served("a", 4)])], jitter=[0]))
    out.append(case("waits double and stop doubling at the cap", "later waits", [
        get(), ended(0, 1, "lost", wake=25), tick(25, [send(2, "b")]),
        ended(30, 2, "lost", wake=80), tick(80, [send(3, "c")]), ended(90, 3, "lost", wake=150)],
        jitter=[1], settings={"waitCapMs": 60}))
    out.append(case("one server alone: every failure is a later wait on the same one", "later waits", [
        get(), ended(0, 1, "lost", wake=50), tick(50, [send(2, "a")]), ended(60, 2, "lost", wake=160)],
        servers=("a",), jitter=[1]))
    out.append(case("two servers: back to the first after the second", "later waits", [
        get(), ended(0, 1, "lost", [send(2, "b")]), ended(1, 2, "lost", [send(3, "a")]),
        ended(2, 3, "lost", [send(4, "b")]), ended(3, 4, "lost", [finish("retries_used", 4, how="lost")])],
        servers=("a", "b"), jitter=[0]))
    for what, asked, base in ((DATABASE, 1000, 50), (problem("rate_limited", 429, "request", "no", "same", 1000), 1000, 50),
                              (problem("", 429, None, None, None, 0), 0, 1000),
                              (problem("", 429, None, None, None, 2500), 2500, 50),
                              (problem("in_progress", 409, "shared", "unknown", "same", 500), 500, 50),
                              (problem("", 408, None, None, None, 0), 0, 50)):
        name = what["code"] or what["status"]
        out.append(case(f"{name} asking for {asked} ms: that and a part of {base} ms, then the same node", "later waits", [
            get(), answered(10, 1, wake=10 + asked + base, **what), tick(10 + asked + base, [send(2, "a")]),
            answered(10 + asked + base + 5, 2, then=[served("a", 2)])], jitter=[1]))
    out.append(case("429 again and again: a part of 1 s, 2 s, 4 s", "later waits", [
        get(deadlineMs=20000), answered(0, 1, 429, wake=1000), tick(1000, [send(2, "a")]), answered(1000, 2, 429, wake=3000),
        tick(3000, [send(3, "a")]), answered(3000, 3, 429, wake=7000)], jitter=[1]))
    for asked, end in ((5000, None), (5001, "asked_too_long"), (60000, "asked_too_long")):
        then = [finish(end, 1, code="rate_limited", committed="no")] if end else []
        wake = None if end else 5000
        out.append(case(f"a server that asks for {asked} ms is {'waited for' if not end else 'not waited for'}", "later waits", [
            post(), answered(0, 1, then=then, wake=wake, **problem("rate_limited", 429, "request", "no", "same", asked))],
            jitter=[0]))
    out.append(case("overload sends the first retry elsewhere at once, whatever was asked for", "later waits", [
        get(), answered(10, 1, wake=35, **OVERLOADED), tick(35, [send(2, "b")])], jitter=[1]))
    out.append(case("all overloaded: then the time asked for is obeyed", "later waits", [
        get(), answered(0, 1, then=[send(2, "b")], **OVERLOADED), answered(1, 2, then=[send(3, "c")], **OVERLOADED),
        answered(2, 3, wake=102, **OVERLOADED), tick(102, [send(4, "a")]),
        answered(103, 4, then=[finish("retries_used", 4, code="overloaded", committed="no")], **OVERLOADED)], jitter=[0]))
    return out


def budget():
    out = [case("ten tokens are five waits on a shared trouble, then none", "retry budget", [
        step for i in range(5) for step in (get(i, call=f"c{i}"), answered(i, 1, call=f"c{i}", wake=i + 1000, **DATABASE))] + [
        get(9, call="last"), answered(9, 1, call="last", then=[finish("budget_spent", 1, code="database_unavailable")], **DATABASE)],
        jitter=[0])]
    out.append(case("ten successes give one retry back", "retry budget", [
        step for i in range(5) for step in (get(i, call=f"c{i}"), answered(i, 1, call=f"c{i}", wake=i + 1000, **DATABASE))] + [
        step for i in range(10) for step in (get(10, call=f"g{i}"), answered(11, 1, call=f"g{i}", then=[served("a", 1)]))] + [
        get(20, call="x"), answered(20, 1, call="x", wake=1020, **DATABASE),
        get(21, call="y"), answered(21, 1, call="y", then=[finish("budget_spent", 1)], **DATABASE)], jitter=[0]))
    out.append(case("above the floor one retry is free to go, at the floor none is", "retry budget", [
        step for i in range(5) for step in (get(i, call=f"c{i}"), answered(i, 1, call=f"c{i}", wake=i + 1000, **DATABASE))] + [
        get(10, call="g"), answered(11, 1, call="g", then=[served("a", 1)]),
        get(20, call="x"), answered(20, 1, call="x", wake=1020, **DATABASE)] + [
        step for i in range(9) for step in (get(30, call=f"h{i}"), answered(31, 1, call=f"h{i}", then=[served("a", 1)]))] + [
        get(40, call="y"), answered(40, 1, call="y", then=[finish("budget_spent", 1)], **DATABASE)], jitter=[0]))
    out.append(case("leaving a node that was well is free: twenty calls under way all survive its crash", "retry budget", [
        get(0, call=f"c{i}") for i in range(20)] + [
        ended(10, 1, "lost", [send(2, "b")], call=f"c{i}") for i in range(20)] + [
        answered(20, 2, call=f"c{i}", then=[served("b", 2)]) for i in range(20)], jitter=[0]))
    out.append(case("a second crash in the same call is free too", "retry budget", [
        get(0, call=f"c{i}") for i in range(12)] + [
        ended(10, 1, "lost", [send(2, "b")], call=f"c{i}") for i in range(12)] + [
        ended(20, 2, "timeout", [send(3, "c")], call=f"c{i}") for i in range(12)] + [
        answered(30, 3, call=f"c{i}", then=[served("c", 3)]) for i in range(12)], jitter=[0]))
    out.append(case("failing on nodes known to be ill is not free", "retry budget", [
            record(0, "a"), record(0, "b"), record(0, "c")] + [
            step for i in range(5) for step in (
                get(1 + i, call=f"c{i}"), ended(1 + i, 1, "unreachable", [send(2, "b")], call=f"c{i}"),
                cancel(1 + i, [drop(2), finish("cancelled", 2)], call=f"c{i}"))] + [
            get(9, call="x"), ended(9, 1, "unreachable", [finish("budget_spent", 1, how="unreachable")], call="x")],
            jitter=[0], settings={"breakerInRow": 100, "breakerCalls": 100}))
    out.append(case("overload is never free", "retry budget", [
        step for i in range(5) for step in (
            begin(i, [send(1, "a")], call=f"c{i}", method="POST"), answered(i, 1, call=f"c{i}", then=[send(2, "b")], **OVERLOADED))] + [
        begin(9, [send(1, "a")], call="x", method="POST"),
        answered(9, 1, call="x", then=[finish("budget_spent", 1, code="overloaded")], **OVERLOADED)], jitter=[0]))
    return out


def deadlines():
    out = [case("without samples an attempt has 1 s to its first byte", "attempt timeout", [
        begin(0, [send(1, "a", firstByteMs=1000, connectMs=1000)])])]
    for p99, limit in ((10, 300), (99, 300), (100, 300), (101, 303), (400, 1200), (666, 1998), (900, 2000)):
        out.append(case(f"a p99 of {p99} ms gives {limit} ms", "attempt timeout", [
            samples(0, "a", [p99] * 20), begin(0, [send(1, "a", firstByteMs=limit)])]))
    out.append(case("19 samples are too few", "attempt timeout", [
        samples(0, "a", [10] * 19), begin(0, [send(1, "a", firstByteMs=1000)])]))
    out.append(case("reads and writes have their own samples", "attempt timeout", [
        samples(0, "a", [10] * 20), samples(0, "a", [500] * 20, read=False),
        begin(0, [send(1, "a", firstByteMs=300)], call="r"),
        begin(0, [send(1, "a", firstByteMs=1500)], call="w", method="POST")]))
    out.append(case("the caller's own attempt timeout wins", "attempt timeout", [
        begin(0, [send(1, "a", firstByteMs=7000)], attemptTimeoutMs=7000)]))
    out.append(case("an attempt never outlives the call", "attempt timeout", [
        begin(0, [send(1, "a", firstByteMs=400)], deadlineMs=400)]))
    out.append(case("a write without a key is not cut short", "attempt timeout", [
        begin(0, [send(1, "a", firstByteMs=8000, connectMs=1000)], method="POST", key=False)]))
    out.append(case("the call ends at its deadline and says what it knows", "deadline", [
        get(wake=8000), tick(8000, [drop(1), finish("deadline", 1, how="timeout", committed="no")])]))
    out.append(case("a write under way at the deadline may have happened", "deadline", [
        post(), tick(8000, [drop(1), finish("deadline", 1, how="timeout", committed="unknown")])]))
    out.append(case("a wait that would pass the deadline is not begun", "deadline", [
        get(deadlineMs=900), answered(10, 1, then=[finish("deadline", 1, code="database_unavailable")], **DATABASE)], jitter=[0]))
    out.append(case("a late answer of a finished call is ignored", "deadline", [
        get(), tick(8000, [drop(1), finish("deadline", 1)]), answered(8001, 1)]))
    out.append(case("8 s by default, the caller's where given", "deadline", [
        get(call="x", deadlineMs=20000, wake=20000), get(call="y", wake=8000)]))
    for method, key, known in (("GET", False, "no"), ("POST", True, "unknown"), ("POST", False, "unknown")):
        out.append(case(f"cancelled with a {'keyed ' if key else ''}{method} under way: committed {known}", "deadline", [
            begin(0, [send(1, "a")], method=method, key=key),
            cancel(5, [drop(1), finish("cancelled", 1, committed=known)])]))
    out.append(case("cancelled while it waits after a refusal: that much is certain", "deadline", [
        post(), answered(0, 1, wake=1000, **DATABASE), cancel(5, [finish("cancelled", 1, committed="no")])], jitter=[0]))
    return out


def writes():
    out = []
    for how, known in (("lost", "unknown"), ("timeout", "unknown"), ("foreign", "unknown")):
        out.append(case(f"a write without a key that ends {how} is never repeated", "writes", [
            keyless(), ended(10, 1, how, [finish("not_repeatable", 1, committed=known, how=how)])]))
    out.append(case("a write without a key that never left goes elsewhere", "writes", [
        keyless(), ended(10, 1, "unreachable", [send(2, "b")]), answered(20, 2, 201, then=[served("b", 2, "yes")])], jitter=[0]))
    for status, known in ((201, "yes"), (422, "no"), (500, "unknown")):
        end = "not_repeatable"
        then = [finish(end, 1, committed=known, how="broken")] if known != "no" else [send(2, "b")]
        out.append(case(f"a cut body under {status} to a write without a key: committed {known}", "writes", [
            keyless(), ended(10, 1, "broken", then, status=status)], jitter=[0]))
    out.append(case("a cut body under 201 to a keyed write: the answer is fetched elsewhere", "writes", [
        post(), ended(10, 1, "broken", [send(2, "b")], status=201), answered(20, 2, 201, then=[served("b", 2, "yes")])], jitter=[0]))
    for status in (502, 503, 504, 500, 520):
        out.append(case(f"a bare {status} to a write without a key: nobody knows", "writes", [
            keyless(), answered(10, 1, status, then=[finish("not_repeatable", 1, committed="unknown", status=status)])]))
        out.append(case(f"a bare {status} to a keyed write goes elsewhere", "classification", [
            post(), answered(10, 1, status, then=[send(2, "b")])], jitter=[0]))
    for status in (400, 401, 403, 404, 405, 409, 410, 413, 418, 422, 431, 451, 501, 505):
        out.append(case(f"a bare {status} is the end", "classification", [
            post(), answered(10, 1, status, then=[finish("refused", 1, committed="no", status=status)])]))
    for status in (200, 201, 202, 204, 206, 304):
        out.append(case(f"{status} is an answer", "classification", [
            get(), answered(10, 1, status, then=[served("a", 1)])]))
    out.append(case("an unknown code with scope node goes elsewhere", "classification", [
        post(), answered(5, 1, then=[send(2, "b")], **problem("brand_new", 507, "node", "no", "other", 0))], jitter=[0]))
    out.append(case("an unknown code with scope shared waits", "classification", [
        post(), answered(5, 1, wake=305, **problem("brand_new", 507, "shared", "no", "same", 300))], jitter=[0]))
    out.append(case("retry none is obeyed whatever the scope", "classification", [
        post(), answered(5, 1, then=[finish("refused", 1, committed="no")], **problem("brand_new", 507, "node", "no", "none", 0))]))
    out.append(case("database_unavailable with scope node leaves the node", "classification", [
        post(), answered(5, 1, then=[send(2, "b")], **problem("database_unavailable", 503, "node", "no", "other", 0)),
        answered(9, 2, 201, then=[served("b", 2, "yes")]), get(10, node="b", call="next")], jitter=[0]))
    out.append(case("a stop code from the second node ends the call", "classification", [
        get(), ended(1, 1, "lost", [send(2, "b")]), answered(2, 2, 404, then=[finish("refused", 2, status=404)])], jitter=[0]))
    return out


def outcomes():
    def ends(about, first, second, known, reported, end="refused"):
        steps = [post()]
        steps.append(ended(1, 1, first[0], [send(2, "b")], **first[1]))
        steps.append(ended(2, 2, second[0], [finish(end, 2, committed=known, **reported)], **second[1]))
        return case(about, "outcome", steps, jitter=[0], settings={"retries": 1})
    no = ("unreachable", {})
    lost = ("lost", {})
    slow = ("timeout", {})
    cut = ("broken", {"status": 201})
    wrong = ("answer", problem("validation_failed", 422, "request", "no", "none", 0))
    gone = ("answer", problem("abandoned", 409, "request", "no", "none", 0))
    busy = ("answer", OVERLOADED)
    ill = ("answer", INTERNAL)
    used = "retries_used"
    out = [
        ends("never left twice: it did not happen", no, no, "no", {"how": "unreachable"}, used),
        ends("lost, then never left: it may have happened", lost, no, "unknown", {"how": "lost"}, used),
        ends("never left, then lost: it may have happened", no, lost, "unknown", {"how": "lost"}, used),
        ends("timeout says more than lost", slow, lost, "unknown", {"how": "timeout"}, used),
        ends("lost says less than timeout", lost, slow, "unknown", {"how": "timeout"}, used),
        ends("a cut 201 means yes, whatever came after", cut, no, "yes", {"how": "broken"}, used),
        ends("yes is not taken back by a refusal", cut, wrong, "yes", {"code": "validation_failed"}),
        ends("a refusal does not settle what was lost before", lost, wrong, "unknown", {"code": "validation_failed"}),
        ends("a refusal after what never left is certain", no, wrong, "no", {"code": "validation_failed"}),
        ends("abandoned settles what was lost before", lost, gone, "no", {"code": "abandoned"}),
        ends("an answer says more than silence", slow, busy, "unknown", {"code": "overloaded"}, used),
        ends("an answer is reported although the last attempt said nothing", busy, lost, "unknown", {"code": "overloaded"}, used),
        ends("of two answers of one weight the later is reported", busy, ill, "unknown", {"code": "internal_error"}, used),
        ends("overloaded twice: it did not happen", busy, busy, "no", {"code": "overloaded"}, used),
    ]
    out.append(case("a shared trouble is reported before a node's", "outcome", [
        post(), ended(1, 1, "answer", [send(2, "b")], **INTERNAL), answered(2, 2, then=[finish("retries_used", 2, committed="unknown", code="database_unavailable")], **DATABASE)],
        jitter=[0], settings={"retries": 1}))
    out.append(case("nobody reached: offline, until somebody answers", "events", [
        get(), ended(1, 1, "unreachable", [send(2, "b")]), ended(2, 2, "unreachable", [send(3, "c")]),
        ended(3, 3, "unreachable", [send(4, "a")]), ended(4, 4, "unreachable", [finish("retries_used", 4)]), state(4, "offline"),
        get(10, call="d"), answered(20, 1, call="d", then=[served("a", 1)]), state(20, "degraded"),
        events(20, state_event("degraded"), state_event("offline"), state_event("degraded"), server_event("a", "start"))], jitter=[0]))
    out.append(case("a shared trouble is degraded, and over with the next success", "events", [
        get(), answered(1, 1, wake=1001, **DATABASE), state(1, "degraded"), tick(1001, [send(2, "a")]),
        answered(1010, 2, then=[served("a", 2)]), state(1010, "ok"),
        events(1010, state_event("degraded"), state_event("ok"), server_event("a", "start"))], jitter=[0]))
    out.append(case("a stale answer is served and degraded", "events", [
        get(), answered(1, 1, stale=True, then=[served("a", 1)]), state(1, "degraded")]))
    out.append(case("failover is told with both names", "events", [
        get(), answered(1, 1, then=[served("a", 1)]), get(2, call="d"), ended(3, 1, "lost", [send(2, "b")], call="d"),
        answered(4, 2, then=[served("b", 2)], call="d"),
        events(4, server_event("a", "start"), state_event("degraded"), server_event("b", "failover", "a"))], jitter=[0]))
    out.append(case("a server that stays is told once", "events", [
        get(), answered(1, 1, then=[served("a", 1)]), get(2, call="d"), answered(3, 1, then=[served("a", 1)], call="d"),
        events(3, server_event("a", "start")), events(3)]))
    return out


def hedges():
    earn = [step for i in range(19) for step in (
        begin(0, [send(1, "a")], call=f"e{i}", hedge=True), answered(1, 1, then=[served("a", 1)], call=f"e{i}", latencyMs=1))]
    hedged = begin(10, [send(1, "a")], hedge=True, wake=110)
    out = [case("the twentieth read may be hedged, after 100 ms; the first answer wins, the loser is dropped", "hedge", earn + [
        hedged, tick(110, [send(2, "b", hedge=True)]), answered(120, 2, then=[drop(1), served("b", 2)])])]
    out.append(case("the first may still win", "hedge", earn + [
        hedged, tick(110, [send(2, "b")]), answered(120, 1, then=[drop(2), served("a", 2)])]))
    out.append(case("no more than 5 % are hedged", "hedge", [
        begin(0, [send(1, "a")], hedge=True), tick(100, [], wake=8000)]))
    out.append(case("nor is a second one just after", "hedge", earn + [
        hedged, tick(110, [send(2, "b")]), answered(120, 1, then=[drop(2), served("a", 2)]),
        begin(130, [send(1, "a")], call="d", hedge=True, wake=230), tick(230, [], call="d")]))
    out.append(case("a read that does not want it is not hedged", "hedge", earn + [
        begin(10, [send(1, "a")], hedge=False, wake=8010)]))
    out.append(case("a write is never hedged", "hedge", earn + [
        begin(10, [send(1, "a")], method="POST", hedge=False, wake=8010)]))
    out.append(case("a slow p95 moves the hedge back", "hedge", [samples(0, "a", [200] * 20)] + [
        begin(10, [send(1, "a")], hedge=True, wake=210)]))
    out.append(case("the first fails with the hedge under way: the hedge may still make it", "hedge", earn + [
        hedged, tick(110, [send(2, "b")]), ended(115, 1, "lost"), answered(120, 2, then=[served("b", 2)])]))
    out.append(case("the hedge fails first: the first goes on alone", "hedge", earn + [
        hedged, tick(110, [send(2, "b")]), ended(115, 2, "lost"), answered(120, 1, then=[served("a", 2)])]))
    out.append(case("both fail: the call goes on with the third node", "hedge", earn + [
        hedged, tick(110, [send(2, "b")]), ended(115, 2, "lost"), ended(120, 1, "lost", [send(3, "c")]),
        answered(130, 3, then=[served("c", 3)])], jitter=[0]))
    out.append(case("a refusal ends the call and drops the twin", "hedge", earn + [
        hedged, tick(110, [send(2, "b")]), answered(115, 2, 404, then=[drop(1), finish("refused", 2, status=404)])]))
    out.append(case("an early failure takes the hedge's place", "hedge", earn + [
        hedged, ended(20, 1, "lost", [send(2, "b")], wake=8010)], jitter=[0]))
    out.append(case("nobody well to hedge with: no hedge", "hedge", earn + [
        record(5, "b"), record(5, "c"), hedged, tick(110, [])]))
    out.append(case("winning by a hedge does not change the server", "hedge", earn + [
        events(1, server_event("a", "start")), hedged, tick(110, [send(2, "b")]), answered(120, 2, then=[drop(1), served("b", 2)]), events(120)]))
    return out


def blame():
    return [case("a timeout noticed by a late timer blames ourselves: the same node again", "blame ourselves", [
        get(), ended(900, 1, "timeout", wake=925, ours=True), tick(925, [send(2, "a")])], jitter=[0.5]),
        case("nor does it count for the breaker", "blame ourselves", [
            record(0, "a", "timeout", ours=True, times=10), {"at": 1, "order": {"read": True}, "is": ["a", "b", "c"]}])]


def cases():
    return (first_failover() + later_waits() + budget() + deadlines() + writes() + outcomes() + hedges() + blame())
