"""The judges are judged once more, on real runs: something is wrong on purpose with a client, with PostgreSQL, or behind the back of the nodes, and the
judgement at the end must fall. What needs a wrong server is told to the judges as a history, in `test_harness_judges.py`."""
import itertools
import time

import pytest

from harness.crowd import Crowd

pytestmark = [pytest.mark.faults, pytest.mark.long]

HASTY = {"synchronous_commit": "off", "wal_writer_delay": "10s"}


def run(shop, meanwhile=None, change=None):
    """A crowd at work, something that happens meanwhile, calm."""
    with Crowd(shop, 1, makers=6, editors=3, wanderers=2, pause=0.05) as crowd:
        if change:
            change(crowd)
        if meanwhile:
            meanwhile()
        crowd.wait_for(100)
    shop.wait_whole()
    return crowd


def convicted(crowd, *signs):
    with pytest.raises(AssertionError) as raised:
        crowd.judge()
    assert any(sign in str(raised.value) for sign in signs), raised.value


def a_nap(shop):
    """A node that sleeps for longer than clients wait, and wakes up with their requests in its buffers."""
    for node in shop.nodes:
        node.pause()
        time.sleep(2.0)  # the length of the fault
        node.resume()
        shop.wait_whole()


def test_a_clean_run_is_acquitted(own_cluster):
    shop = own_cluster().wait_whole()
    run(shop, lambda: a_nap(shop)).judge()


def test_a_new_key_for_each_attempt(own_cluster):
    """A client library that forgets what a key is for: what was in doubt is done twice."""
    shop, numbers = own_cluster().wait_whole(), itertools.count()

    def forget(client):
        asked = client.request
        client.request = lambda *arguments, key=None, **rest: asked(*arguments, key=key and f"{key}-{next(numbers)}", **rest)

    def change(crowd):
        for session in crowd.writers:
            for client in session.roaming.clients:
                forget(client)
    convicted(run(shop, lambda: a_nap(shop), change), "doubled")


def test_acknowledged_before_it_is_kept(own_cluster):
    """PostgreSQL that says `COMMIT` before it has written anything, and dies."""
    shop = own_cluster(postgres_settings=HASTY).wait_whole()

    def crash():
        shop.postgres.kill()
        shop.postgres.start()
    convicted(run(shop, crash), "lost", "went back", "history_changed")


def test_a_ledger_that_forgets(own_cluster):
    shop = own_cluster().wait_whole()
    crowd = run(shop)
    shop.postgres.query("DELETE FROM requests")
    convicted(crowd, "the same key")


def test_a_change_that_nobody_announced(own_cluster):
    """Caches cannot know of it: they are wrong at the end."""
    shop = own_cluster().wait_whole()
    crowd = run(shop)
    for which in range(3):
        for product in crowd.edited:
            shop.client(which).get("/products/" + product)
    shop.postgres.query("UPDATE products SET name = name || ' behind your back' WHERE id = %s", crowd.edited[0])
    convicted(crowd, "a cache that is wrong")


def test_an_edit_without_a_trace(own_cluster):
    shop = own_cluster().wait_whole()
    crowd = run(shop)
    shop.postgres.query("UPDATE products SET price = price + 1 WHERE id = %s", crowd.edited[-1])
    convicted(crowd, "an edit lost, doubled, invented or told wrongly")


def test_an_announcement_that_is_missing(own_cluster):
    shop = own_cluster().wait_whole()
    crowd = run(shop)
    shop.postgres.query("DELETE FROM outbox WHERE pos = (SELECT pos - 20 FROM cluster_head)")
    convicted(crowd, "the listener", "positions from")


def test_a_duty_of_an_epoch_that_is_over(own_cluster):
    shop = own_cluster().wait_whole()
    crowd = run(shop, lambda: a_nap(shop))
    shop.postgres.query("UPDATE outbox SET data = jsonb_set(data, '{epoch}', '0') WHERE pos = (SELECT max(pos) FROM outbox WHERE type = 'DutyDone')")
    convicted(crowd, "a duty of")
