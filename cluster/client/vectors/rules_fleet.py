"""Rules of the fleet: order, standing, breaker, fail-back, probes, views, tokens, Retry-After."""
from steps import (answered, begin, case, ended, events, finish, get, listed_server, order, post, probed, probes,
                   problem, record, samples, send, served, server_event, state, state_event, token, view)

ABC = ["a", "b", "c"]
OVERLOADED = problem("overloaded", 503, "node", "no", "other", 100)
HISTORY = problem("history_changed", 409, "shared", "no", "same", 0)


def orders():
    out = [case("by priority", "order", [order(0, ABC)])]
    out.append(case("the active node first", "order", [view(0, 1, "taken", active="b"), order(1, ["b", "a", "c"])]))
    out.append(case("the cluster's priorities replace the configured ones", "order", [
        view(0, 1, "taken", active="", servers=[listed_server("a", 9), listed_server("b", 5), listed_server("c", 1)]),
        order(1, ["c", "b", "a"])]))
    for bad in ("suspect", "down", "draining"):
        out.append(case(f"a node that is {bad} comes last", "order", [
            view(0, 1, "taken", servers=[listed_server("a", 1, bad), listed_server("b", 2), listed_server("c", 3)]),
            order(1, ["b", "c", "a"])]))
    out.append(case("a late node is well", "order", [
        view(0, 1, "taken", servers=[listed_server("a", 1, "late"), listed_server("b", 2), listed_server("c", 3)]), order(1, ABC)]))
    out.append(case("a node the cluster does not list comes last, but is not forgotten", "order", [
        view(0, 1, "taken", active="b", servers=["b", "c"]), order(1, ["b", "c", "a"])]))
    out.append(case("of equal priority the nearer first", "order", [
        view(0, 1, "taken", active="", servers=[listed_server("a", 1), listed_server("b", 1), listed_server("c", 1)]),
        samples(1, "a", [80] * 5), samples(1, "b", [20] * 5), samples(1, "c", [40] * 5), order(2, ["b", "c", "a"])]))
    out.append(case("less than 10 ms are no difference", "order", [
        view(0, 1, "taken", active="", servers=[listed_server("a", 1), listed_server("b", 1), listed_server("c", 1)]),
        samples(1, "a", [9] * 5), samples(1, "b", [1] * 5), order(2, ABC)]))
    out.append(case("a failure sends the node behind the others", "order", [record(0, "a"), order(1, ["b", "c", "a"])]))
    for code in ("draining", "starting"):
        out.append(case(f"so does {code}, without a mark of the breaker", "order", [
            record(0, "a", "answer", times=9, **problem(code, 503, "node", "no", "other", 0)), order(1, ["b", "c", "a"]), probes(500, []), probes(1000, ["a"])]))
    out.append(case("one 500 does not", "order", [
        record(0, "a", "answer", **problem("internal_error", 500, "node", "unknown", "other", 0)), order(1, ABC)]))
    out.append(case("an overloaded node is spared reads for a second, not writes", "spill over", [
        record(0, "a", "answer", **OVERLOADED), order(1, ["b", "c", "a"]), order(1, ABC, read=False),
        order(999, ["b", "c", "a"]), order(1000, ABC)]))
    out.append(case("a caller over its rate is no overload of the node", "spill over", [
        record(0, "a", "answer", **problem("rate_limited", 429, "request", "no", "same", 1000)), order(1, ABC)]))
    out.append(case("or for as long as it asked for", "spill over", [
        record(0, "a", "answer", **problem("overloaded", 503, "node", "no", "other", 3000)),
        order(2999, ["b", "c", "a"]), order(3000, ABC)]))
    out.append(case("a p95 that doubled spills reads", "spill over", [
        samples(0, "a", [40] * 20 + [90] * 20), order(1, ["b", "c", "a"]), order(1, ABC, read=False)]))
    for older, newer, why in ((40, 80, "exactly twice is not over twice"), (10, 50, "up to 50 ms nobody minds")):
        out.append(case(f"{older} ms to {newer} ms does not: {why}", "spill over", [
            samples(0, "a", [older] * 20 + [newer] * 20), order(1, ABC)]))
    out.append(case("one slow answer of twenty is not the p95", "spill over", [
        samples(0, "a", [40] * 20 + [40] * 19 + [900]), order(1, ABC)]))
    out.append(case("two of twenty are", "spill over", [
        samples(0, "a", [40] * 20 + [40] * 18 + [900] * 2), order(1, ["b", "c", "a"])]))
    return out


def breakers():
    all_open = [record(0, name, times=3) for name in ABC]
    out = [case("two failures leave it closed, a third opens it", "breaker", [
        record(0, "a", times=2), {"at": 0, "open": "a", "is": False}, record(1, "a"), {"at": 1, "open": "a", "is": True}])]
    out.append(case("a success between starts the count anew", "breaker", [
        record(0, "a", times=2), samples(1, "a", [5] * 8), record(2, "a", times=2), {"at": 2, "open": "a", "is": False}]))
    out.append(case("half of at least five opens it", "breaker", [
        samples(0, "a", [5]), record(1, "a", times=2), samples(2, "a", [5]), {"at": 2, "open": "a", "is": False},
        record(3, "a"), {"at": 3, "open": "a", "is": True}]))
    out.append(case("two of five do not", "breaker", [
        samples(0, "a", [5] * 3), record(1, "a", times=2), {"at": 2, "open": "a", "is": False}]))
    out.append(case("only what happened within 10 s counts", "breaker", [
        samples(0, "a", [5]), record(0, "a", times=2), samples(5000, "a", [5]), record(10001, "a"),
        {"at": 10001, "open": "a", "is": False}]))
    out.append(case("refusals by request and by the database are no failures", "breaker", [
        record(0, "a", "answer", times=9, status=422), record(0, "a", "answer", times=9, **problem("database_unavailable", 503, "shared", "no", "same", 1000)),
        record(0, "a", "answer", times=9, **OVERLOADED), {"at": 0, "open": "a", "is": False}]))
    out.append(case("500s open it", "breaker", [
        record(0, "a", "answer", times=3, **problem("internal_error", 500, "node", "unknown", "other", 0)), {"at": 0, "open": "a", "is": True}]))
    out.append(case("open for 1 s, then one probe at a time, two good ones close it", "breaker", [
        record(0, "a", times=3), probes(999, []), probes(1000, ["a"]), probes(1100, []), probed(1200, "a", True),
        {"at": 1200, "open": "a", "is": True}, probes(1200, ["a"]), probed(1300, "a", True), {"at": 1300, "open": "a", "is": False}]))
    out.append(case("a bad probe doubles the time, up to 30 s", "breaker", [
        record(0, "a", times=3)] + [step for at, ready in ((0, 1000), (1000, 3000), (3000, 7000), (7000, 15000),
                                                           (15000, 31000), (31000, 61000), (61000, 91000))
                                    for step in (probes(ready - 1, []), probes(ready, ["a"]), probed(ready, "a", False))]))
    out.append(case("a good one and a bad one: open again", "breaker", [
        record(0, "a", times=3), probes(1000, ["a"]), probed(1001, "a", True), probes(1001, ["a"]), probed(1002, "a", False),
        {"at": 1002, "open": "a", "is": True}, probes(3001, []), probes(3002, ["a"])]))
    out.append(case("once closed it opens for 1 s again", "breaker", [
        record(0, "a", times=3), probes(1000, ["a"]), probed(1000, "a", False), probes(3000, ["a"]), probed(3000, "a", True),
        probes(3000, ["a"]), probed(3000, "a", True), record(4000, "a", times=3), probes(4999, []), probes(5000, ["a"])]))
    out.append(case("an open node is not asked while there are others", "breaker", [
        record(0, "a", times=3), get(1, node="b"), ended(2, 1, "lost", [send(2, "c")])], jitter=[0]))
    out.append(case("with nobody better left an open node is tried anyway", "breaker", [
        record(0, "b", times=3), record(0, "c", times=3), get(1, node="a"), ended(2, 1, "lost", [send(2, "b")])], jitter=[0]))
    out.append(case("all open: try anyway, by priority", "breaker", all_open + [order(1, ABC), get(2, node="a")]))
    out.append(case("all open: by priority even if another is active", "breaker", [
        view(0, 1, "taken", active="c")] + all_open + [order(1, ABC)]))
    out.append(case("good answers of an open node close it like probes", "breaker", all_open + [
        get(1), answered(2, 1, then=[served("a", 1)]), {"at": 2, "open": "a", "is": True},
        get(3, call="d"), answered(4, 1, then=[served("a", 1)], call="d"), {"at": 4, "open": "a", "is": False}]))
    return out


def fail_back():
    away = [get(0), answered(1, 1, then=[served("a", 1)]), record(10, "a")]
    out = [case("two good probes and 5 s later it is first again", "fail back", away + [
        order(11, ["b", "c", "a"]), probes(1009, []), probes(1010, ["a"]), probed(1020, "a", True),
        probes(2020, ["a"]), probed(2030, "a", True), order(6019, ["b", "c", "a"]), order(6020, ABC)])]
    out.append(case("5 s with one good probe are not enough", "fail back", away + [
        probes(1010, ["a"]), probed(1020, "a", True), order(9000, ["b", "c", "a"]), probes(9000, ["a"]), probed(9001, "a", True),
        order(9001, ABC)]))
    out.append(case("a bad probe starts it all anew", "fail back", away + [
        probes(1010, ["a"]), probed(1020, "a", True), probes(2020, ["a"]), probed(2030, "a", False),
        probes(3030, ["a"]), probed(3030, "a", True), probes(4030, ["a"]), probed(4030, "a", True), order(8029, ["b", "c", "a"]), order(8030, ABC)]))
    out.append(case("the page is told of going and of coming back", "fail back", away + [
        get(20, node="b", call="d"), answered(21, 1, then=[served("b", 1)], call="d"),
        probes(1010, ["a"]), probed(1020, "a", True), probes(2020, ["a"]), probed(2030, "a", True), probes(6020, []),
        get(6021, call="e"), answered(6022, 1, then=[served("a", 1)], call="e"),
        events(6022, server_event("a", "start"), state_event("degraded"), server_event("b", "failover", "a"),
               state_event("ok"), server_event("a", "fail_back", "b"))]))
    out.append(case("a change of the active node is told as such", "fail back", [
        view(0, 1, "taken", active="a"), get(1), answered(2, 1, then=[served("a", 1)]), view(3, 2, "taken", active="b"),
        get(4, node="b", call="d"), answered(5, 1, then=[served("b", 1)], call="d"),
        events(5, server_event("a", "start"), server_event("b", "view", "a"))]))
    out.append(case("a well node is not probed", "fail back", [probes(100000, [])]))
    return out


def views():
    out = [case("newer numbers are taken", "view", [view(0, 5, "taken"), view(1, 6, "taken", active="b"), order(2, ["b", "a", "c"])])]
    out.append(case("older and equal numbers are ignored", "view", [
        view(0, 5, "taken", active="b"), view(1, 4, "old", active="c"), view(2, 5, "old", active="c"), order(3, ["b", "a", "c"])]))
    out.append(case("a newer epoch counts although its number is smaller", "view", [
        view(0, 9, "taken", epoch=1, active="a"), view(1, 3, "taken", epoch=2, active="b"), order(2, ["b", "a", "c"])]))
    out.append(case("an older epoch does not, whatever its number", "view", [
        view(0, 3, "taken", epoch=2, active="b"), view(1, 99, "old", epoch=1, active="a"), order(2, ["b", "a", "c"])]))
    out.append(case("a newer incarnation counts before all else", "view", [
        view(0, 9, "taken", epoch=9, incarnation=1), view(1, 1, "taken", epoch=1, incarnation=2, active="c"), order(2, ["c", "a", "b"])]))
    out.append(case("an older incarnation never", "view", [
        view(0, 1, "taken", epoch=1, incarnation=2, active="c"), view(1, 9, "old", epoch=9, incarnation=1), order(2, ["c", "a", "b"])]))
    out.append(case("urls outside of the configured list are ignored", "view", [
        view(0, 1, "taken", active="x", servers=[listed_server("x", 0, url="http://evil.example"), listed_server("a", 1), listed_server("b", 2), listed_server("c", 3)]),
        order(1, ABC)]))
    out.append(case("a list of strangers alone changes nothing", "view", [
        view(0, 1, "taken", active="x", servers=[listed_server("x", 0, url="http://evil.example")]), order(1, ABC)]))
    out.append(case("urls are the same whatever their case, own port and closing slash", "view", [
        view(0, 1, "taken", active="a", servers=[listed_server("a", 9, url="HTTP://A:80/"), listed_server("b", 1), listed_server("c", 2)]),
        order(1, ["a", "b", "c"])]))
    out.append(case("in a panic all are as good as ever", "view", [
        view(0, 1, "taken", panic=True, active="", servers=[listed_server(name, place, "down") for place, name in enumerate(ABC, 1)]),
        order(1, ABC)]))
    out.append(case("everybody down is a panic although nobody says so", "view", [
        view(0, 1, "taken", active="", servers=[listed_server(name, place, "down") for place, name in enumerate(ABC, 1)]), order(1, ABC)]))
    out.append(case("the panic ends with the next view", "view", [
        view(0, 1, "taken", panic=True, servers=ABC), view(1, 2, "taken", active="b", servers=["b", "c"]), order(2, ["b", "c", "a"])]))
    out.append(case("another cluster's view is refused and its node comes last", "view", [
        view(0, 1, "taken"), view(1, 9, "foreign", source="b", cluster="other", active="b"), order(2, ["a", "c", "b"])]))
    out.append(case("the configured cluster id is asked for from the start", "view", [
        view(0, 1, "foreign", cluster="other"), order(1, ["b", "c", "a"]), view(2, 1, "taken", source="b"), order(3, ["b", "c", "a"])], cluster="shop"))
    out.append(case("a node that speaks for the right cluster again is forgiven", "view", [
        view(0, 1, "taken"), view(1, 1, "foreign", source="b", cluster="other"), view(2, 2, "taken", source="b"), order(3, ABC)]))
    out.append(case("the page hears that the first choice is another now", "view", [
        view(0, 1, "taken", active="a"), record(1, "a"), state(1, "degraded"), view(2, 2, "taken", epoch=2, active="b", servers=["b", "c"]), state(2, "ok")]))
    return out


def tokens():
    out = [case("the largest position is sent", "token", [
        get(call="x"), answered(1, 1, call="x", token=token(1, 7), then=[served("a", 1)]),
        get(2, call="y"), answered(3, 1, call="y", token=token(1, 5), then=[served("a", 1)]),
        begin(4, [send(1, "a", token=token(1, 7))], call="z")])]
    out.append(case("a later incarnation beats a larger position", "token", [
        get(call="x"), answered(1, 1, call="x", token=token(2, 1), then=[served("a", 1)]),
        get(2, call="y"), answered(3, 1, call="y", token=token(1, 900), then=[served("a", 1)]),
        begin(4, [send(1, "a", token=token(2, 1))], call="z")]))
    for text in ("7", "1.7", "1.7.", "1.7.xyz", "1.7." + "g" * 16, "-1.7." + "a" * 16, "1.-7." + "a" * 16, "1.7.ABCDEF0123456789",
                 "99999999999999999999.1." + "a" * 16, "1.7." + "a" * 17, ""):
        out.append(case(f"a token of another form is ignored: {text!r}", "token", [
            get(call="x"), answered(1, 1, call="x", token=text, then=[served("a", 1)]), begin(2, [send(1, "a", token=token(1, 3))], call="z")],
            token=token(1, 3)))
    out.append(case("refusals carry tokens too", "token", [
        get(call="x"), answered(1, 1, 404, call="x", token=token(1, 7), then=[finish("refused", 1)]), begin(2, [send(1, "a", token=token(1, 7))], call="z")]))
    out.append(case("a retry sends what was learned meanwhile", "token", [
        begin(0, [send(1, "a", token="")], call="x"), get(1, call="y"), answered(2, 1, call="y", token=token(1, 9), then=[served("a", 1)]),
        ended(3, 1, "lost", [send(2, "b", token=token(1, 9))], call="x")], jitter=[0]))
    out.append(case("history_changed: the token is dropped, once more with the same key, the caller is told", "token", [
        begin(0, [send(1, "a", token=token(1, 9))], method="POST"), answered(1, 1, then=[send(2, "a", token="")], **HISTORY),
        answered(2, 2, 201, token=token(2, 1), then=[served("a", 2, "yes")]), begin(3, [send(1, "a", token=token(2, 1))], call="z"),
        events(3, {"kind": "history_changed"}, server_event("a", "start"))], token=token(1, 9)))
    out.append(case("the answer's own token is of the new history", "token", [
        get(0), answered(1, 1, token=token(1, 4), then=[send(2, "a", token=token(1, 4))], **HISTORY)], token=token(1, 9)))
    out.append(case("a second time is the end", "token", [
        get(0), answered(1, 1, then=[send(2, "a", token="")], **HISTORY),
        answered(2, 2, then=[finish("refused", 2, code="history_changed", committed="no")], **HISTORY)], token=token(1, 9)))
    out.append(case("a newer token learned meanwhile is not dropped, nobody is told twice", "token", [
        get(0, call="x"), get(0, call="y"), answered(1, 1, call="x", then=[send(2, "a", token="")], **HISTORY),
        answered(2, 2, call="x", token=token(2, 1), then=[served("a", 2)]),
        answered(3, 1, call="y", then=[send(2, "a", token=token(2, 1))], **HISTORY),
        events(3, {"kind": "history_changed"}, server_event("a", "start"))], token=token(1, 9)))
    return out


def retry_after():
    date = "Fri, 20 Nov 2026 09:00:00 GMT"
    forms = [("0", "", 0), ("1", "", 1000), ("120", "", 120000), ("Fri, 20 Nov 2026 09:00:03 GMT", date, 3000),
             ("Friday, 20-Nov-26 09:00:03 GMT", date, 3000), ("Fri Nov 20 09:00:03 2026", date, 3000),
             ("Fri, 20 Nov 2026 08:59:00 GMT", date, 0), ("-1", "", None), ("1.5", "", None), ("soon", date, None), ("", "", None),
             ("1 ", "", None), ("99999999", "", 86400000)]
    return [case(f"Retry-After: {text!r} is {'nothing' if ms is None else f'{ms} ms'}", "Retry-After", [
        {"at": 0, "retryAfter": text, "date": sent, "is": ms}]) for text, sent, ms in forms]


def cases():
    return orders() + breakers() + fail_back() + views() + tokens() + retry_after()
