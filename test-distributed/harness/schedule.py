"""What happens to whom and when, drawn from a seed: the same seed gives the same schedule, whatever the machine does with it."""
import dataclasses
import heapq
import itertools
import random

ROLES = ("the active node", "the first standby", "the second standby")
NODE_FAULTS = ("kill", "stop", "restart")
LINK_FAULTS = ("lossy", "late", "deaf", "cut_off", "no_database")
DATABASE_FAULTS = ("database_hangs", "database_dies")  # whatever the role
FAULTS = NODE_FAULTS + LINK_FAULTS + DATABASE_FAULTS


@dataclasses.dataclass(frozen=True)
class Step:
    """`what` happens `at` so many seconds after the begin, to whoever has the role then: one of FAULTS, or `mend`, which ends the fault of
    the same turn and role. `foreign` and `foreign_end` happen to the database: somebody else's transaction."""
    at: float
    what: str
    role: int = 0
    turn: int = 0

    def __str__(self):
        whom = "" if self.what.startswith(("foreign", "database")) else f" {ROLES[self.role]}"
        return f"{self.at:.1f} s {self.what}{whom}"


def faults(seed, kinds, both):
    """Without end. A turn breaks one thing, or, with a chance of `both`, two at once, mends them, and leaves a while of calm. It hits two
    different nodes, so a third always lives, and the database in one way at a time."""
    chance, at = random.Random(f"faults {seed}"), 2.0
    for turn in itertools.count(1):
        steps = []
        first = chance.choices(range(3), (2, 1, 1))[0]
        second = [chance.choice([role for role in range(3) if role != first])] if chance.random() < both else []
        left = kinds
        for role in [first, *second]:
            begin = at + chance.uniform(0.0, 1.0)
            lasting = chance.choice((0.3, 0.7, 2.0, 4.0)) * chance.uniform(0.8, 1.2)
            what = chance.choice(left)
            left = [kind for kind in left if kind not in DATABASE_FAULTS] if what in DATABASE_FAULTS else left
            lasting *= 1.0 if what in NODE_FAULTS else 2.0  # what can only be told by its lasting
            steps += [Step(begin, what, role, turn), Step(begin + lasting, "mend", role, turn)]
        yield from sorted(steps, key=_time)
        at = max(step.at for step in steps) + chance.uniform(1.0, 4.0)


def foreign(seed, lasting=4.0):
    """Now and then somebody else has a transaction open on the same PostgreSQL."""
    chance, at = random.Random(f"foreign {seed}"), 0.0
    while True:
        at += chance.uniform(2.0, 15.0)
        yield Step(at, "foreign")
        at += lasting
        yield Step(at, "foreign_end")


def schedule(seed, kinds=NODE_FAULTS, both=0.25):
    return heapq.merge(faults(seed, kinds, both), foreign(seed), key=_time)


def _time(step):
    return step.at
