#!/usr/bin/env python3
"""Writes docs/openapi.yaml as JSON into a C++ source: embed_contract.py IN.yaml OUT.cpp"""
import json
import sys

import yaml

PIECE = 12_000  # compilers bound the length of one literal


class Times(yaml.SafeLoader):
    """Dates in examples stay text."""


Times.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rows if tag != "tag:yaml.org,2002:timestamp"]
    for first, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

with open(sys.argv[1], encoding="utf-8") as contract:
    text = json.dumps(yaml.load(contract, Loader=Times), ensure_ascii=True, separators=(",", ":"))
pieces = [text[at : at + PIECE] for at in range(0, len(text), PIECE)]
with open(sys.argv[2], "w", encoding="ascii") as out:
    out.write('#include "node/system_routes.hpp"\n\n#include <string>\n\n')
    out.write("namespace kieng::node {\n\nstd::string_view embedded_contract()\n{\n    static const std::string text = [] {\n        std::string all;\n")
    for piece in pieces:
        out.write('        all += R"kieng(' + piece + ')kieng";\n')
    out.write("        return all;\n    }();\n    return text;\n}\n\n}  // namespace kieng::node\n")
