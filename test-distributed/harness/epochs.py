"""Whether the active role was ever two nodes' at once, by the only witness that counts: the order of positions."""


def announced(postgres):
    """(pos, type, epoch, node) of every duty done and every change of the active node, in order."""
    return postgres.query("SELECT pos, type, (data->>'epoch')::bigint, node FROM outbox"
                          " WHERE type IN ('DutyDone', 'ActiveChanged') ORDER BY pos, seq")


def check_duties_follow_epochs(postgres):
    """Each duty belongs to the latest epoch that was announced before it, and was done by the node that holds it."""
    holder, current, duties = None, 0, 0
    for pos, kind, epoch, node in announced(postgres):
        if kind == "ActiveChanged":
            assert epoch > current, f"position {pos}: epoch {epoch} after {current}"
            holder, current = node, epoch
        else:
            duties += 1
            assert (epoch, node) == (current, holder), f"position {pos}: a duty of {node} in epoch {epoch}, but {holder} holds {current}"
    return current, duties


def check_positions_are_dense(postgres):
    """No gap, and the head is the last of them."""
    (first, last, count, head), = postgres.query(
        "SELECT min(pos), max(pos), count(DISTINCT pos), (SELECT pos FROM cluster_head) FROM outbox")
    assert last == head and count == last - first + 1, f"{count} positions from {first} to {last}, head {head}"
