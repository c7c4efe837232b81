"""The points of each section, in alternating rounds: within a round every operation is measured on all servers in an
order that is drawn anew each time, so that a slow minute of the machine hits nobody alone."""
import json
import random

from yard import load
from yard.plan import clients_of, named
from yard.processes import Failed
from yard.servers import Express, Kieng, Nginx, get_ok

SETTLED = 3   # write points between two vacuums
TOGETHER = 32  # orders in one commit of pgbench
NEW_PRODUCTS = "01980000-0000-7000-8001-000000000000"   # ids of products that a measurement made lie above
HOT = 5        # products that everyone buys
# Script of pgbench: of the operation, and of the form.
OPERATION = {"price-edit": "edit", "product-create": "create", "order": "order", "order-hot": "hot"}
FORM = {"pgbench one call": "call", "pgbench statements": "statements", "pgbench 32 a commit": "batch"}


class Bench:
    """What all sections share: options, database, folder, the points measured so far."""

    def __init__(self, options, database, folder, points):
        self.options, self.database, self.folder, self.points = options, database, folder, points
        self.warm = set()

    def kieng(self, name="kieng", **settings):
        return Kieng(self.folder, self.options.binary, self.database, name, DB_POOL_MAX=self.options.pool, **settings)

    def express(self):
        return Express(self.folder, self.options.modules, self.database, self.options.workers, self.options.pool)

    def rounds(self, section, point):
        """Calls point(operation, server name, clients) for everything asked of a section, round by round."""
        for number in range(self.options.rounds):
            for operation in named(self.options.only):
                if operation.section != section:
                    continue
                print(f"{operation.title}, round {number + 1} of {self.options.rounds}", flush=True)
                todo = [(server, clients) for server in operation.clients
                        for clients in clients_of(operation, server, self.options.quick, self.options.conns)]
                random.shuffle(todo)
                for server, clients in todo:
                    point(operation, server, clients, number)

    def http_point(self, operation, server, clients, number, prepare):
        """One point by wrk. prepare() gives script, path and arguments, anew for each run."""
        def run(seconds):
            script, path, arguments = prepare()
            return load.wrk(server, script, clients, seconds, path, arguments)
        if (operation.name, server.name) not in self.warm:
            run(1)
            self.warm.add((operation.name, server.name))
        self.points.measure(lambda: run(self.options.seconds), [server.process.pid], operation=operation.name,
                            server=server.name, clients=clients, round=number)
        server.forget_log()

    def pgbench_point(self, operation, server, script, clients, number, each=1):
        """`each`: what a transaction counts for."""
        def run():
            figures = self.database.pgbench(script, clients, self.options.seconds)
            return figures | {"requests": figures["requests"] * each, "rate": figures["rate"] * each}
        self.points.measure(run, [], operation=operation.name, server=server, clients=clients, round=number)


def some_product(bench):
    return bench.database.psql("SELECT id FROM products ORDER BY id OFFSET 4711 LIMIT 1")


def same_bytes(path, ours, theirs):
    """Both must answer the same, or the comparison means nothing."""
    mine, other = json.loads(get_ok(ours, path)), json.loads(get_ok(theirs, path))
    for answer in (mine, other):
        answer.pop("nextCursor", None)   # opaque, and each server's own
    if json.dumps(mine) != json.dumps(other):
        raise Failed(f"{theirs.name} and {ours.name} answer {path} differently:\n{json.dumps(other)}\n{json.dumps(mine)}")


def cached(bench):
    kieng, express = bench.kieng(), bench.express()
    product = f"/products/{some_product(bench)}"
    servers = {}
    try:
        kieng.start()
        express.start()
        for path in (product, "/products"):
            same_bytes(path, kieng, express)
        nginx = Nginx(bench.folder, product, get_ok(kieng, product), get_ok(kieng, "/products"), bench.options.workers)
        nginx.start()
        servers = {"kieng": kieng, "express": express, "nginx": nginx}
        bench.options.sizes = {"product": len(get_ok(nginx, product)), "list": len(get_ok(nginx, "/products"))}

        def point(operation, name, clients, number):
            path = "/products" if operation.name == "list-cached" else product
            arguments = [kieng.token()] if operation.name == "product-signed-in" else []
            if name == "express":
                path = "/kept" + path
            bench.http_point(operation, servers[name], clients, number, lambda: ("same", path, arguments))
        bench.rounds("cached", point)
    finally:
        for server in (*servers.values(), kieng, express):
            server.stop()


def all_pages(server, limit=20):
    """The targets of every page of the list but the first, by following its cursors."""
    first = "/products" if limit == 20 else f"/products?limit={limit}"
    pages, cursor = [], json.loads(get_ok(server, first)).get("nextCursor")
    while cursor:
        pages.append(first + ("&" if "?" in first else "?") + f"cursor={cursor}")
        cursor = json.loads(get_ok(server, pages[-1])).get("nextCursor")
    return pages


def uncached(bench):
    kieng, express = bench.kieng("kieng", CACHE_BYTES=0), bench.express()
    ids = bench.database.psql("SELECT '/products/' || id FROM products ORDER BY id")
    (bench.folder / "ids").write_text(ids + "\n", encoding="ascii")
    try:
        kieng.start()
        express.start()
        for server in (kieng, express):
            pages = all_pages(server)
            (bench.folder / f"pages.{server.name}").write_text("\n".join(pages) + "\n", encoding="ascii")
        same_bytes(ids.split("\n", 1)[0], kieng, express)

        def point(operation, name, clients, number):
            lists = operation.name == "list-database"
            if name == "pgbench":
                bench.pgbench_point(operation, name, "list" if lists else "product", clients, number)
                return
            file = bench.folder / (f"pages.{name}" if lists else "ids")
            bench.http_point(operation, {"kieng": kieng, "express": express}[name], clients, number,
                             lambda: ("targets", "/", [file]))
        bench.rounds("uncached", point)
    finally:
        kieng.stop()
        express.stop()


def writes(bench):
    """Only the server under test runs: a node that is up reads the events of everybody's writes."""
    kieng, express = bench.kieng(), bench.express()
    file = bench.folder / "versions"
    done = 0

    def prepare(operation, clients):
        if operation.name == "product-create":
            return "create", "/", [kieng.token()]
        if operation.name.startswith("order"):
            goods = "SELECT id, price, price_version FROM products WHERE id < :'last' ORDER BY id"
            if operation.name == "order-hot":
                goods += f" LIMIT {HOT}"
            file.write_text(bench.database.psql(goods, "-v", f"last={NEW_PRODUCTS}") + "\n", encoding="ascii")
            return "order", "/", [file, kieng.token()]
        file.write_text(bench.database.psql("SELECT id, version, price FROM products WHERE id < :'last' ORDER BY id",
                                            "-v", f"last={NEW_PRODUCTS}") + "\n", encoding="ascii")
        return "edit", "/", [file, min(2, clients), kieng.token()]

    def point(operation, name, clients, number):
        nonlocal done
        if done % SETTLED == 0:
            bench.database.settle()
        done += 1
        if name.startswith("pgbench"):
            script = f"{OPERATION[operation.name]}_{FORM[name]}"
            each = TOGETHER if FORM[name] == "batch" else 1
            bench.pgbench_point(operation, name, script, clients, number, each)
            return
        server = kieng if name == "kieng" else express
        kieng.start()
        kieng.token()
        if server is express:
            kieng.stop()
            express.start()
        try:
            bench.http_point(operation, server, clients, number, lambda: prepare(operation, clients))
        finally:
            server.stop()
    try:
        bench.rounds("writes", point)
    finally:
        kieng.stop()
        express.stop()
