"""A switch between TUN devices, as a process of its own: takes whole IP packets in, and loses, holds or delays them pair by pair.

    python3 switch.py SEED NAME=FD=ADDRESS...

Reads commands on its input, one JSON object per line, and answers each with one: {"from","to", any of "loss" (0..1), "delay" (seconds),
"cut" (bool), "flap" (seconds up, then as long down)} sets what one direction does, {"count": true} tells how many packets each direction
passed and lost. It ends with its input. Here an end of the input is the end of the test."""
import heapq
import itertools
import json
import os
import random
import select
import sys
import time


class Way:
    """What one node says to one other."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.loss, self.delay, self.cut, self.flap = 0.0, 0.0, False, 0.0
        self.since = 0.0
        self.passed = self.lost = 0

    def take(self, now):
        """Whether this packet gets through."""
        down = self.flap > 0 and int((now - self.since) / self.flap) % 2 == 1
        through = not (self.cut or down or (self.loss > 0 and self.chance.random() < self.loss))
        self.passed += through
        self.lost += not through
        return through


class Switch:
    def __init__(self, seed, ports):
        self.fds = {name: fd for name, fd, _ in ports}
        self.names = {bytes(int(part) for part in address.split(".")): name for name, _, address in ports}
        self.ways = {(one, other): Way(f"{seed} {one} {other}") for one, other in itertools.permutations(self.fds, 2)}
        self.waiting = []  # (due, order, fd, packet)
        self.order = itertools.count()

    def packet(self, packet, now):
        if len(packet) < 20 or packet[0] >> 4 != 4:
            return
        way = (self.names.get(packet[12:16]), self.names.get(packet[16:20]))
        if way not in self.ways or not self.ways[way].take(now):
            return
        if self.ways[way].delay > 0:
            heapq.heappush(self.waiting, (now + self.ways[way].delay, next(self.order), self.fds[way[1]], packet))
        else:
            self.write(self.fds[way[1]], packet)

    def send_due(self, now):
        while self.waiting and self.waiting[0][0] <= now:
            _, _, fd, packet = heapq.heappop(self.waiting)
            self.write(fd, packet)

    def command(self, line, now):
        order = json.loads(line)
        if order.pop("count", False):
            return {f"{one} {other}": [way.passed, way.lost] for (one, other), way in self.ways.items()}
        way = self.ways[order.pop("from"), order.pop("to")]
        way.since = now
        vars(way).update(order)
        return {}

    def run(self):
        poll = select.poll()
        for fd in (0, *self.fds.values()):
            os.set_blocking(fd, False)
            poll.register(fd, select.POLLIN)
        rest = b""
        while True:
            due = self.waiting[0][0] - time.monotonic() if self.waiting else 1.0
            for fd, _ in poll.poll(max(0.0, due * 1000)):
                if fd != 0:
                    self._drain(fd)
                    continue
                piece = os.read(0, 65536)
                if not piece:
                    return
                *lines, rest = (rest + piece).split(b"\n")
                for line in lines:
                    print(json.dumps(self.command(line, time.monotonic())), flush=True)
            self.send_due(time.monotonic())

    def _drain(self, fd):
        for _ in range(64):
            try:
                packet = os.read(fd, 65536)
            except BlockingIOError:
                return
            self.packet(packet, time.monotonic())

    def write(self, fd, packet):
        try:
            os.write(fd, packet)
        except OSError:
            pass  # a full queue loses packets, as queues do


if __name__ == "__main__":
    told = [one.split("=") for one in sys.argv[2:]]
    Switch(sys.argv[1], [(name, int(fd), address) for name, fd, address in told]).run()
