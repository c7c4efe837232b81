"""Breaks and mends nodes, what is between them, and the database, as a schedule says, while a load goes on."""
import time

from .schedule import schedule
from .waiting import NoAnswer


class Storm:
    """Follows the schedule of a seed. Whatever it broke is whole again after `calm()`."""

    def __init__(self, shop, seed, **kinds):
        """`kinds` as for `schedule`. What happens between nodes needs a cluster with `wires`."""
        self.shop = shop
        self.steps = schedule(seed, **kinds)
        self.done = {}  # how often which fault
        self._turn = 0
        self._ring = []
        self._undo = {}  # by (turn, role)
        self._database = True  # is within reach
        self._foreign = None
        shop.postgres.query("CREATE TABLE IF NOT EXISTS foreign_work (n int)")

    def follow(self, goes_on):
        """Step by step at its time, for as long as `goes_on()`, which is asked all the while. A step that takes long, as an orderly end does,
        moves the later ones."""
        began = time.monotonic()
        for step in self.steps:
            while time.monotonic() - began < step.at:
                if not goes_on():
                    return
                time.sleep(0.01)  # until the step's time: when it happens is part of the fault
            before = time.monotonic()
            self._take(step)
            began += time.monotonic() - before

    def calm(self):
        """Mends what is broken."""
        for key in list(self._undo):
            self._mend(key)
        self._end_foreign()
        for node in self.shop.nodes:
            node.wait_ready()

    def _take(self, step):
        if step.what == "foreign":
            self._begin_foreign()
        elif step.what == "foreign_end":
            self._end_foreign()
        elif step.what == "mend":
            self._mend((step.turn, step.role))
        else:
            self._break(step)

    def _break(self, step):
        if step.turn != self._turn:
            self._turn, self._ring = step.turn, self._by_role()
        node = self._ring[step.role]
        print(f"{time.time():.3f} {step.what} {node.name} ({step})")  # shown when the test fails
        self.done[step.what] = self.done.get(step.what, 0) + 1
        self._undo[step.turn, step.role] = getattr(self, "_" + step.what)(node)

    def _mend(self, key):
        self._undo.pop(key)()

    # Each fault does it and returns what undoes it.

    def _kill(self, node):
        node.kill()
        return node.start

    def _stop(self, node):
        node.pause()
        return node.resume

    def _restart(self, node):
        node.terminate()

        def start():
            code = node.process.wait(15)
            assert code == 0, f"{node.name} ended with {code}"
            node.start()
        return start

    def _lossy(self, node):
        return self._wires(node, "loss", 0.3, 0.0)

    def _late(self, node):
        return self._wires(node, "delay", 0.2, 0.0)

    def _cut_off(self, node):
        return self._wires(node, "cut", True, False)

    def _deaf(self, node):
        return self._wires(node, "cut", True, False, mute=False)

    def _wires(self, node, rule, bad, good, mute=True):
        """What the node hears from the others, and, unless it is deaf only, what it says to them."""
        def make(value):
            for other in self.shop.nodes:
                if other is not node:
                    self.shop.wires.rule(other.name, node.name, **{rule: value})
                    if mute:
                        self.shop.wires.rule(node.name, other.name, **{rule: value})
        make(bad)
        return lambda: make(good)

    def _no_database(self, node):
        proxy = self.shop.wires.database[node.name]
        proxy.hold = True
        return proxy.mend

    def _database_hangs(self, _):
        return self._database_away(self.shop.postgres.freeze, self.shop.postgres.thaw)

    def _database_dies(self, _):
        return self._database_away(self.shop.postgres.kill, self.shop.postgres.start)

    def _database_away(self, take, give):
        self._database = False
        take()

        def back():
            give()
            self._database = True
        return back

    def _begin_foreign(self):
        if self._database and self._foreign is None:
            self.done["foreign"] = self.done.get("foreign", 0) + 1
            self._foreign = self.shop.postgres.connect()
            self._foreign.cursor().execute("INSERT INTO foreign_work VALUES (1)")

    def _end_foreign(self):
        """A database that is away would keep us waiting: then it stays open for longer."""
        if self._database and self._foreign is not None:
            self._foreign.close()  # which rolls back, and does not care whether it died meanwhile
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
