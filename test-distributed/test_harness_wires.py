"""What loses packets is judged: as many as it was told, in the direction it was told, and none of others."""
import json
import socket
import threading
import time

import pytest

from harness.process import free_port
from harness.switch import Switch, Way
from harness.wires import Wires, why_not

ADDRESSES = {"a": "10.0.0.1", "b": "10.0.0.2", "c": "10.0.0.3"}


class Recorded(Switch):
    """A switch without devices: what it passes on is kept."""

    def __init__(self, seed):
        super().__init__(seed, [(name, number, address) for number, (name, address) in enumerate(ADDRESSES.items())])
        self.arrived = []

    def write(self, fd, packet):
        self.arrived.append((list(ADDRESSES)[fd], packet))

    def send(self, one, other, count=1, now=0.0):
        head = bytes([0x45]) + bytes(11)
        ends = b"".join(socket.inet_aton(ADDRESSES[name]) for name in (one, other))
        for number in range(count):
            self.packet(head + ends + number.to_bytes(4, "big"), now)

    def rule(self, one, other, **what):
        return self.command(json.dumps({"from": one, "to": other, **what}), 0.0)


def test_a_switch_carries_to_whom_it_is_for():
    switch = Recorded(1)
    switch.send("a", "b", 3)
    switch.send("b", "c")
    switch.packet(b"\x60" + bytes(40), 0.0)
    switch.packet(b"short", 0.0)
    assert [whom for whom, _ in switch.arrived] == ["b", "b", "b", "c"]
    assert switch.command('{"count": true}', 0.0)["a b"] == [3, 0]


def test_a_rule_is_for_one_direction():
    switch = Recorded(1)
    switch.rule("a", "b", cut=True)
    switch.send("a", "b", 5)
    assert switch.arrived == []
    switch.send("b", "a", 5)
    switch.send("a", "c", 5)
    assert len(switch.arrived) == 10
    switch.rule("a", "b", cut=False)
    switch.send("a", "b", 5)
    assert len(switch.arrived) == 15 and switch.command('{"count": true}', 0.0)["a b"] == [5, 5]


def test_as_many_packets_are_lost_as_it_was_told_and_the_same_ones_with_the_same_seed():
    def lost(seed):
        way = Way(seed)
        way.loss = 0.1
        return [number for number in range(10_000) if not way.take(0.0)]
    assert 900 < len(lost("1")) < 1100
    assert lost("1") == lost("1") != lost("2")


def test_late_packets_keep_their_order_and_their_time():
    switch = Recorded(1)
    switch.rule("a", "b", delay=0.2)
    switch.send("a", "b", 3, now=1.0)
    switch.send_due(1.19)
    assert switch.arrived == []
    switch.send_due(1.21)
    assert [packet[-1] for _, packet in switch.arrived] == [0, 1, 2]


def test_a_link_flaps():
    way = Way("1")
    way.flap, way.since = 1.0, 10.0
    assert [way.take(10.0 + moment) for moment in (0.1, 0.9, 1.1, 1.9, 2.1, 3.1)] == [True, True, False, False, True, False]


NO = why_not()


@pytest.mark.skipif(NO is not None, reason=str(NO))
def test_wires_between_namespaces():
    """A server in one, a caller in another, and one outside who comes through the proxy."""
    ports = {"server-a": free_port(), "server-b": free_port()}
    wires = Wires(ports, free_port(), seed=1)
    server = wires.spaces["server-b"].inside(lambda: socket.create_server(("0.0.0.0", ports["server-b"])))

    def echo():
        while True:
            try:
                end, _ = server.accept()
            except OSError:
                return
            with end:
                while piece := end.recv(100):
                    end.sendall(piece)

    def ask(address=wires.addresses["server-b"]):
        began = time.monotonic()
        with socket.create_connection((address, ports["server-b"]), timeout=5) as end:
            end.sendall(b"hello")
            assert end.recv(100) == b"hello"
        return time.monotonic() - began
    inside = wires.spaces["server-a"].inside
    thread = threading.Thread(target=echo, daemon=True)
    thread.start()
    try:
        inside(ask)
        assert ask("127.0.0.1") >= 0
        wires.rule("server-a", "server-b", delay=0.1)
        assert inside(ask) >= 0.2, "the connection, then the word"
        wires.mend()
        wires.pair("server-a", "server-b", loss=0.3)
        while wires.lost() == 0:
            inside(ask)
        wires.pair("server-a", "server-b", cut=True)
        with pytest.raises(OSError):
            inside(lambda: socket.create_connection((wires.addresses["server-b"], ports["server-b"]), timeout=0.3))
        wires.mend()
        inside(ask)
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        wires.close()
