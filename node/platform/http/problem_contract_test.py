"""Compares problem_table.cpp with the table of errors and the limits in docs/openapi.yaml."""

import pathlib
import re
import sys

import yaml

HERE = pathlib.Path(__file__).parent
ROW = re.compile(
    r'case errc::(\w+):\s*return\s*\{\s*(\d+),\s*(\w+),\s*(\w+),\s*(\w+),\s*(\d+),\s*"([^"]*)",\s*"([^"]*)"\s*\};'
)
LIMITS = {
    "headerBytes": "header_bytes",
    "urlBytes": "target_bytes",
    "headerFields": "header_fields",
    "bodyBytes": "body_bytes",
    "streamBytes": "stream_bytes",
    "chunkLineBytes": "chunk_line_bytes",
    "trailerBytes": "trailer_bytes",
    "headerMilliseconds": "header_time",
    "bodyGraceMilliseconds": "body_grace",
    "bodyBytesPerSecond": "body_bytes_per_second",
    "idleMilliseconds": "idle_time",
    "writeStallMilliseconds": "write_stall",
    "connections": "connections",
    "connectionsPerAddress": "connections_per_address",
}
# What a fault says is allowed: symbols, or words that fault_text.cpp has in Vietnamese too.
FAULT = re.compile(r"fault_code::\w+\s*[,?:][^;]*;|constexpr shape \w+\{[^;]*;")
LITERAL = re.compile(r'(?<!R)"((?:[^"\\]|\\.)*)"')
ENGLISH = re.compile(
    r"\b(most|least|characters?|integer|strings?|printable|example|and|or|between|with|only|more|all|letters?|digits|capital"
    r"|either|members?|visible|objects?|array|cells|together|small|not|no|the|than)\b")
ELSEWHERE = {"jsonDepth"}  # base/json_reader.hpp; its tests read the contract too


def untranslated() -> list[str]:
    known = set(re.findall(r'phrase\{\s*"[^"]*",\s*"([^"]*)"\}', (HERE / "fault_text.cpp").read_text(encoding="utf-8")))
    out = []
    for folder in ("base", "node"):
        for path in sorted((HERE.parents[2] / folder).rglob("*.[ch]pp")):
            if path.stem.endswith("_test") or path.name == "fault_text.cpp":
                continue
            for statement in FAULT.findall(path.read_text(encoding="utf-8")):
                for words in LITERAL.findall(statement):
                    plain = words.strip()
                    fits = any(one == plain or one.replace("#", "").strip() == plain for one in known)
                    if ENGLISH.search(plain) and not re.search("[^\\x00-\\x7f]", statement) and not fits:
                        out.append(f"{path.name}: '{words}' is allowed in English only")
    return out


def main() -> int:
    contract = yaml.safe_load((HERE / "../../../docs/openapi.yaml").resolve().read_text(encoding="utf-8"))
    said = {
        row["code"]: (
            row["status"],
            row["scope"],
            str(row["committed"]),
            row["retry"]["where"],
            row["retry"]["afterMs"],
            row["title"]["vi"],
            row["title"]["en"],
        )
        for row in contract["x-errors"]
    }
    source = (HERE / "problem_table.cpp").read_text(encoding="utf-8")
    done = {
        code: (int(status), scope, effect, {"nowhere": "none"}.get(where, where), int(after), vi, en)
        for code, status, scope, effect, where, after, vi, en in ROW.findall(source)
    }
    faults = [f"{code}: contract {said.get(code)}, code {done.get(code)}"
              for code in sorted(said.keys() | done.keys()) if said.get(code) != done.get(code)]
    limits = (HERE / "limits.hpp").read_text(encoding="utf-8")
    for name, member in LIMITS.items():
        found = re.search(rf"(?:std::size_t|std::chrono::milliseconds) {member}(?: = |\{{\s*)([\d']+)[;}}]", limits)
        value = int(found.group(1).replace("'", "")) if found else None
        if value != contract["x-limits"][name]:
            faults.append(f"{name}: contract {contract['x-limits'][name]}, code {value}")
    faults += [f"{name}: not compared" for name in contract["x-limits"] if name not in LIMITS and name not in ELSEWHERE]
    faults += untranslated()
    print("\n".join(faults) or f"{len(said)} errors and {len(LIMITS)} limits agree")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
