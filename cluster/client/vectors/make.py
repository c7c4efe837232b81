#!/usr/bin/env python3
"""Writes ../vectors.json: the cases every failover client must pass. What they mean is in ../VECTORS.md.

    cluster/client/vectors/make.py           writes the file
    cluster/client/vectors/make.py --check   changes nothing; exit code 1 when the file is not what this would write

The tables are written by hand from the rules, not recorded from a client.
"""
import json
import pathlib
import sys

import codes
import rules_calls
import rules_fleet
import wire

OUT = pathlib.Path(__file__).resolve().parent.parent / "vectors.json"
LISTS = ("steps", "calls", "seen")


def line(value):
    return json.dumps(value, ensure_ascii=False)


def block(name, values):
    rows = ",\n      ".join(line(value) for value in values)
    return f'"{name}": [\n      {rows}\n    ]' if values else f'"{name}": []'


def text_of(number, case):
    head = {"n": number, **{name: case[name] for name in ("level", "rule", "about")}}
    parts = [line(head)[1:-1]]
    for name, value in case.items():
        if name in head:
            continue
        parts.append(block(name, value) if name in LISTS else f"{line(name)}: {line(value)}")
    return "  {" + ",\n    ".join(parts) + "}"


def main():
    cases = rules_calls.cases() + rules_fleet.cases() + codes.cases() + wire.cases()
    text = "[\n" + ",\n".join(text_of(number, case) for number, case in enumerate(cases, 1)) + "\n]\n"
    json.loads(text)
    if "--check" in sys.argv[1:]:
        if OUT.read_text(encoding="utf-8") != text:
            print(f"{OUT} is not what {pathlib.Path(__file__).name} writes")
            sys.exit(1)
        return
    OUT.write_text(text, encoding="utf-8")
    levels = [case["level"] for case in cases]
    print(f"{len(cases)} cases: {levels.count('rules')} of rules, {levels.count('wire')} over the wire, {levels.count('stream')} of event streams")


if __name__ == "__main__":
    main()
