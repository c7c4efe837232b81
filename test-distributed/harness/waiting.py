"""Waiting for a thing, never for a time."""
import time


class NoAnswer(Exception):
    """The other side gave no complete answer. `sent` says whether bytes of the request may have left."""

    def __init__(self, why, sent=True):
        super().__init__(why)
        self.sent = sent


def promised(seconds):
    """How long a test waits for what the product promises within `seconds`: shared machines are slow, but not three times as slow."""
    return 3 * seconds


def until(probe, within=10.0, what="it", every=0.02):
    """Asks `probe` until it answers something true, and returns that. A refused connection counts as not yet."""
    deadline = time.monotonic() + within
    while True:
        trouble = None
        try:
            value = probe()
            if value:
                return value
        except (OSError, NoAnswer) as error:
            trouble = error
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not happen within {within:g} s" + (f" ({trouble!r})" if trouble else ""))
        time.sleep(every)
