#!/usr/bin/env python3
"""Prints "PASSED FAILED" for a JUnit file of ctest or pytest.

    junit_counts.py FILE

A doctest executable is one test to ctest but says itself how many cases it ran; those are counted. A test
that failed without saying so (a crash, a timeout, an executable that is not there) counts as one failure.
"""
import re
import sys
import xml.etree.ElementTree as ElementTree

DOCTEST = re.compile(r"\[doctest\] test cases:\s*\d+\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed")


def counts_of(case):
    failed = any(case.find(tag) is not None for tag in ("failure", "error"))
    if case.get("status") in ("fail", "notrun", "disabled"):
        failed = True
    if not failed and case.find("skipped") is not None:
        return 0, 0
    # A colour code may stand anywhere in doctest's last line.
    output = re.sub(r"\x1b\[[0-9;]*m", "", case.findtext("system-out") or "")
    said = DOCTEST.findall(output)
    passed = sum(int(good) for good, _ in said)
    bad = sum(int(bad) for _, bad in said)
    if failed:
        return passed, max(bad, 1)
    return (passed, bad) if said else (1, 0)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    passed = failed = 0
    for case in ElementTree.parse(sys.argv[1]).getroot().iter("testcase"):
        good, bad = counts_of(case)
        passed += good
        failed += bad
    print(passed, failed)


if __name__ == "__main__":
    main()
