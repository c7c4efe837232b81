#!/usr/bin/env python3
"""A payment gateway that misbehaves on purpose: for tests and demonstrations, on loopback only.

    scripts/mock-gateway.py --secret SECRET --notify http://127.0.0.1:4000 [--notify URL]... [--port 4900] [--scenario by-order]

What happens to a payment is its scenario: the one set by POST /control/scenario, or --scenario; "by-order" chooses one by the id of the
order, the same on every run. Webhooks go to PATH /payments/webhooks/mock of the nodes named by --notify, one after the other until
one takes them.

Scenarios:
  success        paid a moment after it was created, one webhook      decline        declined, one webhook
  slow           the answer to the creation takes a while             lost_answer    the first answer to the creation never arrives
  late           the webhook comes late                               double         each webhook three times, two of them at once
  silent         paid, but no webhook ever                            early          the webhook comes before the answer
  authorize      the money is held and waits to be captured           never          the payer never pays
  unavailable    the first two calls are answered 503                 wrong_amount   one unit too little is paid
  second_thought declined first, and paid afterwards                  lost_refund    the first answer to a refund never arrives
  refund_declined refunds are declined

Ends on SIGTERM or SIGINT. Prints one line when it listens.
"""
import argparse
import hashlib
import hmac
import http.client
import http.server
import json
import queue
import signal
import socket
import sys
import threading
import time
import urllib.parse

SCENARIOS = ("success", "decline", "slow", "lost_answer", "late", "double", "silent", "early", "authorize", "never", "unavailable",
             "wrong_amount", "second_thought", "lost_refund", "refund_declined")
BY_ORDER = ("success",) * 6 + ("decline", "slow", "lost_answer", "late", "double", "silent", "early", "authorize", "unavailable")
PATH = "/payments/webhooks/mock"
TRIES = 12


class Notifier:
    """Sends webhooks from a thread of its own, in the order in which they are due, until a node has taken each."""

    def __init__(self, secret, nodes):
        self.secret = secret.encode()
        self.nodes = nodes
        self.turn = 0
        self.due = queue.PriorityQueue()
        self.number = 0
        self.lock = threading.Lock()
        self.sent = []
        threading.Thread(target=self.run, daemon=True).start()

    def send(self, event, after=0.0):
        body = json.dumps(event, ensure_ascii=False).encode()
        self.put(time.monotonic() + after, body, 0)

    def put(self, at, body, tries):
        with self.lock:
            self.number += 1
            self.due.put((at, self.number, body, tries))

    def run(self):
        while True:
            at, _, body, tries = self.due.get()
            pause = at - time.monotonic()
            if pause > 0:
                # Something more urgent may come meanwhile: look again soon.
                time.sleep(min(pause, 0.02))
                self.put(at, body, tries)
                continue
            threading.Thread(target=self.deliver, args=(body, tries), daemon=True).start()

    def deliver(self, body, tries):
        status = self.post(body)
        with self.lock:
            self.sent.append({"event": json.loads(body)["id"], "status": status})
        if not 200 <= status < 300 and tries < TRIES:
            self.put(time.monotonic() + min(0.2 * 2 ** tries, 5.0), body, tries + 1)

    def post(self, body, signature=None):
        with self.lock:
            self.turn += 1
            node = self.nodes[self.turn % len(self.nodes)]
        at = urllib.parse.urlsplit(node)
        stamp = str(int(time.time()))
        signed = hmac.new(self.secret, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "Webhook-Signature": signature or f"t={stamp},v1={signed}"}
        connection = http.client.HTTPConnection(at.hostname, at.port, timeout=5)
        try:
            connection.request("POST", PATH, body, headers)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()


class Gateway:
    """Its book. All members under the lock."""

    def __init__(self, options):
        self.options = options
        self.lock = threading.Lock()
        self.payments = {}   # by reference
        self.by_key = {}     # Idempotency-Key -> reference or refund
        self.refunds = {}
        self.forced = {}     # order id or reference -> scenario
        self.scenario = options.scenario
        self.calls = {}      # "POST /v1/payments" and its key -> times
        self.events = 0
        self.notifier = Notifier(options.secret, options.notify)

    def scenario_of(self, order, reference):
        chosen = self.forced.get(reference) or self.forced.get(order) or self.scenario
        if chosen != "by-order":
            return chosen
        return BY_ORDER[int.from_bytes(hashlib.sha256(order.encode()).digest()[:4], "big") % len(BY_ORDER)]

    def count(self, what, key):
        name = f"{what} {key}"
        self.calls[name] = self.calls.get(name, 0) + 1
        return self.calls[name]

    def event(self, payment, after=0.0, times=1):
        self.events += 1
        event = {"id": f"evt_{self.options.port}_{self.events}_{payment['id']}", "payment": self.shown(payment)}
        for _ in range(times):
            self.notifier.send(event, after)
        if times > 1:
            self.notifier.send(event, after + 0.3)

    def shown(self, payment):
        out = {name: payment[name] for name in ("id", "reference", "status", "amount", "currency", "code")}
        if payment["status"] == "pending":
            out["redirectUrl"] = f"http://127.0.0.1:{self.options.port}/pay/{payment['reference']}"
        return out

    def settle(self, payment, status, code="", after=0.0, times=1, silent=False):
        payment["status"], payment["code"] = status, code
        if payment["scenario"] == "wrong_amount" and status == "paid":
            payment["amount"] = payment["asked"] - 1
        if not silent:
            self.event(payment, after, times)

    def create(self, body, key):
        """The answer, and whether it is to be lost, and how long it takes."""
        with self.lock:
            times = self.count("create", key)
            known = self.by_key.get(key)
            payment = self.payments.get(known) if known else None
            scenario = payment["scenario"] if payment else self.scenario_of(body["orderId"], body["reference"])
            if scenario == "unavailable" and times <= 2:
                return 503, {"error": "try again"}, False, 0.0
            if payment is None:
                payment = {"id": "pay_" + hashlib.sha256(key.encode()).hexdigest()[:20], "reference": body["reference"],
                           "orderId": body["orderId"], "status": "pending", "amount": body["amount"], "asked": body["amount"],
                           "currency": body["currency"], "code": "", "scenario": scenario, "captured": 0, "refunded": 0}
                self.by_key[key] = payment["reference"]
                self.payments[payment["reference"]] = payment
                self.play(payment)
            answer = dict(self.shown(payment))
            if scenario == "early":
                answer["status"] = "pending"
                answer["redirectUrl"] = f"http://127.0.0.1:{self.options.port}/pay/{payment['reference']}"
            return 200, answer, scenario == "lost_answer" and times == 1, self.options.slow if scenario in ("slow", "early") else 0.0

    def play(self, payment):
        scenario, moment = payment["scenario"], self.options.moment
        later = lambda after, *rest, **how: self.after(after, payment, *rest, **how)
        if scenario in ("success", "slow", "lost_answer", "unavailable", "wrong_amount", "lost_refund", "refund_declined"):
            later(moment, "paid")
        elif scenario == "decline":
            later(moment, "declined", "insufficient_funds")
        elif scenario == "late":
            later(self.options.late, "paid")
        elif scenario == "double":
            later(moment, "paid", times=2)
        elif scenario == "silent":
            later(moment, "paid", silent=True)
        elif scenario == "early":
            self.settle(payment, "paid")
        elif scenario == "authorize":
            later(moment, "authorized")
        elif scenario == "second_thought":
            later(moment, "declined", "insufficient_funds")
            later(moment + self.options.late, "paid")

    def after(self, pause, payment, status, code="", times=1, silent=False):
        def act():
            with self.lock:
                if payment["status"] in ("pending", "declined"):
                    self.settle(payment, status, code, times=times, silent=silent)
        timer = threading.Timer(pause, act)
        timer.daemon = True
        timer.start()

    def change(self, reference, what, key):
        with self.lock:
            self.count(what, key)
            payment = self.payments.get(reference)
            if payment is None:
                return 404, {"error": "no such payment"}
            if what == "capture" and payment["status"] == "authorized":
                self.settle(payment, "paid")
            elif what == "cancel" and payment["status"] in ("pending", "authorized"):
                self.settle(payment, "cancelled", silent=True)
            return 200, self.shown(payment)

    def find(self, reference):
        with self.lock:
            self.count("query", reference)
            payment = self.payments.get(reference)
            return (200, self.shown(payment)) if payment else (404, {"error": "no such payment"})

    def refund(self, body, key):
        with self.lock:
            times = self.count("refund", key)
            payment = self.payments.get(body["reference"])
            if payment is None or payment["status"] != "paid":
                return 409, {"error": "nothing to refund"}, False
            refund = self.refunds.get(key)
            if refund is None:
                declined = payment["scenario"] == "refund_declined" or payment["refunded"] + body["amount"] > payment["amount"]
                if not declined:
                    payment["refunded"] += body["amount"]
                refund = {"id": "re_" + hashlib.sha256(key.encode()).hexdigest()[:20], "amount": body["amount"],
                          "status": "declined" if declined else "paid", "code": "refused" if declined else ""}
                self.refunds[key] = refund
            return 200, refund, payment["scenario"] == "lost_refund" and times == 1

    def control(self, path, body):
        with self.lock:
            if path == "/control/scenario":
                if body["scenario"] not in SCENARIOS + ("by-order",):
                    return 422, {"error": "no such scenario"}
                for name in ("orderId", "reference"):
                    if name in body:
                        self.forced[body[name]] = body["scenario"]
                        return 200, {}
                self.scenario = body["scenario"]
                return 200, {}
            if path == "/control/pay":
                payment = self.payments[body["reference"]]
                self.settle(payment, body.get("status", "paid"), silent=body.get("silent", False))
                return 200, self.shown(payment)
        if path == "/control/webhook":  # any message, well or wrongly signed
            status = self.notifier.post(json.dumps(body["event"]).encode(), body.get("signature"))
            return 200, {"status": status}
        return 404, {}

    def told(self, path):
        with self.lock:
            if path == "/control/payments":
                return 200, {"items": list(self.payments.values())}
            if path == "/control/refunds":
                return 200, {"items": list(self.refunds.values())}
            if path == "/control/calls":
                return 200, self.calls
            if path == "/control/webhooks":
                with self.notifier.lock:
                    return 200, {"items": list(self.notifier.sent)}
        return 404, {}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    gateway = None

    def log_message(self, *_):
        pass

    def answer(self, status, body, lost=False, slow=0.0):
        if slow:
            time.sleep(slow)
        if lost:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def allowed(self):
        if self.path.startswith("/control/") or self.headers.get("Authorization") == "Bearer " + self.gateway.options.secret:
            return True
        self.answer(401, {"error": "unknown caller"})
        return False

    def do_GET(self):
        if not self.allowed():
            return
        if self.path.startswith("/v1/payments/"):
            self.answer(*self.gateway.find(urllib.parse.unquote(self.path[len("/v1/payments/"):])))
        else:
            self.answer(*self.gateway.told(self.path))

    def do_POST(self):
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not self.allowed():
            return
        try:
            body = json.loads(text) if text else {}
            key = self.headers.get("Idempotency-Key") or ""
            if self.path == "/v1/payments":
                self.answer(*self.gateway.create(body, key))
            elif self.path == "/v1/refunds":
                self.answer(*self.gateway.refund(body, key))
            elif self.path.startswith("/v1/payments/"):
                reference, _, what = self.path[len("/v1/payments/"):].partition("/")
                self.answer(*self.gateway.change(urllib.parse.unquote(reference), what, key))
            else:
                self.answer(*self.gateway.control(self.path, body))
        except (ValueError, KeyError, TypeError) as error:
            self.answer(400, {"error": repr(error)})


def read_options(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=4900, help="0: any free one")
    parser.add_argument("--secret", required=True, help="what callers show and webhooks are signed with")
    parser.add_argument("--notify", action="append", required=True, help="base address of a node")
    parser.add_argument("--scenario", default="by-order", choices=SCENARIOS + ("by-order",))
    parser.add_argument("--moment", type=float, default=0.2, help="seconds until the payer has paid")
    parser.add_argument("--slow", type=float, default=1.5, help="seconds of a slow answer")
    parser.add_argument("--late", type=float, default=5.0, help="seconds until a late webhook")
    return parser.parse_args(arguments)


def main():
    options = read_options(sys.argv[1:])
    server = http.server.ThreadingHTTPServer(("127.0.0.1", options.port), Handler)
    server.daemon_threads = True
    options.port = server.server_address[1]
    Handler.gateway = Gateway(options)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown, daemon=True).start())
    print(f"mock gateway on http://127.0.0.1:{options.port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
