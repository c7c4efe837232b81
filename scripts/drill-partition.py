#!/usr/bin/env python3
"""Cuts the network between nodes of a cluster that is made for it, and measures what clients see.

    sudo scripts/drill-partition.py                  20 cuts
    sudo scripts/drill-partition.py --repeat 100     ...
    sudo scripts/drill-partition.py --json           what else kiengctl drill partition takes is passed on

Three nodes, each in a network namespace of its own, over a private PostgreSQL that all of them reach; a fourth namespace is the
operator's, and `kiengctl drill partition` runs there. It needs root, nsenter, ip, /dev/net/tun and the built programs (KIENG_NODE names
another kieng-node than build/dev/bin's; kiengctl lies beside it). Nothing of it touches the machine's own network, and nothing stays
behind. Exit codes are kiengctl's (docs/KIENGCTL.md); 3 when there can be no namespaces here.
"""
import os
import signal
import subprocess
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path.insert(0, os.path.join(TOP, "test-distributed"))
sys.dont_write_bytecode = True

from harness import kiengctl, wires  # noqa: E402 - found only now
from harness.cluster import Cluster  # noqa: E402


def drill(shop, wanted):
    words = wanted if "--repeat" in wanted else ["--repeat", "20", *wanted]
    command = [*shop.wires.operator.prefix, kiengctl.KIENGCTL, "drill", "partition", "--netns", "--i-am-a-test-cluster", *kiengctl.pids(shop), *words]
    given = {"PATH": os.environ["PATH"], "KIENG_URL": shop[0].settings["SELF_URL"], "OWNER_EMAIL": shop.owner_email, "OWNER_PASSWORD": shop.owner_password}
    return subprocess.run(command, env=given, stdin=subprocess.DEVNULL, check=False).returncode


def main():
    if {"-h", "--help"} & set(sys.argv[1:]):
        print(__doc__.strip())
        return 0
    why = wires.why_not() or kiengctl.why_not()
    if why:
        print(f"drill-partition: {why}", file=sys.stderr)
        return 3
    # As Ctrl-C: what was started is ended first.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        # The role stays where it is: a fail-back between two cuts would count as a move.
        with Cluster(wires=0, settings={"FAILBACK_AFTER": "60m"}) as shop:
            shop.wait_settled()
            return drill(shop, sys.argv[1:])
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
