"""kiengctl as an operator or a script runs it, and what a drill needs of the harness."""
import os
import socket
import subprocess
import sys
import threading

from .node import binary

KIENGCTL = os.environ.get("KIENGCTL") or os.path.join(os.path.dirname(binary()), "kiengctl")
WELL, DEGRADED, USAGE, NOBODY, REFUSED, NOT_DONE = range(6)


def why_not():
    return None if os.access(KIENGCTL, os.X_OK) else "kiengctl is not built"


def ctl(shop, *arguments, which=0, signed_in=True, within=120, **environment):
    """Runs it against one node, with nothing of our own environment; the answer's secrets are looked for. Where nodes live in namespaces, so
    does the operator, on the same switch."""
    given = {"PATH": os.environ["PATH"], "KIENG_URL": shop[which].settings["SELF_URL"] if shop.wires else shop[which].url}
    if signed_in:
        given.update(OWNER_EMAIL=shop.owner_email, OWNER_PASSWORD=shop.owner_password)
    given.update(environment)
    prefix = shop.wires.operator.prefix if shop.wires else []
    done = subprocess.run([*prefix, KIENGCTL, *arguments], env=given, capture_output=True, text=True, timeout=within,
                          stdin=subprocess.DEVNULL, check=False)
    for secret in (shop.owner_password, shop.jwt_secret, shop.cluster_secret):
        assert secret not in done.stdout + done.stderr
    return done


def pids(shop):
    return [word for node in shop.nodes for word in ("--pid", f"{node.name}={node.pid}")]


class Starter:
    """Starts nodes for kiengctl, so that they stay children of the test: it asks at a socket and gets the pid."""

    COMMAND = "import socket,sys; s=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.sendall(sys.argv[2].encode()); " \
              "s.shutdown(1); print(s.makefile().read())"

    def __init__(self, shop):
        self._shop = shop
        self._path = os.path.join(shop.root, "starter")
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(self._path)
        self._socket.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def command(self):
        return f"{sys.executable} -c '{self.COMMAND}' {self._path} {{id}}"

    def _serve(self):
        while True:
            try:
                end, _ = self._socket.accept()
            except OSError:
                return
            with end:
                node = self._shop[end.makefile().read()]
                node.process.wait(10)
                node.start()
                node.wait_ready()
                end.sendall(str(node.pid).encode())

    def close(self):
        """The nodes it started die with its thread (PR_SET_PDEATHSIG counts by thread): the test is over then."""
        for node in self._shop.nodes:
            node.process.expected_end = True
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)
