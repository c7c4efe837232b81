"""What is measured, how, and what is asked of it."""
import dataclasses


@dataclasses.dataclass(frozen=True)
class Operation:
    """`clients` names how many clients each server gets; the first of `clients["kieng"]` marked `at` is the one that
    the target and the table of ratios are about."""
    name: str
    title: str
    section: str
    yardstick: str             # whose best the ratio is taken to
    target: float | None       # at least this times the yardstick
    at: int
    clients: dict
    note: str = ""
    floor: float | None = None    # at least this times the yardstick with as many clients, at all other numbers of clients


ALL = (1, 16, 64, 256)
POOL = (4, 8, 16)

OPERATIONS = (
    Operation("product-cached", "One product from the cache", "cached", "nginx", 0.9, 64,
              {"nginx": ALL, "kieng": ALL, "express": (64,)},
              "nginx returns the same bytes from its configuration; Express keeps the string in a Map"),
    Operation("product-signed-in", "The same, with an access token that is checked", "cached", "nginx", 0.9, 64,
              {"nginx": (64,), "kieng": (64,)}, "nginx checks nothing"),
    Operation("list-cached", "List of 20 from the cache", "cached", "nginx", 1.3, 64,
              {"nginx": ALL, "kieng": ALL, "express": (64,)}, "nginx sends the same bytes as a file"),
    Operation("product-database", "One product from PostgreSQL, random ids", "uncached", "pgbench", 0.65, 64,
              {"pgbench": POOL, "kieng": (1, 16, 64), "express": (16, 64)},
              "CACHE_BYTES=0; pgbench selects the same columns by one prepared statement"),
    Operation("list-database", "List of 20 from PostgreSQL, random pages", "uncached", "pgbench", 0.5, 64,
              {"pgbench": POOL, "kieng": (1, 16, 64), "express": (16, 64)},
              "CACHE_BYTES=0; pgbench selects the same columns by one prepared statement"),
    Operation("price-edit", "New price for a product, durable, with idempotency key", "writes", "pgbench one call", None, 64,
              {"pgbench one call": (1,) + POOL, "pgbench statements": POOL, "kieng": (1, 16, 64), "express": (16, 64)},
              "all write the same rows: ledger, product, price history, version, outbox, position"),
    Operation("product-create", "A new product, durable, with idempotency key", "writes", "pgbench one call", None, 64,
              {"pgbench one call": POOL, "kieng": (1, 16, 64)},
              "all write the same rows: ledger, product, variant, outbox, position"),
    Operation("order", "An order of 1 to 3 lines, durable, with idempotency key", "writes", "pgbench one call", 1.5, 64,
              {"pgbench one call": (1,) + POOL, "pgbench statements": POOL, "pgbench 32 a commit": (1, 2, 4), "kieng": (1, 16, 64)},
              "all write the same rows: ledger, stock, reservations, movements, order, lines, history, outbox, position", 0.9),
    Operation("order-hot", "The same, everyone buys the same five products", "writes", "pgbench one call", 5.0, 64,
              {"pgbench one call": (1,) + POOL, "pgbench 32 a commit": (1, 2, 4), "kieng": (1, 16, 64)},
              "the rows of their stock go from hand to hand", 0.9),
)

# What a quick run keeps of the clients above.
QUICK = {"kieng": (1, 64, 256), "nginx": (1, 64, 256), "express": (64,), "pgbench": (4, 16),
         "pgbench one call": (1, 8, 16), "pgbench statements": (16,), "pgbench 32 a commit": (2,)}


def named(only):
    """The operations whose name or section is in `only`; all when it is empty."""
    return [op for op in OPERATIONS if not only or op.name in only or op.section in only]


def clients_of(operation, server, quick=False, chosen=()):
    """How many clients a server gets. `chosen` replaces what is asked of HTTP servers; pgbench keeps looking for its best."""
    clients = operation.clients.get(server, ())
    if chosen and not server.startswith("pgbench") and clients:
        return tuple(chosen)
    if quick:
        return tuple(count for count in clients if count in QUICK[server])
    return clients
