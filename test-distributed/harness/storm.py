"""Breaks and mends nodes as a schedule says, while a load goes on."""
import time

from .schedule import FAULTS, schedule
from .waiting import NoAnswer


class Storm:
    """Follows the schedule of a seed. Whatever it broke is whole again after `calm()`."""

    def __init__(self, shop, seed):
        self.shop = shop
        self.steps = schedule(seed)
        self.done = {fault: 0 for fault in (*FAULTS, "foreign")}
        self.turn = 0
        self._ring = []
        self._broken = {}  # node by (turn, role)
        self._foreign = None
        shop.postgres.query("CREATE TABLE IF NOT EXISTS foreign_work (n int)")

    def follow(self, goes_on):
        """Step by step at its time, for as long as `goes_on()`, which is asked all the while."""
        began = time.monotonic()
        for step in self.steps:
            while time.monotonic() - began < step.at:
                if not goes_on():
                    return
                time.sleep(0.01)  # until the step's time: when it happens is part of the fault
            self._take(step)

    def calm(self):
        """Mends what is broken."""
        for key in list(self._broken):
            self._mend(key)
        self._end_foreign()
        for node in self.shop.nodes:
            node.wait_ready()

    def _take(self, step):
        if step.what == "foreign":
            self.done["foreign"] += 1
            self._foreign = self.shop.postgres.connect()
            self._foreign.cursor().execute("INSERT INTO foreign_work VALUES (1)")
        elif step.what == "foreign_end":
            self._end_foreign()
        elif step.what == "mend":
            self._mend((step.turn, step.role))
        else:
            self._break(step)

    def _break(self, step):
        if step.turn != self.turn:
            self.turn, self._ring = step.turn, self._by_role()
        node = self._ring[step.role]
        print(f"{time.time():.3f} {step.what} {node.name} ({step})")  # shown when the test fails
        self.done[step.what] += 1
        self._broken[step.turn, step.role] = (node, step.what)
        if step.what == "stop":
            node.pause()
        elif step.what == "kill":
            node.kill()
        else:
            node.terminate()

    def _mend(self, key):
        node, what = self._broken.pop(key)
        if what == "stop":
            node.resume()
            return
        if what == "restart":
            code = node.process.wait(15)
            assert code == 0, f"{node.name} ended with {code}"
        node.start()

    def _end_foreign(self):
        if self._foreign is not None:
            self._foreign.rollback()
            self._foreign.close()
            self._foreign = None

    def _by_role(self):
        """The active node, as far as anybody knows, then the others by name."""
        for node in self.shop.nodes:
            try:
                active = node.status()["active"]
            except (OSError, NoAnswer):
                continue
            if active:
                return sorted(self.shop.nodes, key=lambda one: (one.name != active["id"], one.name))
        return list(self.shop.nodes)
