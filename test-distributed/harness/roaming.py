"""A client that goes to the next node when one does not answer: the simplest form of what the client libraries do."""
import time
import uuid

from .client import Client, token_rank
from .waiting import NoAnswer


class Roaming:
    """Calls with `call`: one attempt and up to `retries` more, each elsewhere, with one key. Not to be shared by threads."""

    def __init__(self, nodes, token=None, timeout=1.5, retries=5, first=0):
        self.clients = [Client(node.port, token, follow=True, timeout=timeout) for node in nodes]
        self._told = None
        self.retries = retries
        self.at = first % len(nodes)
        self.gaps = []  # seconds of each call that needed more than one attempt
        self.calls = 0
        self.lost = []  # attempts whose bytes left and that nobody answered

    @property
    def seen(self):
        """The greatest Kieng-Token of this session: what the next attempt sends."""
        return max([self._told, *(one.seen for one in self.clients)], key=token_rank)

    def learn(self, token):
        """Somebody else's token, as in a link that was sent: whatever its sender saw this session must see, too."""
        self._told = max(self._told, token, key=token_rank)

    def call(self, method, path, json=None, key=None, version=None, check=True):
        """The answer; a call that no attempt brought through raises NoAnswer or comes back as it was refused."""
        if method != "GET":
            key = key or uuid.uuid4().hex
        began = time.monotonic()
        self.calls += 1
        answer = None
        for attempt in range(1 + self.retries):
            client = self.clients[self.at]
            client.seen, client.check = self.seen, check
            try:
                answer = client.request(method, path, json=json, key=key, version=version)
                lost = None
            except NoAnswer as error:
                lost = error
                if error.sent:
                    self.lost.append(f"{method} {path} at node {self.at}: {error}")
            if lost is None and answer.status not in (429, 503) and answer.code not in ("in_progress",):
                if attempt:
                    self.gaps.append(time.monotonic() - began)
                return answer
            if lost is None and answer.status != 503:
                time.sleep(0.05)  # told to come again
            else:
                self.at = (self.at + 1) % len(self.clients)
        if lost is not None:
            raise lost
        return answer

    def close(self):
        for client in self.clients:
            client.close()
