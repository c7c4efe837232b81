"""What every test may ask for: a cluster to share, clusters of one's own, people, and a place to report figures."""
import collections
import os
import re

import pytest

from harness import openapi
from harness.cluster import Cluster
from harness.node import binary
from harness.people import People

USUAL_SEEDS = [1048]  # in its first seconds nearly everything happens, to nodes in every role
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_shared = {}
_figures = {}
_totals = {"seen": collections.Counter(), "figures": {}}


def pytest_addoption(parser):
    group = parser.getgroup("kieng")
    group.addoption("--faults", action="store_true", help="only the tests that break something, in their long form")
    group.addoption("--seed", action="append", type=int, default=[], metavar="X",
                    help="the schedule of faults to run; may be repeated, the tests that follow one then run once for each")


def pytest_configure(config):
    if config.option.faults:
        os.environ["KIENG_LONG"] = "1"
    if not config.option.collectonly and not os.access(binary(), os.X_OK):
        pytest.exit(f"{binary()} is not there: build it first, or name one in KIENG_NODE", returncode=3)


def pytest_report_header(config):
    return "seeds: " + " ".join(map(str, config.option.seed or USUAL_SEEDS))


def pytest_generate_tests(metafunc):
    """Who asks for `seed` runs once per seed and draws all its chances from it: the same seed, the same schedule."""
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", metafunc.config.option.seed or USUAL_SEEDS, ids="seed-{}".format)


def pytest_collection_modifyitems(config, items):
    if config.option.faults:
        others = [item for item in items if not item.get_closest_marker("faults")]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item.get_closest_marker("faults")]
    if os.environ.get("KIENG_LONG") != "1":
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason="long: set KIENG_LONG=1"))


def _keep_folder(request):
    return os.path.join(ROOT, "build", "test-distributed", re.sub(r"[^A-Za-z0-9_.-]+", "_", request.node.nodeid)[-120:])


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows the end of each node's log."""
    outcome = yield
    report = outcome.get_result()
    if report.when == "call" and report.failed:
        item.failed = True
        for cluster in _clusters_of(item):
            for node in cluster.nodes:
                report.sections.append((f"log of {node.name}", node.tail(12)))
        seed = getattr(item, "callspec", None) and item.callspec.params.get("seed")
        if seed is not None:
            long = " --faults" if item.config.option.faults else ""
            report.sections.append(("the same again", f"scripts/test.sh{long} --seed {seed} --only {item.originalname}"))


def _clusters_of(item):
    found = [value for value in item.funcargs.values() if isinstance(value, Cluster)]
    return found + getattr(item, "own_clusters", [])


@pytest.fixture(scope="session")
def cluster(request):
    """Three healthy nodes that all tests of this process share. Who breaks something takes `own_cluster`."""
    with Cluster() as started:
        _shared["cluster"] = started
        yield started
        del _shared["cluster"]
        faults = started.faults()
        keep = os.path.join(ROOT, "build", "test-distributed", "shared-" + os.environ.get("PYTEST_XDIST_WORKER", "main"))
        if faults or request.session.testsfailed:
            started.close(keep)
    assert not faults, faults


@pytest.fixture(scope="session")
def people(cluster):
    return People(cluster)


@pytest.fixture
def own_cluster(request):
    """Makes clusters that the test may break: `own_cluster(settings={...})`. All of it is gone afterwards."""
    made = request.node.own_clusters = []

    def make(**options):
        started = Cluster(**options)
        made.append(started)
        try:
            return started.start()
        except BaseException:
            request.node.failed = True
            raise
    yield make
    faults = [fault for one in made for fault in one.faults()]
    for one in made:
        one.close(_keep_folder(request) if faults or getattr(request.node, "failed", False) else None)
    assert not faults, faults


@pytest.fixture(autouse=True)
def _shared_nodes_stay_up():
    """No test, however hostile, may bring down a node that others use."""
    yield
    if "cluster" in _shared:
        faults = _shared["cluster"].faults()
        assert not faults, faults


@pytest.fixture
def figure():
    """Reports a measured value in the summary; figures are told, not judged."""
    def report(name, value):
        _figures[name] = value
    return report


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    mine = {"seen": [[*key, times] for key, times in openapi.contract().seen.items()], "figures": dict(_figures)}
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["kieng"] = mine
    else:
        _add(mine)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    _add(getattr(node, "workeroutput", {}).get("kieng", {"seen": [], "figures": {}}))


def _add(part):
    for operation, status, times in part["seen"]:
        _totals["seen"][(operation, status)] += times
    _totals["figures"].update(part["figures"])


def pytest_terminal_summary(terminalreporter):
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    hostile = sum("test_hostile" in report.nodeid for report in reports)
    seen = _totals["seen"]
    operations = {operation.id for operation in openapi.contract().operations}
    well = {operation for operation, status in seen if status < 400} & operations
    terminalreporter.write_line(
        f"contract: {sum(seen.values())} answers checked, {len(well)} of {len(operations)} operations answered well, "
        f"{len(seen)} (operation, status) pairs seen; hostile cases run: {hostile}")
    for name, value in sorted(_totals["figures"].items()):
        terminalreporter.write_line(f"figure: {name}: {value}")
