"""What happens to whom and when, drawn from a seed: the same seed gives the same schedule, whatever the machine does with it."""
import dataclasses
import heapq
import itertools
import random

ROLES = ("the active node", "the first standby", "the second standby")
FAULTS = ("kill", "stop", "restart")


@dataclasses.dataclass(frozen=True)
class Step:
    """`what` happens `at` so many seconds after the begin, to whoever has the role then: one of FAULTS, or `mend`, which ends the fault of
    the same turn and role. `foreign` and `foreign_end` happen to the database: somebody else's transaction."""
    at: float
    what: str
    role: int = 0
    turn: int = 0

    def __str__(self):
        whom = "" if self.what.startswith("foreign") else f" {ROLES[self.role]}"
        return f"{self.at:.1f} s {self.what}{whom}"


def faults(seed):
    """Without end. A turn breaks one node or two at once, mends them, and leaves a while of calm; a third node always lives."""
    chance, at = random.Random(f"faults {seed}"), 2.0
    for turn in itertools.count(1):
        steps = []
        first = chance.choices(range(3), (2, 1, 1))[0]
        second = [chance.choice([role for role in range(3) if role != first])] if chance.random() < 0.25 else []
        for role in [first, *second]:
            begin = at + chance.uniform(0.0, 1.0)
            lasting = chance.choice((0.3, 0.7, 2.0, 4.0)) * chance.uniform(0.8, 1.2)
            steps += [Step(begin, chance.choice(FAULTS), role, turn), Step(begin + lasting, "mend", role, turn)]
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


def schedule(seed):
    return heapq.merge(faults(seed), foreign(seed), key=_time)


def _time(step):
    return step.at
