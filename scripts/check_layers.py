#!/usr/bin/env python3
"""Holds the direction of the code: who may include whom, and where a few things may stand at all.

    scripts/check_layers.py [ROOT]

Prints one line per fault (file:line: rule) and exits 1 when there is one. The tables below are the rule;
docs/ARCHITECTURE.md explains it.
"""
import pathlib
import re
import sys

# Layer -> the layers it may include besides itself. `base` is the ground, `node/app` the roof.
MAY_INCLUDE = {
    "base": set(),
    "cluster/core": {"base"},
    "cluster/wire": {"base", "cluster/core"},
    "cluster/runtime": {"base", "cluster/core", "cluster/wire"},
    "cluster/client": {"base", "cluster/core", "cluster/wire"},
    "cluster/ctl": {"base", "cluster/core", "cluster/wire", "cluster/client"},
    "node/platform": {"base", "cluster/core"},
    "node/capability": {"base", "cluster/core", "node/platform"},
    "node/app": {"base", "cluster/core", "cluster/wire", "cluster/runtime", "node/platform",
                 "node/capability"},
    # Programs around the product: they may use all of it, nothing of it uses them.
    "around": {"base", "cluster/core", "cluster/wire", "cluster/runtime", "cluster/client",
               "cluster/ctl", "node/platform", "node/capability", "node/app"},
}
AROUND = ("bench", "fuzz", "test-distributed")

# What stands outside of the project, and the only files that may include it. A part too long for one file
# goes on in another: product_json.cpp, product_json_read.cpp.
ONLY_IN = [
    ("pqxx", re.compile(r"<pqxx/|^\"node/platform/store/tx\.hpp\""),
     re.compile(r"^node/platform/store/|_store(_[a-z_]+)?\.[ch]pp$"),
     "pqxx stands in node/platform/store and *_store.* alone"),
    ("Beast", re.compile(r"<boost/beast"),
     re.compile(r"^(node/platform/http|cluster/runtime|cluster/client)/"),
     "Beast stands in node/platform/http, cluster/runtime and cluster/client alone"),
    ("nlohmann", re.compile(r"<nlohmann/"),
     re.compile(r"_json(_[a-z_]+)?\.[ch]pp$|^base/json|^node/platform/|^cluster/wire/|_(test|fuzz)\.cpp$|/testing\.[ch]pp$"),
     "nlohmann stands in *_json.*, base/json*, node/platform, cluster/wire and tests alone"),
]

# What a capability may not include of another one: its inner parts.
INNER_PART = re.compile(r"_(store|routes|json|test)(_[a-z_]+)?\.[ch]pp$")

INCLUDE = re.compile(r'^\s*#\s*include\s*(<[^>]+>|"[^"]+")')
SOURCES = {".cpp", ".hpp", ".h", ".cc", ".ipp"}
NOT_OURS = {"build", "node_modules", ".git", ".run"}
NOW = re.compile(r"::\s*now\s*\(")
SLEEP = re.compile(r"\bsleep_(for|until)\s*\(")


def layer_of(path):
    """(layer, capability or None) of a path inside the project, or (None, None)."""
    parts = path.split("/")
    if parts[0] == "base":
        return "base", None
    if parts[0] in AROUND:
        return "around", None
    if parts[0] == "cluster" and len(parts) > 2 and "cluster/" + parts[1] in MAY_INCLUDE:
        return "cluster/" + parts[1], None
    if parts[0] == "node":
        if len(parts) == 2 or parts[1] == "app":
            return "node/app", None
        if parts[1] == "platform":
            return "node/platform", None
        return "node/capability", parts[1]
    return None, None


def without_comments(text):
    """The text with comments and the insides of literals blanked; lines stay where they are."""
    def blank(match):
        found = match.group(0)
        if found.startswith(("//", "/*")):
            return re.sub(r"[^\n]", " ", found)
        return found[0] + re.sub(r"[^\n]", " ", found[1:-1]) + found[-1]

    return re.sub(r'//[^\n]*|/\*.*?\*/|R"\(.*?\)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'',
                  blank, text, flags=re.S)


class Checker:
    def __init__(self, root):
        self.root = pathlib.Path(root).resolve()
        self.faults = []

    def sources(self):
        for path in sorted(self.root.rglob("*")):
            relative = path.relative_to(self.root)
            if path.suffix in SOURCES and not NOT_OURS.intersection(relative.parts):
                yield path, relative.as_posix()

    def fault(self, where, line, rule):
        self.faults.append(f"{where}:{line}: {rule}")

    def resolve(self, where, target):
        """The project path of an included name, or None when it is not a file of the project."""
        for base in (self.root / pathlib.PurePosixPath(where).parent, self.root):
            candidate = (base / target).resolve()
            if candidate.is_file() and candidate.is_relative_to(self.root):
                return candidate.relative_to(self.root).as_posix()
        return None

    def check_include(self, where, line, included):
        for _, what, allowed, rule in ONLY_IN:
            if what.search(included) and not allowed.search(where) and layer_of(where)[0] != "around":
                self.fault(where, line, rule)
        target = included[1:-1]
        resolved = self.resolve(where, target)
        if resolved is None:
            if included.startswith('"'):
                self.fault(where, line, f"includes {target}, which is not a file of the project")
            return
        self.check_direction(where, line, resolved)

    def check_direction(self, where, line, resolved):
        layer, capability = layer_of(where)
        other, other_capability = layer_of(resolved)
        if other is None:
            self.fault(where, line, f"{resolved} lies in no layer")
        elif other == "around" and layer != "around":
            self.fault(where, line, f"{layer} includes {resolved}: the product does not use what stands around it")
        elif other != layer and other not in MAY_INCLUDE[layer]:
            self.fault(where, line, f"{layer} must not include {other} ({resolved})")
        elif (layer == "node/capability" and other == layer and capability != other_capability
              and INNER_PART.search(resolved)):
            self.fault(where, line, f"{capability} must not include an inner part of {other_capability}"
                                    f" ({resolved}); its service and its values are for others")

    def check_file(self, path, where):
        if layer_of(where)[0] is None:
            self.fault(where, 1, "lies in no layer: put it in one, or teach scripts/check_layers.py a new one")
            return
        text = path.read_text(encoding="utf-8")
        code = without_comments(text)
        for number, (raw, line) in enumerate(zip(text.split("\n"), code.split("\n")), start=1):
            # The name of an include is a literal, so it is read from the text; a comment has no '#' left.
            found = INCLUDE.match(raw) if "#" in line else None
            if found:
                self.check_include(where, number, found.group(1))
            if where != "base/clock.cpp" and NOW.search(line):
                self.fault(where, number, "the time comes in through kieng::clock: ::now() stands in base/clock.cpp alone")
            if where.endswith("_test.cpp") and SLEEP.search(line):
                self.fault(where, number, "a test does not sleep: it waits for the thing, with a deadline")

    def run(self):
        count = 0
        for path, where in self.sources():
            self.check_file(path, where)
            count += 1
        return count


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent
    checker = Checker(root)
    count = checker.run()
    for fault in checker.faults:
        print(fault)
    print(f"{count} files, {len(checker.faults)} faults")
    sys.exit(1 if checker.faults else 0)


if __name__ == "__main__":
    main()
