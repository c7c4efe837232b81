"""Short words for the steps of rules cases. See ../VECTORS.md for what they mean."""

MAC = "0123456789abcdef"


def token(incarnation, pos):
    return f"{incarnation}.{pos}.{MAC}"


def case(about, rule, steps, servers=("a", "b", "c"), **given):
    listed = [{"id": name, "priority": place} for place, name in enumerate(servers, 1)]
    return {"level": "rules", "rule": rule, "about": about, "given": {"servers": listed, **given}, "steps": steps}


def begin(at, then, call="c", method="GET", key=None, hedge=False, wake=None, **more):
    key = (method != "GET") if key is None else key
    step = {"at": at, "begin": {"call": call, "method": method, "key": key, "hedge": hedge, **more}, "then": then}
    return with_wake(step, wake)


def get(at=0, node="a", **more):
    return begin(at, [send(1, node)], **more)


def post(at=0, node="a", **more):
    return begin(at, [send(1, node)], method="POST", **more)


def keyless(at=0, node="a", **more):
    return begin(at, [send(1, node)], method="POST", key=False, **more)


def ended(at, attempt, how, then=(), call="c", wake=None, **report):
    return with_wake({"at": at, "ended": {"call": call, "attempt": attempt, "how": how, **report}, "then": list(then)}, wake)


def answered(at, attempt, status=200, then=(), call="c", wake=None, **report):
    return ended(at, attempt, "answer", then, call, wake, status=status, **report)


def tick(at, then=(), call="c", wake=None):
    return with_wake({"at": at, "tick": call, "then": list(then)}, wake)


def cancel(at, then, call="c"):
    return {"at": at, "cancel": call, "then": then}


def send(attempt, node, **more):
    return {"send": attempt, "node": node, **more}


def drop(attempt):
    return {"drop": attempt}


def finish(end, attempts, **more):
    return {"finish": end, "attempts": attempts, **more}


def served(node, attempts, committed="no", **more):
    return finish("served", attempts, node=node, committed=committed, **more)


def record(at, node, how="lost", read=True, times=1, **report):
    return {"at": at, "record": {"node": node, "how": how, "read": read, "times": times, **report}}


def samples(at, node, milliseconds, read=True):
    return {"at": at, "samples": {"node": node, "read": read, "ms": milliseconds}}


def order(at, nodes, read=True):
    return {"at": at, "order": {"read": read}, "is": list(nodes)}


def view(at, number, news, source="a", servers=("a", "b", "c"), incarnation=1, epoch=1, active="a", cluster="shop", **more):
    listed = [one if isinstance(one, dict) else listed_server(one, place) for place, one in enumerate(servers, 1)]
    told = {"cluster": cluster, "incarnation": incarnation, "epoch": epoch, "view": number, "active": active,
            "servers": listed, **more}
    return {"at": at, "view": told, "from": source, "news": news}


def listed_server(name, priority=1, state="alive", url=None):
    return {"id": name, "url": url or f"http://{name}", "priority": priority, "state": state}


def probes(at, due):
    return {"at": at, "probes": list(due)}


def probed(at, node, good):
    return {"at": at, "probed": node, "good": good}


def state(at, is_now):
    return {"at": at, "state": is_now}


def events(at, *told):
    return {"at": at, "events": list(told)}


def server_event(server, why, before=""):
    return {"kind": "server", "server": server, "from": before, "why": why}


def state_event(is_now):
    return {"kind": "state", "state": is_now}


def with_wake(step, wake):
    if wake is not None:
        step["wakeAt"] = wake
    return step


def problem(code, status, scope, committed, where, after_ms):
    return {"status": status, "code": code, "scope": scope, "committed": committed, "where": where, "askedMs": after_ms}
