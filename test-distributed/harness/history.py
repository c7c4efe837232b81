"""What was asked of the nodes and what they said: the ground on which a run is judged.

An operation is `ok` (acknowledged), `refused` (the answer says that it did not happen) or `unknown` (no answer, or one that
cannot tell). Unknown is neither success nor failure: `settle` asks again with the same key until each one is certain."""
import dataclasses
import threading
import time


@dataclasses.dataclass
class Operation:
    kind: str
    key: str
    node: str
    invoked: float
    outcome: str = "unknown"
    status: int = 0
    code: str = ""
    scope: str = ""
    answered: float = 0.0
    note: object = None

    @property
    def seconds(self):
        return self.answered - self.invoked


class History:
    def __init__(self):
        self._lock = threading.Lock()
        self.operations = []

    def invoke(self, kind, key, node):
        operation = Operation(kind, key, node, time.monotonic())
        with self._lock:
            self.operations.append(operation)
        return operation

    @staticmethod
    def done(operation, answer):
        """Reads the outcome off an answer; `None` is an answer that never came."""
        operation.answered = time.monotonic()
        if answer is None:
            return operation
        operation.status = answer.status
        if answer.status < 400:
            operation.outcome = "ok"
            return operation
        problem = answer.json()
        operation.code, operation.scope = problem["code"], problem["scope"]
        operation.outcome = {"no": "refused", "yes": "ok"}.get(problem["committed"], "unknown")
        return operation

    def select(self, kind=None, outcome=None, node=None, after=None, before=None):
        with self._lock:
            copied = list(self.operations)
        return [one for one in copied
                if (kind is None or one.kind == kind) and (outcome is None or one.outcome == outcome)
                and (node is None or one.node == node) and (after is None or one.answered >= after)
                and (before is None or one.answered <= before)]

    def longest_gap(self, kind, node, after, before):
        """The longest time in which `node` acknowledged nothing of this kind."""
        moments = sorted(one.answered for one in self.select(kind, "ok", node, after, before))
        marks = [after, *moments, before]
        return max(later - earlier for earlier, later in zip(marks, marks[1:]))


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def in_words(values):
    """Latencies in one line, in milliseconds."""
    return (f"{len(values)} answers, p50 {percentile(values, 0.5) * 1000:.0f} ms, p99 {percentile(values, 0.99) * 1000:.0f} ms, "
            f"max {max(values, default=0) * 1000:.0f} ms")
