"""The judges of the cluster are judged: what counts epochs must see a mixed order, what cuts links must cut them, what moves clocks must."""
import os
import socket
import subprocess
import threading
import time

import pytest

from harness.epochs import check_duties_follow_epochs, check_positions_are_dense
from harness.links import Links
from harness.peers import Request, key_of
from harness.process import free_port
from harness.skewed_clock import SkewedClock, why_not
from harness.waiting import until

TAKEN_A, DONE_A = ("ActiveChanged", 1, "server-a"), ("DutyDone", 1, "server-a")
TAKEN_B, DONE_B = ("ActiveChanged", 2, "server-b"), ("DutyDone", 2, "server-b")


class Told:
    """A database that answers one query with these rows."""

    def __init__(self, *rows):
        self.rows = list(rows)

    def query(self, *_):
        return self.rows


def in_order(*rows):
    return Told(*((pos, *row) for pos, row in enumerate(rows, start=1)))


def test_duties_one_epoch_after_the_other_are_fine():
    assert check_duties_follow_epochs(in_order(TAKEN_A, DONE_A, DONE_A, TAKEN_B, DONE_B)) == (2, 3)


@pytest.mark.parametrize("rows", [
    (DONE_A,), (TAKEN_A, DONE_B), (TAKEN_A, TAKEN_B, DONE_A), (TAKEN_A, TAKEN_B, DONE_B, DONE_A), (TAKEN_B, TAKEN_A), (TAKEN_A, TAKEN_A),
    (TAKEN_A, ("DutyDone", 1, "server-b"))], ids=str)
def test_a_duty_of_another_epoch_is_seen(rows):
    with pytest.raises(AssertionError):
        check_duties_follow_epochs(in_order(*rows))


def test_a_hole_in_the_positions_is_seen():
    check_positions_are_dense(Told((1, 9, 9, 9)))
    for row in ((1, 9, 8, 9), (1, 9, 9, 10)):
        with pytest.raises(AssertionError):
            check_positions_are_dense(Told(row))


class Echo:
    """Takes requests and answers each at once; keeps what came."""

    def __init__(self):
        self.got = []
        self.port = free_port()
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                end, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(end,), daemon=True).start()

    def _serve(self, end):
        while piece := end.recv(65536):
            self.got.append(piece)
            end.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    def close(self):
        self._listener.close()


@pytest.fixture
def linked():
    echo = Echo()
    links = Links({"server-a": free_port(), "server-b": echo.port})
    yield echo, links
    links.close()
    echo.close()


def ask(links, timeout=0.4, sender="server-a"):
    """What came back through the link from `sender` to server-b; nothing is what a cut cable gives."""
    with socket.create_connection(("127.0.0.1", links.fronts["server-b"]), timeout=timeout) as end:
        end.sendall(Request("POST", "/api/sync/receive", sender, "server-b", b"{}").sign("s" * 32).bytes())
        try:
            return end.recv(4096)
        except socket.timeout:
            return b""


def test_a_link_carries(linked):
    echo, links = linked
    assert ask(links).endswith(b"ok")
    assert len(echo.got) == 1 and links["server-a", "server-b"].pushes == 1


def test_a_cut_link_carries_nothing_one_way_or_the_other(linked):
    echo, links = linked
    links["server-a", "server-b"].cut = True
    assert ask(links) == b"" and echo.got == []
    assert ask(links, sender="server-c").endswith(b"ok"), "another link was cut"
    links.mend()
    until(lambda: len(echo.got) == 2, 5, "what the cable held")
    links["server-b", "server-a"].cut = True
    assert ask(links) == b"" and len(echo.got) == 3, "the answer goes the other way"


def test_pushes_are_lost_doubled_and_late(linked):
    echo, links = linked
    link = links["server-a", "server-b"]
    link.lose = True
    assert ask(links) == b"" and echo.got == [] and link.met == 1
    links.mend()
    link.twice = True
    assert ask(links, 5).endswith(b"ok")
    assert len(echo.got) == 2 and echo.got[0] == echo.got[1]
    links.mend()
    link.late = 0.2
    began = time.monotonic()
    assert ask(links, 5).endswith(b"ok") and time.monotonic() - began >= 0.2


def test_keys_differ_by_direction_and_purpose():
    keys = {key_of("s" * 32, "a", "b"), key_of("s" * 32, "b", "a"), key_of("s" * 32, "a", "c"), key_of("t" * 32, "a", "b"), key_of("s" * 32, "a", "b", b"x")}
    assert len(keys) == 5


@pytest.mark.skipif(why_not() is not None, reason=str(why_not()))
def test_a_clock_is_moved_while_a_process_runs(tmp_path):
    clock = SkewedClock(str(tmp_path), "one")
    script = "import time, sys\nfor _ in sys.stdin: print(time.time(), time.monotonic(), flush=True)"
    child = subprocess.Popen(["/usr/bin/python3", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **clock.settings})

    def ask_child():
        child.stdin.write("?\n")
        child.stdin.flush()
        return [float(one) for one in child.stdout.readline().split()]
    try:
        for moved in (0, 3600, -3600, 0):
            clock.move(moved)
            wall, steady = ask_child()
            assert abs(wall - time.time() - moved) < 60 and abs(steady - time.monotonic()) < 60
    finally:
        child.stdin.close()
        child.wait(10)
