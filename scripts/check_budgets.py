#!/usr/bin/env python3
"""Prints what passes the budgets that make a writer stop and think: files over 300 lines, functions over 60.

    scripts/check_budgets.py [ROOT]

Never fails: a long file may be one thing. Relies on the layout clang-format holds: a function's brace opens
and closes on lines of their own, at one indentation.
"""
import pathlib
import re
import sys

FILE_LINES = 300
FUNCTION_LINES = 60
SUFFIXES = {".cpp", ".hpp", ".ts", ".tsx", ".py", ".sh"}
NOT_OURS = {"build", "node_modules", ".git", ".run", "dist"}

OPENING = re.compile(r"^(\s*)\{$")
NAME = re.compile(r"([~\w:]+)\s*\([^()]*(?:\([^()]*\)[^()]*)*\)?[^()]*$")


def sources(root):
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        if path.suffix in SUFFIXES and path.is_file() and not NOT_OURS.intersection(relative.parts):
            yield path, relative.as_posix()


def long_functions(lines):
    """(line of the opening brace, length, name) of each function over the budget."""
    for start, line in enumerate(lines):
        opening = OPENING.match(line)
        if not opening or start == 0 or lines[start - 1].rstrip().endswith((";", "{", "}", ",")):
            continue
        closing = opening.group(1) + "}"
        for end in range(start + 1, len(lines)):
            if lines[end].rstrip() in (closing, closing + ";"):
                if end - start - 1 > FUNCTION_LINES:
                    head = NAME.search(" ".join(part.strip() for part in lines[max(0, start - 4):start]))
                    yield start + 1, end - start - 1, head.group(1) if head else "a function"
                break


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent)
    notes = []
    for path, name in sources(root):
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
        if len(lines) - 1 > FILE_LINES:
            notes.append(f"{name}: {len(lines) - 1} lines")
        if path.suffix in (".cpp", ".hpp"):
            notes += [f"{name}:{line}: {function} has {length} lines"
                      for line, length, function in long_functions(lines)]
    print("\n".join(notes) if notes else "nothing passes the budgets")


if __name__ == "__main__":
    main()
