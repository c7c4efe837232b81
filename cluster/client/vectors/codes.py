"""Every error code of docs/openapi.yaml, against a keyed write (over the wire) and a write without a key (rules)."""
import pathlib
import re

from steps import answered, case, finish, keyless, send, served, server_event, tick, token

CONTRACT = pathlib.Path(__file__).resolve().parents[3] / "docs" / "openapi.yaml"

# What a client does after each code that is not simply the end of the call. Written down by hand: the test is that the
# client reads the same out of the answer.
AFTER = {
    "request_timeout": "same",
    "in_progress": "same",
    "history_changed": "drop_token",
    "other_incarnation": "same",
    "rate_limited": "same",
    "stock_busy": "same",
    "gateway_unavailable": "same",
    "too_many_attempts": "too_long",
    "hashing_busy": "other",
    "internal_error": "other",
    "overloaded": "other",
    "starting": "other",
    "draining": "other",
    "database_unavailable": "same",
    "outcome_unknown": "same",
}
COMMITTED_UNKNOWN = {"in_progress", "internal_error", "outcome_unknown"}
BLAMED = {"internal_error"}


def contract_codes():
    """The x-errors table: code, status, scope, committed, where, after_ms."""
    text = CONTRACT.read_text(encoding="utf-8")
    table = text[text.index("\nx-errors:"):text.index("\npaths:")]
    row = re.compile(r"  - code: (\w+)\n    status: (\d+)\n    scope: (\w+)\n    committed: '?(\w+)'?\n"
                     r"    retry: \{where: (\w+), afterMs: (\d+)\}")
    return [(code, int(status), scope, committed, where, int(after))
            for code, status, scope, committed, where, after in row.findall(table)]


def keyed_over_the_wire(code, status, scope, committed, where, after):
    problem = {"type": "about:blank", "title": "T", "status": status, "code": code, "scope": scope,
               "committed": committed, "retry": {"where": where, "afterMs": after}}
    script = {"status": status, "headers": {"Content-Type": "application/problem+json"}, "json": problem}
    done = {"status": 201, "json": {"id": 1}}
    one = {"level": "wire", "rule": "classification", "given": {"token": token(1, 5)}}
    request = {"method": "POST", "target": "/orders", "body": "{\"lines\":[1]}", "key": "K1", "token": token(1, 5)}
    call = {"method": "POST", "target": "/orders", "body": "{\"lines\":[1]}", "headers": {"Content-Type": "application/json"}}
    ok = {"ok": True, "status": 201, "committed": "yes", "attempts": 2}
    after_what = AFTER.get(code, "stop")
    if after_what in ("stop", "too_long"):
        end = "refused" if after_what == "stop" else "asked_too_long"
        return {**one, "about": f"{code}: the call ends, the caller reads the problem", "servers": {"a": [script]},
                "calls": [{**call, "expect": {"ok": False, "status": status, "code": code, "committed": committed,
                                              "end": end, "attempts": 1, "server": "a"}}],
                "seen": [{"server": "a", **request}]}
    if after_what == "other":
        return {**one, "about": f"{code}: at once on another node, same key, same bytes",
                "servers": {"a": [script], "b": [done]}, "calls": [{**call, "expect": {**ok, "server": "b"}}],
                "seen": [{"server": "a", **request}, {"server": "b", **request}]}
    again = {"server": "a", **request, "minWaitMs": after}
    if after_what == "drop_token":
        again["token"] = None
    expect = {**one, "about": f"{code}: once more on the same node, same key, same bytes",
              "servers": {"a": [script, done]}, "calls": [{**call, "expect": {**ok, "server": "a"}}],
              "seen": [{"server": "a", **request}, again]}
    if after_what == "drop_token":
        expect["about"] = f"{code}: the token is forgotten, the caller is told, once more with the same key"
        expect["events"] = [{"kind": "history_changed"}, server_event("a", "start")]
    return expect


def keyless_rules(code, status, scope, committed, where, after):
    report = {"status": status, "code": code, "scope": scope, "committed": committed, "where": where, "askedMs": after}
    what = AFTER.get(code, "stop")
    title = f"{code} to a write without a key: "
    if code in COMMITTED_UNKNOWN:
        return case(title + "it may have happened, so it is not repeated", "writes", [
            keyless(), answered(10, 1, then=[finish("not_repeatable", 1, committed="unknown", code=code)], **report)])
    if what in ("stop", "too_long"):
        end = "refused" if what == "stop" else "asked_too_long"
        return case(title + "the end", "writes", [
            keyless(), answered(10, 1, then=[finish(end, 1, committed="no", code=code)], **report)])
    node = "b" if what == "other" else "a"
    if what == "drop_token":
        return case(title + "it did not happen, so once more", "writes", [
            keyless(), answered(10, 1, then=[send(2, "a", token="")], **report),
            answered(20, 2, 201, then=[served("a", 2, "yes")])])
    # Jitter 0.5: half of 25 ms to another node, the time asked for and half of 50 ms on the same one; half of the
    # overload step where nothing was asked for.
    at = 10 + (12 if what == "other" else after + 25)
    return case(title + "it did not happen, so once more", "writes", [
        keyless(), answered(10, 1, wake=at, **report), tick(at, [send(2, node)]),
        answered(at + 10, 2, 201, then=[served(node, 2, "yes")])], jitter=[0.5])


def cases():
    codes = contract_codes()
    return [keyed_over_the_wire(*one) for one in codes] + [keyless_rules(*one) for one in codes]
