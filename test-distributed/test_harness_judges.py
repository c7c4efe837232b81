"""The judges of a run are judged. Each test is a fault that a server or a client library could have, as the history and the database would show
it; and each judge lets a history pass in which all is well."""
import itertools
import types

import pytest

from harness import judges
from harness.client import Answer
from harness.epochs import check_duties_follow_epochs, check_positions_are_dense
from harness.history import History
from harness.listeners import Heard, check_listeners_heard_all
from harness.load import check_each_write_is_there_once
from harness.schedule import DATABASE_FAULTS, FAULTS, NODE_FAULTS, schedule
from harness.sessions import Glance


class Told:
    """A database that answers one query after the other with these rows, and the last of them for ever."""

    def __init__(self, *answers):
        self.answers = list(answers)

    def query(self, *_):
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def token(position, incarnation=7):
    return f"{incarnation}.{position}.AAAAAAAAAAA"


class Story:
    """A history, told in few words."""

    def __init__(self):
        self.history = History()

    def add(self, kind, key, outcome="ok", status=200, session="one", **glance):
        operation = self.history.invoke(kind, key, session)
        operation.outcome, operation.status = outcome, status
        operation.note = Glance(session, **glance)
        return self

    def read(self, version, at, sent=None, product="p", **rest):
        return self.add("read", product, sent=token(sent if sent is not None else at), got=token(at), shown={product: version}, **rest)

    def edit(self, price, version, outcome="ok", product="p"):
        shown = {product: version} if outcome == "ok" else {}
        return self.add("edit", f"edit-of-price-{price}", outcome, product=product, base=version - 1, price=price, shown=shown, got=token(version))


def caught(judge, *arguments):
    with pytest.raises(AssertionError) as raised:
        judge(*arguments)
    return str(raised.value)


# --- creations ---------------------------------------------------------------------------------

def written(*outcomes):
    story = Story()
    for number, outcome in enumerate(outcomes):
        story.add("write", f"write-{number}", outcome)
    return story.history


@pytest.mark.parametrize("fault, rows, sign", [
    ("acknowledged before the commit, and the node died", ["write-0"], "lost"),
    ("a key that is not unique", ["write-0", "write-1", "write-1"], "doubled"),
    ("a new key for each attempt", ["write-0", "write-0", "write-1"], "doubled"),
    ("the row of the ledger in another transaction: told as done, never done", ["write-1"], "lost"),
    ("a row that nobody wrote", ["write-0", "write-1", "write-2"], "invented")])
def test_creations_lost_doubled_or_invented(fault, rows, sign):
    history = written("ok", "ok")
    check_each_write_is_there_once(history, Told([("write-0",), ("write-1",)]))
    assert sign in caught(check_each_write_is_there_once, history, Told([(row,) for row in rows])), fault


def test_what_was_refused_and_is_there():
    history = written("ok", "refused", "unknown")
    judges.check_refused_left_nothing(history, Told([]))
    assert "write-1" in caught(judges.check_refused_left_nothing, history, Told([("write-1",)]))


class Node:
    """Answers every POST with a product of this id."""

    def __init__(self, identity, status=201):
        self.identity, self.status = identity, status

    def client(self, _=None):
        body = f'{{"id": "{self.identity}"}}'.encode()
        return types.SimpleNamespace(post=lambda path, *_, **__: Answer("POST", path, self.status, [], body), close=lambda: None)


def test_the_same_key_and_another_answer():
    """The row of the ledger was lost, or was never of the same transaction: the repetition makes something new, or fails."""
    history = Story().add("write", "write-1", shown={"p": 1}).history
    judges.check_same_key_same_answer(history, [Node("p")], None, 1)
    assert "write-1" in caught(judges.check_same_key_same_answer, history, [Node("q")], None, 1)
    assert "write-1" in caught(judges.check_same_key_same_answer, history, [Node("p", 409)], None, 1)


# --- edits -------------------------------------------------------------------------------------

def edited():
    return Story().edit(10, 2).edit(20, 3).edit(30, 4, "refused").edit(40, 4)


GOOD = [("p", 1, 0), ("p", 2, 10), ("p", 3, 20), ("p", 4, 40)]


@pytest.mark.parametrize("fault, rows, sign", [
    ("rows of an UPDATE not counted: acknowledged, and nothing was changed", GOOD[:3], "edit-of-price-40"),
    ("an edit over another one that it has not seen", [*GOOD[:2], ("p", 3, 40)], "edit-of-price-20"),
    ("an edit that was done twice", [*GOOD, ("p", 5, 40)], "4 and 5"),
    ("an edit that was refused, and done", [*GOOD, ("p", 5, 30)], "refused"),
    ("an edit under another version than its client was told", [GOOD[0], ("p", 2, 20), ("p", 3, 10), GOOD[3]], "was told version"),
    ("a price that nobody gave", [*GOOD, ("p", 5, 50)], "nobody"),
    ("an edit of another product", [*GOOD, ("q", 1, 0), ("q", 2, 20)], "nobody"),
    ("a version left out", [GOOD[0], GOOD[1], GOOD[2], ("p", 5, 40)], "versions [1, 2, 3, 5]")])
def test_edits_lost_doubled_or_invented(fault, rows, sign):
    assert judges.check_each_edit_is_there_once(edited().history, Told(GOOD)) == 3
    assert sign in caught(judges.check_each_edit_is_there_once, edited().history, Told(rows)), fault


def test_the_last_word_on_an_edit_counts():
    """An attempt that was left open and was settled afterwards."""
    story = Story().edit(10, 2, "unknown").edit(10, 2)
    assert judges.check_each_edit_is_there_once(story.history, Told(GOOD[:2])) == 1
    assert "edit-of-price-10" in caught(judges.check_each_edit_is_there_once, story.history, Told(GOOD[:1]))


# --- sessions ----------------------------------------------------------------------------------

def test_sessions_that_go_forward():
    story = Story().read(1, 5).read(2, 8).read(2, 8, product="q").read(2, 9, sent=8).read(1, 3, session="two")
    story.add("read", "r", "refused", 404).read(5, 9, session="two", known={"p": 4})
    story.add("read", "p", "unknown", 503, session="two")
    judges.check_sessions_go_forward(story.history)


@pytest.mark.parametrize("fault, story", [
    ("a stale cache on another node", Story().read(2, 8).read(1, 8)),
    ("a stale cache for who brings somebody else's token", Story().read(1, 8, session="two", known={"p": 2})),
    ("a node that was behind said that there is nothing", Story().read(2, 8).add("read", "p", "refused", 404)),
    ("a product nobody knows yet on the node that is asked", Story().add("read", "p", "refused", 404, known={"p": 1})),
    ("an own edit that is not seen", Story().edit(10, 3).read(2, 9)),
    ("a list that is older than its goods", Story().read(3, 8).add("list", "brand", sent=token(8), got=token(8), shown={"p": 2, "q": 1})),
    ("a token that goes back", Story().read(2, 8).read(2, 7)),
    ("a token below the one that was sent", Story().read(2, 6, sent=8)),
    ("a token of an older history", Story().read(2, 8).add("read", "p", sent=token(8), got=token(9, incarnation=6), shown={"p": 2}))], ids=lambda value: value if isinstance(value, str) else "")
def test_sessions_that_go_back(fault, story):
    assert "went back" in caught(judges.check_sessions_go_forward, story.history), fault


def test_an_answer_that_blames_the_server():
    fine = Story().add("read", "p", "unknown", 503).add("read", "p", "unknown", 504).add("read", "p", "refused", 404).add("read", "p", "unknown", 0)
    judges.check_no_server_fault(fine.history)
    for status in (500, 502, 505):
        assert str(status) in caught(judges.check_no_server_fault, Story().add("write", "k", "unknown", status).history)


# --- events ------------------------------------------------------------------------------------

def heard(*positions):
    told = [Heard(pos, 0, "ProductUpdatedEvent", "p", pos) for pos in positions]
    return types.SimpleNamespace(heard={"server-a": told}, begun={"server-a": token(10)})


OUTBOX = Told([(pos, 0, "ProductUpdatedEvent", "p", pos) for pos in range(9, 15)])


def test_events_that_all_came():
    assert check_listeners_heard_all(heard(11, 12, 13, 14), OUTBOX) == 4


@pytest.mark.parametrize("fault, positions", [
    ("positions of a sequence: 12 was committed after 13 and was passed over", (11, 13, 14)), ("nothing said at the end", (11, 12, 13)),
    ("an event twice, after a stream was resumed", (11, 12, 12, 13, 14)), ("in the order of commits, not of positions", (11, 13, 12, 14)),
    ("nothing at all", ()), ("an event of nothing", (11, 12, 13, 14, 15)), ("what was before", (10, 11, 12, 13, 14))])
def test_events_missing_doubled_or_out_of_order(fault, positions):
    assert "heard" in caught(check_listeners_heard_all, heard(*positions), OUTBOX), fault


def test_positions_of_a_sequence():
    """A sequence leaves holes where transactions were rolled back, and is ahead of what is committed."""
    check_positions_are_dense(Told([(1, 9, 9, 9)]))
    for row in ((1, 9, 8, 9), (1, 9, 9, 10), (1, 10, 10, 9)):
        caught(check_positions_are_dense, Told([row]))


def test_the_fence_removed():
    """The old holder's duty commits after the role went to another."""
    rows = [(1, "ActiveChanged", 1, "server-a"), (2, "DutyDone", 1, "server-a"), (3, "ActiveChanged", 2, "server-b"), (4, "DutyDone", 2, "server-b")]
    assert check_duties_follow_epochs(Told(rows)) == (2, 2)
    assert "server-a in epoch 1" in caught(check_duties_follow_epochs, Told([*rows, (5, "DutyDone", 1, "server-a")]))


# --- caches ------------------------------------------------------------------------------------

class Shelf:
    """A node whose cache holds this version of one product, on its own and in a list."""

    name = "server-a"

    def __init__(self, single, listed):
        self.bodies = {"/products/p": self._json(single), "/products?limit=100&brand=b": b'{"items": [' + (self._json(listed) if listed else b"") + b"]}"}

    @staticmethod
    def _json(version):
        return f'{{"id": "p", "version": {version}, "name": "n", "price": {version * 10}}}'.encode()

    def client(self):
        return types.SimpleNamespace(get=lambda path: Answer("GET", path, 200, [], self.bodies[path]), close=lambda: None)


def test_caches_that_are_wrong_at_the_end():
    def truth():
        return Told([("p", 3, "n", 30)])
    judges.check_caches([Shelf(3, 3)], truth(), ["p"], "b")
    for wrong in (Shelf(2, 3), Shelf(3, 2), Shelf(3, None)):
        assert "server-a" in caught(judges.check_caches, [Shelf(3, 3), wrong], truth(), ["p"], "b")


# --- the schedule ------------------------------------------------------------------------------

def first(seed, count=300, **kinds):
    return list(itertools.islice(schedule(seed, **kinds), count))


def test_the_same_seed_is_the_same_schedule():
    assert first(5) == first(5) != first(6)


@pytest.mark.parametrize("number", range(1, 40))
def test_a_schedule_mends_what_it_breaks_and_always_leaves_a_node(number):
    steps, broken, open_transaction = first(number), {}, False
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    for step in steps:
        if step.what in FAULTS:
            assert step.role not in broken and all(turn == step.turn for turn in broken.values()), step
            broken[step.role] = step.turn
            assert len(broken) <= 2
        elif step.what == "mend":
            assert broken.pop(step.role) == step.turn
        else:
            assert open_transaction == (step.what == "foreign_end")
            open_transaction = not open_transaction
    assert {step.what for step in steps} == {*NODE_FAULTS, "mend", "foreign", "foreign_end"}


@pytest.mark.parametrize("number", range(1, 20))
def test_a_schedule_of_everything_hits_the_database_in_one_way_at_a_time(number):
    steps = first(number, kinds=FAULTS, both=0.7)
    assert {step.what for step in steps} >= set(FAULTS)
    turns = [step.turn for step in steps if step.what in DATABASE_FAULTS]
    assert len(turns) == len(set(turns))
