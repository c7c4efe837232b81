"""Three nodes over one PostgreSQL, and the certainty that nothing of it stays behind."""
import atexit
import os
import secrets
import shutil
import weakref

from .client import Client
from .links import Links
from .node import Node
from .postgres import Postgres, scratch_folder
from .process import free_port
from .proxy import Proxy
from .skewed_clock import SkewedClock
from .waiting import until
from .wires import Wires

_open = weakref.WeakSet()


@atexit.register
def _close_all():
    for cluster in list(_open):
        cluster.close()


class Cluster:
    """`settings` go to every node, `own_settings` by node name to one. With `database_proxies` each node reaches
    PostgreSQL through `proxies[name]`, which a test may cut or slow down; with `peer_proxies` the nodes reach each other
    through `links`; with `clocks` the wall clock of each is moved by `clocks[name].move(seconds)`. With `wires`, a seed, each lives in a
    network namespace, and what they say to each other are packets that `wires` loses and delays. With `trust`, a file of authorities, nodes find each
    other by https."""

    def __init__(self, settings=None, own_settings=None, names=("server-a", "server-b", "server-c"),
                 postgres_settings=None, database_proxies=False, peer_proxies=False, clocks=False, wires=None, trust=None):
        self.root = scratch_folder("cluster")
        self.trust = trust
        _open.add(self)
        self.owner_email = "owner@kieng.test"
        self.owner_password = "owner " + secrets.token_hex(12)
        self.jwt_secret = secrets.token_hex(32)
        self.cluster_secret = secrets.token_hex(32)
        self.bank_secret = secrets.token_hex(32)
        self.postgres = Postgres(self.root, postgres_settings)
        self.proxies = {}
        if database_proxies:
            self.proxies = {name: Proxy(self.postgres.port) for name in names}
        ports = {name: free_port() for name in names}
        self.links = Links(ports) if peer_proxies else None
        self.wires = Wires(ports, self.postgres.port, wires) if wires is not None else None
        self.clocks = {name: SkewedClock(self.root, name) for name in names} if clocks else {}
        self.nodes = []
        for name in names:
            values = self._settings(name, ports)
            values.update(self.clocks[name].settings if clocks else {})
            values.update(settings or {})
            values.update((own_settings or {}).get(name, {}))
            prefix = self.wires.spaces[name].prefix if self.wires else ()
            self.nodes.append(Node(name, ports[name], values, self.root, prefix))
            self.nodes[-1].trust = trust
        self._owner_token = None

    def _settings(self, name, ports):
        database = self.proxies[name].port if name in self.proxies else self.postgres.port
        fronts = self.links.fronts if self.links and name in self.links.fronts else ports
        values = {
            "DB_HOST": "127.0.0.1", "DB_PORT": database, "DB_USER": self.postgres.user,
            "DB_PASSWORD": self.postgres.password, "DB_NAME": self.postgres.database,
            "JWT_SECRET": self.jwt_secret, "CLUSTER_SECRET": self.cluster_secret,
            "SERVER_ID": name, "PORT": ports[name], "BIND_ADDRESS": "127.0.0.1",
            "SELF_URL": self._url(name, fronts[name]),
            "OWNER_EMAIL": self.owner_email, "OWNER_PASSWORD": self.owner_password,
            # Many accounts and many calls from one address in a short time: what limits them has tests of its own.
            "BCRYPT_COST": 10, "HASH_QUEUE": 1000, "LOGIN_LIMIT": "off",
            "RATE_LIMIT_ADDRESS": 100000, "RATE_LIMIT_USER": 100000,
            "MAX_CONNECTIONS": 4000, "MAX_CONNECTIONS_PER_ADDRESS": 4000,
            "BANK_BIN": "970436", "BANK_ACCOUNT": "0011012345678", "BANK_WEBHOOK_SECRET": self.bank_secret,
            "IO_THREADS": 2, "LOG_LEVEL": "info", "ACCESS_LOG": "on",
        }
        for other, port in fronts.items():
            letter = other.removeprefix("server-").upper()
            values[f"SERVER_{letter}_URL"] = self._url(other, port)
        if self.wires:
            values.update({"BIND_ADDRESS": "0.0.0.0", "ALLOW_INSECURE_PEERS": "true"})
        return values

    def _url(self, name, port):
        """Where the other nodes find this one."""
        return f"{'https' if self.trust else 'http'}://{self.wires.addresses[name] if self.wires else '127.0.0.1'}:{port}"

    def start(self):
        self.postgres.start()
        self.postgres.create_database()
        for node in self.nodes:
            node.start()
        for node in self.nodes:
            node.wait_ready()
        return self

    def join(self, name, own_settings=None, without=()):
        """One more node: it knows itself and the database, the others it has to find."""
        port = free_port()
        values = self._settings(name, {name: port})
        values.update(own_settings or {})
        node = Node(name, port, {key: value for key, value in values.items() if key not in without}, self.root)
        self.nodes.append(node)
        node.start()
        return node

    @property
    def living(self):
        return [node for node in self.nodes if node.process and node.process.alive and not node.process.paused]

    def agreed(self, among=None):
        """The id of the active node and its epoch, when all of `among` (the living) say the same and it says so itself."""
        among = among or self.living
        seen = {(status["active"] and status["active"]["id"], status["epoch"]) for status in map(Node.status, among)}
        if len(seen) != 1:
            return None
        active, epoch = seen.pop()
        holder = next((node for node in among if node.name == active), None)
        return (active, epoch) if holder is not None and holder.is_active() else None

    def active(self, within=15.0, other_than=None, above=None):
        """The active node and its epoch, once all living nodes agree on it."""
        def one():
            found = self.agreed()
            fits = found and found[0] != other_than and (above is None or found[1] > above)
            return (self[found[0]], found[1]) if fits else None
        return until(one, within, "an active node that all agree on")

    def wait_whole(self, within=20.0):
        """Until every living node holds every other for alive, by its streams, and knows all that was written."""
        names = {node.name for node in self.living}

        def whole():
            for status in [node.status() for node in self.living]:
                told = {one["id"]: one for one in status["members"] if one["id"] in names}
                if set(told) != names or any(one["state"] != "alive" or one["detection"] != "stream" for one in told.values()):
                    return False
                opinions = (status["matrix"].get(one, {}).get(other) for one in names for other in names if one != other)
                if any(opinion != "alive" for opinion in opinions):
                    return False
            return self.agreed() is not None
        until(whole, within, f"{sorted(names)} holding each other for alive")
        return self

    def wait_settled(self):
        """Whole, and every node up for long enough to trust what PostgreSQL tells of locks (not for its first two seconds)."""
        self.wait_whole()
        until(lambda: all(node.health()["uptimeSeconds"] >= 4 for node in self.living), 20, "everybody up for a while")
        return self.wait_whole()

    def __getitem__(self, which):
        """A node by position or by name."""
        if isinstance(which, int):
            return self.nodes[which]
        return next(node for node in self.nodes if node.name == which)

    def client(self, which=0, token=None, **options):
        return Client(self[which].port, token, **options)

    def owner(self, which=0, **options):
        """A client signed in as the owner. The token is good on all nodes, so one sign-in serves all."""
        if self._owner_token is None:
            living = next(node for node in self.nodes if node.process.alive and not node.process.paused)
            answer = Client(living.port).post("/auth/login", {"email": self.owner_email, "password": self.owner_password})
            assert answer.status == 200, answer
            self._owner_token = answer.json()["accessToken"]
        return self.client(which, self._owner_token, **options)

    def sign_in(self, which=0):
        """The owner anew, where what was given before may be near its end."""
        self._owner_token = None
        return self.owner(which)

    def faults(self):
        return [fault for node in self.nodes for fault in node.faults()]

    def close(self, keep=None):
        """Ends everything by pid. With `keep` the logs are moved to that folder."""
        for node in self.nodes:
            node.close()
        self.postgres.close()
        for proxy in self.proxies.values():
            proxy.close()
        if self.links:
            self.links.close()
        if self.wires:
            self.wires.close()
        if keep is not None and os.path.isdir(self.root):
            os.makedirs(keep, exist_ok=True)
            for entry in os.listdir(self.root):
                if entry.endswith(".log"):
                    shutil.copy(os.path.join(self.root, entry), keep)
        shutil.rmtree(self.root, ignore_errors=True)
        _open.discard(self)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_):
        self.close()
