"""The mock gateway as a process beside the nodes, and the messages of a bank."""
import hashlib
import hmac
import http.client
import json
import os
import re
import secrets
import time
import urllib.request

from .process import Process, free_port
from .waiting import until

SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "mock-gateway.py")
SECRET = secrets.token_hex(32)


def signature_of(body, secret, at=None):
    stamp = str(int(at if at is not None else time.time()))
    signed = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={signed}"


def send_webhook(client, provider, event, secret, at=None, signature=None):
    """A webhook as the provider would send it."""
    body = json.dumps(event).encode()
    headers = {"Webhook-Signature": signature_of(body, secret, at) if signature is None else signature}
    return client.request("POST", "/payments/webhooks/" + provider, body=body, headers=headers, content_type="application/json", token=None)


def transfer(payment, event="bank-" + "0", amount=None, transaction=None):
    """What a bank tells of a transfer for this payment."""
    return {"id": event, "transaction": transaction or event, "amount": payment["amount"] if amount is None else amount,
            "currency": payment["currency"], "description": f"CT DEN {payment['reference']} thanh toan"}


class Gateway:
    """`nodes` are asked for their urls when it starts; the port is known before, for the settings of the nodes."""

    def __init__(self, root):
        self.root = root
        self.port = free_port()
        self.process = None

    @property
    def settings(self):
        return {"MOCK_GATEWAY_URL": f"http://127.0.0.1:{self.port}", "MOCK_GATEWAY_SECRET": SECRET,
                "PAYMENT_QUERY_AFTER": "2s", "PAYMENT_GATEWAY_TIMEOUT": "1s"}

    def start(self, nodes, scenario="success", late=2.0):
        log = os.path.join(self.root, "mock-gateway.log")
        arguments = ["/usr/bin/python3", os.path.abspath(SCRIPT), "--port", str(self.port), "--secret", SECRET, "--scenario", scenario,
                     "--moment", "0.1", "--slow", "1.5", "--late", str(late)]
        for node in nodes:
            arguments += ["--notify", node.url]
        self.process = Process("mock-gateway", arguments, log, self.root, {"PATH": os.environ["PATH"]})
        until(lambda: re.search("mock gateway on", self.process.text()), 10, "the mock gateway to listen")
        return self

    def stop(self):
        if self.process is not None and self.process.alive:
            self.process.signal(15)
            self.process.wait(10)

    def ask(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
            return json.load(answer)

    def tell(self, path, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            assert answer.status == 200, answer.read()
            return json.load(answer)
        finally:
            connection.close()

    def scenario(self, name, order=None):
        self.tell("/control/scenario", {"scenario": name, **({"orderId": order} if order else {})})

    def calls(self, what):
        """How often each key was used."""
        return {name.split(" ")[1]: times for name, times in self.ask("/control/calls").items() if name.startswith(what + " ")}
