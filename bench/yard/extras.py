"""What is no throughput: logins against the limit of bcrypt itself, memory, and the time from start to ready."""
import concurrent.futures
import ctypes
import os
import socket
import statistics
import time

from yard import load, machine
from yard.sections import all_pages, some_product
from yard.servers import OWNER

IDLE_CONNECTIONS = 500
FLOOD_PAUSE = 40   # milliseconds: 32 clients ask 800 times a second, some 100 times what can be hashed
CACHE_METRIC = "kieng_cache_bytes"
SALT = b"$2b$12$" + b"bench" + b"." * 16 + b"u"


def bcrypt_rate(threads, seconds):
    """Hashes per second that libcrypt gives with so many threads, and nothing around it. ctypes lets go of the interpreter's lock."""
    library = ctypes.CDLL("libcrypt.so.1")
    library.crypt_rn.restype = ctypes.c_char_p
    library.crypt_rn.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int)

    def hash_until(end):
        room = ctypes.create_string_buffer(32768)
        made = 0
        while time.monotonic() < end:
            if not library.crypt_rn(OWNER["password"].encode(), SALT, room, len(room)):
                raise RuntimeError("libcrypt knows no bcrypt")
            made += 1
        return made, time.monotonic()
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        done = list(pool.map(hash_until, [began + seconds] * threads))
    return sum(made / (ended - began) for made, ended in done)


def login(bench):
    """Logins per second, and what a flood of them does to readers of the cache."""
    threads = max(1, (os.cpu_count() or 1) // 2)
    seconds = max(5, bench.options.seconds)
    kieng = bench.kieng(HASH_THREADS=threads)
    kieng.start()
    try:
        limit = bcrypt_rate(threads, seconds)
        credentials = [OWNER["email"], OWNER["password"]]
        busy = load.wrk(kieng, "login", 2 * threads, seconds, "/auth/login", credentials)
        path = f"/products/{some_product(bench)}"
        load.wrk(kieng, "same", 16, 1, path)
        calm = load.wrk(kieng, "same", 16, seconds, path)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            flood = pool.submit(load.wrk, kieng, "login", 32, seconds + 1, "/auth/login", [*credentials, FLOOD_PAUSE])
            time.sleep(0.5)
            flooded = load.wrk(kieng, "same", 16, seconds, path)
            flood = flood.result()
    finally:
        kieng.stop()
    return {
        "threads": threads, "limit": limit, "rate": busy["accepted"] / busy["seconds"], "p99": busy["p99"],
        "flood_accepted": flood["accepted"] / flood["seconds"], "flood_turned_away": flood["turned_away"] / flood["seconds"],
        "flood_broken": flood["broken"], "calm_rate": calm["rate"], "calm_p99": calm["p99"],
        "flooded_rate": flooded["rate"], "flooded_p99": flooded["p99"]}


def wide_pages(kieng):
    """More different list pages than the cache can hold: 50 places in the catalogue, 100 lengths of a page."""
    places = [""] + ["&" + page.split("?", 1)[1].split("&")[-1] for page in all_pages(kieng, 200)]
    return [f"/products?limit={limit}{place}" for limit in range(101, 201) for place in places]


def memory(bench):
    """Resident MiB of a node: ready and idle, with its cache full, and what an idle connection adds."""
    kieng = bench.kieng(ACCESS_LOG="off")
    kieng.start()
    idle = []
    try:
        time.sleep(1.0)
        fresh = machine.resident_mib(kieng.process.pid)
        for _ in range(IDLE_CONNECTIONS):
            connection = socket.create_connection(("127.0.0.1", kieng.port), 5)
            idle.append(connection)
            connection.sendall(b"GET /ready HTTP/1.1\r\nHost: bench\r\n\r\n")
            connection.recv(65536)
        connected = machine.resident_mib(kieng.process.pid)
        for connection in idle:
            connection.close()
        (bench.folder / "wide").write_text("\n".join(wide_pages(kieng)) + "\n", encoding="ascii")
        filled = load.wrk(kieng, "targets", 16, max(8, bench.options.seconds), "/", [bench.folder / "wide"])
        return {"fresh": fresh, "full": machine.resident_mib(kieng.process.pid), "bad": filled["bad"] + filled["broken"],
                "cache": kieng.metric(CACHE_METRIC) / 2**20,
                "connection_kib": (connected - fresh) * 1024 / IDLE_CONNECTIONS, "connections": IDLE_CONNECTIONS}
    finally:
        for connection in idle:
            connection.close()
        kieng.stop()


def start_up(bench, times=5):
    """Milliseconds from exec to the first 200 of /ready, on a database that is migrated already."""
    spent = []
    for _ in range(times):
        machine.wait_quiet(5)
        kieng = bench.kieng()
        try:
            spent.append(kieng.start() * 1000)
        finally:
            kieng.stop()
    return {"min": min(spent), "median": statistics.median(spent), "max": max(spent)}
