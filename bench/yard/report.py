"""From points to tables: build/bench/results.md for people, results.json for programs."""
import collections
import dataclasses
import json
import statistics

from yard.plan import OPERATIONS


@dataclasses.dataclass
class Cell:
    """All rounds of one operation on one server with one number of clients."""
    rounds: int
    noisy: bool
    low: float
    median: float
    high: float
    p50: float
    p99: float
    longest: float
    cpu: float
    database: float
    bad: int
    foreign: float


def cell_of(rows):
    """Quiet attempts count; where there is none, the least noisy one does, and is marked."""
    chosen = [row for row in rows if row["quiet"]]
    noisy = not chosen
    if noisy:
        chosen = [min(rows, key=lambda row: row["foreign"])]
    rates = [row["rate"] for row in chosen]
    middle = (lambda key: statistics.median(row[key] for row in chosen))
    return Cell(rounds=len(chosen), noisy=noisy, low=min(rates), median=statistics.median(rates), high=max(rates),
                p50=middle("p50"), p99=middle("p99"), longest=max(row["max"] for row in chosen),
                cpu=statistics.median(row["server_us"] + row["database_us"] for row in chosen),
                database=middle("database_us"), bad=sum(row["bad"] + row["broken"] for row in chosen),
                foreign=max(row["foreign"] for row in chosen))


def cells(rows):
    """operation -> server -> clients -> Cell"""
    grouped = collections.defaultdict(list)
    for row in rows:
        grouped[row["operation"], row["server"], row["clients"]].append(row)
    out = collections.defaultdict(lambda: collections.defaultdict(dict))
    for (operation, server, clients), some in grouped.items():
        out[operation][server][clients] = cell_of(some)
    return out


def yardstick_at(operation, servers, clients):
    """What the ratio is taken to: pgbench's best over its client counts, nginx, and who is held to a floor, at the same number of clients."""
    found = servers.get(operation.yardstick, {})
    floor = operation.floor is not None and clients < operation.at
    if operation.yardstick.startswith("pgbench") and not floor:
        return max(found.values(), key=lambda cell: cell.median, default=None)
    return found.get(clients)


def ratio(cell, to):
    return cell.median / to.median if cell and to and to.median else None


def summaries(measured):
    """One line per operation and number of clients of ours: the ratios beside the target."""
    out = []
    for operation in OPERATIONS:
        servers = measured.get(operation.name, {})
        for clients, ours in sorted(servers.get("kieng", {}).items()):
            to = yardstick_at(operation, servers, clients)
            express = servers.get("express", {})
            wanted = operation.target if clients in (operation.at, 256) else operation.floor
            got = ratio(ours, to)
            out.append({
                "operation": operation.name, "title": operation.title, "clients": clients, "rate": ours.median,
                "p99": ours.p99, "cpu": ours.cpu, "bad": ours.bad,
                "noisy": ours.noisy or (to is not None and to.noisy), "yardstick": operation.yardstick,
                "yardstick_rate": to.median if to else None, "ratio": got,
                "cpu_ratio": ours.cpu / to.cpu if to and to.cpu else None, "target": wanted,
                "met": None if wanted is None or got is None else got >= wanted,
                "express": ratio(ours, express.get(clients))})
    return out


def number(value, form="{:,.0f}", none="–"):
    return none if value is None else form.format(value)


def summary_table(lines):
    yield "| operation | clients | Kiềng/s | yardstick | its best/s | ratio | target | | × Express | p99 ms | CPU µs each | CPU × yardstick | bad |"
    yield "|---|--:|--:|---|--:|--:|--:|---|--:|--:|--:|--:|--:|"
    for line in lines:
        verdict = {None: "", True: "met", False: "**missed**"}[line["met"]]
        yield (f"| {line['title']} | {line['clients']} | {number(line['rate'])} | {line['yardstick']} | "
               f"{number(line['yardstick_rate'])} | {number(line['ratio'], '{:.2f}')}{' *' if line['noisy'] else ''} | {number(line['target'], '≥ {:.2f}', '')} | "
               f"{verdict} | {number(line['express'], '{:.1f}')} | {line['p99']:.2f} | {line['cpu']:.1f} | "
               f"{number(line['cpu_ratio'], '{:.2f}')} | {line['bad']} |")


def operation_table(operation, servers):
    yield f"\n### {operation.title}\n"
    if operation.note:
        yield f"{operation.note[0].upper()}{operation.note[1:]}.\n"
    yield "| clients | server | rounds | requests/s min | median | max | p50 ms | p99 ms | longest ms | CPU µs each (of it PostgreSQL) | foreign CPU | bad |"
    yield "|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    rows = [(clients, server, cell) for server, by_clients in servers.items() for clients, cell in by_clients.items()]
    for clients, server, cell in sorted(rows, key=lambda row: (row[0], -row[2].median)):
        yield (f"| {clients} | {server}{' *' if cell.noisy else ''} | {cell.rounds} | {cell.low:,.0f} | {cell.median:,.0f} | "
               f"{cell.high:,.0f} | {cell.p50:.2f} | {cell.p99:.2f} | {cell.longest:,.1f} | {cell.cpu:.1f} ({cell.database:.1f}) | "
               f"{cell.foreign * 100:.0f} % | {cell.bad} |")


def extras_text(extras):
    if "login" in extras:
        it = extras["login"]
        yield "\n### Logins (bcrypt cost 12)\n"
        yield (f"{it['rate']:.2f} per second with {it['threads']} hashing thread(s); bcrypt alone gives {it['limit']:.2f}: "
               f"ratio **{it['rate'] / it['limit']:.2f}** (target: the limit). p99 {it['p99']:.0f} ms.\n")
        yield (f"A flood by 32 clients, 800 a second: {it['flood_accepted']:.1f}/s signed in, {it['flood_turned_away']:,.0f}/s turned away, "
               f"{it['flood_broken']} broken. Readers of the cache meanwhile (16 clients): p99 {it['calm_p99']:.2f} -> "
               f"{it['flooded_p99']:.2f} ms, {it['calm_rate']:,.0f} -> {it['flooded_rate']:,.0f}/s (target: p99 at most doubled).")
    if "memory" in extras:
        it = extras["memory"]
        yield "\n### Memory of one node\n"
        yield (f"{it['fresh']:.1f} MiB when ready; {it['full']:.1f} MiB with {it['cache']:.1f} MiB of answers in the cache "
               f"(bound: cache + 64 MiB); {it['connection_kib']:.1f} KiB per idle connection over {it['connections']} (bound: 16 KiB).")
    if "start" in extras:
        it = extras["start"]
        yield "\n### From start to ready\n"
        yield f"{it['min']:.0f} / {it['median']:.0f} / {it['max']:.0f} ms min / median / max (bound: 300 ms), database migrated already."


def markdown(about, measured, lines, extras):
    """The whole of results.md."""
    out = ["# Measured on this machine\n",
           f"{about['machine']}. {about['versions']}. {about['products']:,} products; one product is {about['sizes'].get('product', '?')} "
           f"bytes, the list of 20 {about['sizes'].get('list', '?')}. The disk makes 8 KiB durable in {about['flush_us']:,.0f} µs. {about['rounds']} round(s) of {about['seconds']} s per point, "
           f"{about['when']}, commit {about['commit']}.\n",
           "The generator shares the cores with what it measures: take the ratios, not the absolute figures (bench/README.md).\n"]
    if lines:
        out += ["## Ratios\n", *summary_table(lines), "\n`*`: one of the two never had a quiet round; do not quote it.",
                "\n![ratios](results.svg)\n"]
    if measured:
        out.append("## Points\n\n`*`: no quiet round; the least noisy one is shown.")
        for operation in OPERATIONS:
            if operation.name in measured:
                out += operation_table(operation, measured[operation.name])
    if extras:
        out += ["\n## Besides", *extras_text(extras)]
    return "\n".join(out) + "\n"


def as_json(about, measured, lines, extras):
    points = [{"operation": operation, "server": server, "clients": clients} | dataclasses.asdict(cell)
              for operation, servers in measured.items() for server, by_clients in servers.items()
              for clients, cell in by_clients.items()]
    return json.dumps({"about": about, "summary": lines, "points": points, "extras": extras}, indent=2, ensure_ascii=False) + "\n"
