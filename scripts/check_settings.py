#!/usr/bin/env python3
"""Checks that every setting is documented everywhere, with its default: in --help, in .env.example and in docs/DEPLOYMENT.md.

    scripts/check_settings.py

The names the server reads (node/settings*.cpp) and the defaults of --help are the measure. Exits 1 and names what differs.
"""
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
ELSEWHERE = {"KIENG_ENV_FILE"}  # names the file itself, so it cannot stand in it


def names(path, pattern):
    return set(re.findall(pattern, (TOP / path).read_text(encoding="utf-8"), flags=re.M))


def read_by_server():
    text = "".join((TOP / name).read_text(encoding="utf-8") for name in ("node/settings.cpp", "node/settings_payments.cpp"))
    found = set(re.findall(r'\bin\.\w+\(\s*"([A-Z][A-Z0-9_]+)"', text))
    # Built in a loop over the letters.
    return found | {"SERVER_A_URL", "SERVER_B_URL", "SERVER_C_URL"}


def defaults():
    """Those that are values rather than words about one."""
    text = (TOP / "node/settings_help.cpp").read_text(encoding="utf-8")
    rows = re.findall(r'help_row\{\s*"([A-Z0-9_]+)",\s*"([^"]*)"', text)
    return {name: value for name, value in rows if re.fullmatch(r"[a-z0-9:/]+[a-zA-Z0-9]*|VND|::", value)}


def other_defaults(path, pattern, known):
    found = dict(re.findall(pattern, (TOP / path).read_text(encoding="utf-8"), flags=re.M))
    return [f"{path}: the default of {name} is {known[name]}, not {value}" for name, value in sorted(found.items())
            if name in known and value != known[name]]


def main():
    known = read_by_server()
    places = {
        "--help": names("node/settings_help.cpp", r'help_row\{\s*"([A-Z0-9_]+)"'),
        ".env.example": names(".env.example", r"^#?([A-Z][A-Z0-9_]+)=") - ELSEWHERE,
        "docs/DEPLOYMENT.md": names("docs/DEPLOYMENT.md", r"^\| `([A-Z][A-Z0-9_]+)` \|") - ELSEWHERE,
    }
    faults = []
    for place, found in places.items():
        faults += [f"{place}: {name} is missing" for name in sorted(known - found)]
        faults += [f"{place}: {name} is no setting" for name in sorted(found - known)]
    values = defaults()
    faults += other_defaults(".env.example", r"^#([A-Z][A-Z0-9_]+)=(.+)$", values)
    faults += other_defaults("docs/DEPLOYMENT.md", r"^\| `([A-Z][A-Z0-9_]+)` \| `([^`]+)`", values)
    print("\n".join(faults) if faults else f"{len(known)} settings, documented in {len(places)} places, {len(values)} of them with their default")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
