"""One kieng-node process and what a test does to it."""
import datetime
import http.client
import json
import os
import signal
import ssl

from .client import Client
from .process import Process
from .waiting import NoAnswer, until


def binary():
    here = os.path.dirname(os.path.abspath(__file__))
    path = os.environ.get("KIENG_NODE") or os.path.join(here, "..", "..", "build", "dev", "bin", "kieng-node")
    return os.path.abspath(path)


class Node:
    def __init__(self, name, port, settings, root, prefix=()):
        """`prefix` comes before the program on the command line."""
        self.name = name
        self.port = port
        self.settings = settings
        self.folder = os.path.join(root, name)
        self.log = os.path.join(root, name + ".log")
        self.process = None
        self.prefix = list(prefix)
        self.trust = None  # a file of authorities: the node is asked by https
        os.makedirs(self.folder, exist_ok=True)

    def start(self, arguments=()):
        """Starts the process in an empty folder, so that no `.env` of the source tree counts."""
        kept = ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS", "LD_LIBRARY_PATH")
        env = {name: os.environ[name] for name in kept if name in os.environ}
        env.update(self.settings, LANG="C.UTF-8", HOME=self.folder)
        env = {name: str(value) for name, value in env.items() if value is not None}
        self.process = Process(self.name, [*self.prefix, binary(), *arguments], self.log, self.folder, env)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self):
        return self.process.pid

    def ask(self, path, timeout=2.0):
        """Status and body of a GET, without any of the harness's own client: for waiting and for judging health."""
        connection = self._connection(timeout)
        try:
            connection.request("GET", path, headers={"Connection": "close"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except http.client.HTTPException as error:
            raise NoAnswer(f"{self.name}: {error!r}") from error
        finally:
            connection.close()

    def _connection(self, timeout):
        if self.trust is None:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=timeout, context=ssl.create_default_context(cafile=self.trust))

    def client(self, token=None, **options):
        return Client(self.port, token, **options)

    def health(self):
        status, body = self.ask("/api/health")
        assert status == 200, f"{self.name}: health answered {status}"
        return json.loads(body)

    def status(self):
        """What this node says of the cluster."""
        status, body = self.ask("/api/cluster/status")
        assert status == 200, f"{self.name}: status answered {status}"
        return json.loads(body)

    def member(self, name):
        """What this node says of one member; None when it does not list it."""
        return next((one for one in self.status()["members"] if one["id"] == name), None)

    def is_active(self):
        return self.member(self.name)["role"] == "active"

    def metric(self, name, **labels):
        """The sum of a metric's samples that carry these labels."""
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        total = 0.0
        for line in self.ask("/metrics")[1].decode().splitlines():
            told, _, value = line.rpartition(" ")
            if (told == name or told.startswith(name + "{")) and all(one in told for one in wanted):
                total += float(value)
        return total

    def told(self, event, after=0.0, **members):
        """Lines of the log with this event and members, whose time is after `after` (seconds since 1970); `t` is that time."""
        found = []
        for line in self.log_text().splitlines():
            if f'"event":"{event}"' not in line:
                continue
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # the last one, half written
            entry["t"] = datetime.datetime.fromisoformat(entry["at"].replace("Z", "+00:00")).timestamp()
            if entry["t"] > after and all(entry.get(name) == value for name, value in members.items()):
                found.append(entry)
        return found

    def wait_ready(self, within=30.0):
        def ready():
            if not self.process.alive:
                raise AssertionError(f"{self.name} ended with {self.process.popen.returncode} while starting:\n{self.tail()}")
            return self.ask("/ready")[0] == 200
        until(ready, within, f"{self.name} ready")

    def pause(self):
        self.process.pause()

    def resume(self):
        self.process.resume()

    def kill(self):
        self.process.kill()

    def terminate(self):
        self.process.expected_end = True
        self.process.signal(signal.SIGTERM)

    def close(self):
        if self.process is not None and self.process.alive:
            self.process.kill()

    def log_text(self):
        return self.process.text() if self.process else ""

    def tail(self, lines=40):
        """The end of the log, without the harness's own questions."""
        asked = ('"path":"/ready"', '"path":"/api/health"', '"path":"/api/cluster/status"', '"path":"/metrics"')
        told = [line for line in self.log_text().splitlines() if not any(one in line for one in asked)]
        return "\n".join(told[-lines:])

    def faults(self):
        """What must never be: an end nobody asked for, or a sanitizer's report."""
        found = []
        if self.process is not None and not self.process.alive and not self.process.expected_end:
            found.append(f"{self.name} ended by itself with {self.process.popen.returncode}")
        text = self.log_text()
        for sign in ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "WARNING: ThreadSanitizer", ": runtime error: "):
            if sign in text:
                found.append(f"{self.name}: {sign} in {self.log}")
        return found
