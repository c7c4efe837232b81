"""The contract, docs/openapi.yaml: finds the operation of a request and says what is wrong with an answer."""
import collections
import functools
import json
import os
import re
import threading

import yaml

from .schema import Schemas

_CODES = re.compile(r"`([a-z_]+)`")


class Operation:
    def __init__(self, method, path, item, node):
        self.method = method.upper()
        self.path = path
        self.id = node["operationId"]
        self.node = node
        self.permission = node["x-permission"]
        self.key_required = node.get("x-idempotency") == "required"
        self.idempotent = self.key_required or node.get("x-idempotency") == "optional"
        self.body_limit = node.get("x-body-limit")
        security = node.get("security", [])
        self.peers_only = any("peerSignature" in one for one in security)
        self.token = "ignored" if not security else "optional" if {} in security else "required"
        self.parameters = item.get("parameters", []) + node.get("parameters", [])
        self.content = node.get("requestBody", {}).get("content", {})
        self.body_required = node.get("requestBody", {}).get("required", False)
        # A fixed segment is more than a name: /products/export is not /products/{id}.
        self.rank = path.count("{")
        self.pattern = re.compile("/".join("[^/]+" if part.startswith("{") else re.escape(part) for part in path.split("/")))

    def path_for(self, identity):
        return re.sub(r"\{[^}]+\}", identity, self.path)

    def takes_json(self):
        """Not so with what payment providers send: their signature is looked at first, and they add what they like."""
        return "application/json" in self.content and self.permission != "payments.notify"


class Contract:
    def __init__(self, path):
        with open(path, encoding="utf-8") as source:
            # The pure loader takes seconds; libyaml's is there wherever Debian's python3-yaml is.
            self.document = yaml.load(source, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        self.schemas = Schemas(self.document)
        self.limits = self.document["x-limits"]
        self.roles = self.document["x-roles"]
        self.errors = {entry["code"]: entry for entry in self.document["x-errors"]}
        self.operations = []
        for path_name, item in self.document["paths"].items():
            for method, node in item.items():
                if method != "parameters":
                    self.operations.append(Operation(method, path_name, item, node))
        self.operations.sort(key=lambda operation: operation.rank)
        self.seen = collections.Counter()
        self._lock = threading.Lock()

    def operation(self, identity):
        return next(operation for operation in self.operations if operation.id == identity)

    def query_parameters(self, operation):
        resolved = (self.schemas.resolve(one) for one in operation.parameters)
        return {one["name"]: one for one in resolved if one["in"] == "query"}

    def body_schema(self, operation):
        return self.schemas.resolve(operation.content["application/json"]["schema"])

    def find(self, method, target):
        path = re.sub(r"^https?://[^/]+", "", target).partition("?")[0]
        path = path.removeprefix("/v1") or "/"
        wanted = "GET" if method == "HEAD" else method
        for operation in self.operations:
            if operation.method == wanted and operation.pattern.fullmatch(path):
                return operation
        return None

    def methods(self, path):
        found = {operation.method for operation in self.operations if operation.path == path}
        return found | ({"HEAD"} if "GET" in found else set()) | {"OPTIONS"}

    def check(self, answer, request_headers):
        """What is wrong with an answer, as sentences; none when it keeps the contract."""
        operation = self.find(answer.method, answer.path)
        with self._lock:
            self.seen[(operation.id if operation else "-", answer.status)] += 1
        found = self._every_answer(answer, request_headers)
        response = None
        if operation is not None:
            responses = operation.node["responses"]
            response = responses.get(str(answer.status))
            if response is None and 200 <= answer.status < 400:
                return found + [f"{operation.id} does not list status {answer.status}"]
            found += self._headers(self.schemas.resolve(response or responses["default"]), answer)
        if answer.status >= 400 and not self._is_health(operation, answer):
            found += self._problem(response, answer)
        elif operation is not None:
            found += self._body(self.schemas.resolve(response), answer)
        return found

    @staticmethod
    def _is_health(operation, answer):
        media = answer.header("Content-Type") or ""
        return operation is not None and answer.status == 503 and operation.id in ("getHealth", "getHealthAlias", "getReady") \
            and not media.startswith("application/problem+json")

    @staticmethod
    def _every_answer(answer, request_headers):
        found = []
        for name, wanted in (("X-Content-Type-Options", "nosniff"), ("X-Request-Id", None), ("Kieng-Token", None),
                             ("Referrer-Policy", None), ("Cache-Control", None)):
            values = answer.all(name)
            if len(values) != 1 or (wanted is not None and values[0].lower() != wanted):
                found.append(f"{name} is {values}")
        kept = answer.header("ETag") and answer.method in ("GET", "HEAD") and not answer.path.split("?")[0].endswith("/api/cluster/healthy-servers")
        wanted = "private, no-cache" if kept else "no-store"
        if answer.header("Cache-Control") not in (wanted, None):
            found.append(f"Cache-Control is {answer.header('Cache-Control')}, not {wanted}")
        asked = next((value for name, value in request_headers.items() if name.lower() == "x-request-id"), None)
        if asked is not None and re.fullmatch(r"[A-Za-z0-9._~:/+=-]{1,128}", asked) and answer.header("X-Request-Id") != asked:
            found.append("X-Request-Id is not the caller's")
        if answer.header("Server") is not None and re.search(r"[0-9]", answer.header("Server")):
            found.append("Server tells a version")
        if answer.status in (204, 304) and answer.body:
            found.append(f"{answer.status} with a body")
        if answer.method == "HEAD" and answer.body:
            found.append("HEAD with a body")
        return found

    def _headers(self, response, answer):
        found = []
        for name, header in response.get("headers", {}).items():
            header = self.schemas.resolve(header)
            value = answer.header(name)
            if value is None:
                if header.get("required"):
                    found.append(f"{name} is missing")
                continue
            if header["schema"].get("type") == "integer":
                value = int(value) if value.isdigit() else value
            found += self.schemas.faults(header["schema"], value, name)
        return found

    def _body(self, response, answer):
        content = response.get("content")
        if not content:
            return [f"{answer.status} with a body"] if answer.body else []
        if answer.method == "HEAD":
            return []
        media = (answer.header("Content-Type") or "").partition(";")[0].strip()
        if media not in content:
            return [f"Content-Type is {media or 'missing'}, not one of {list(content)}"]
        if media != "application/json" or answer.header("Content-Encoding"):
            return []
        return self.schemas.faults(content[media]["schema"], json.loads(answer.body))

    def _problem(self, response, answer):
        if answer.method == "HEAD":
            return []
        if not (answer.header("Content-Type") or "").startswith("application/problem+json"):
            return [f"an error as {answer.header('Content-Type')}"]
        problem = answer.json()
        found = self.schemas.faults(self.document["components"]["schemas"]["Problem"], problem)
        row = self.errors.get(problem.get("code"))
        if row is None or found:
            return found
        code = problem["code"]
        expected = {"status": row["status"], "committed": row["committed"], "scope": row["scope"]}
        if code == "database_unavailable":  # the node may know that only its own way is cut
            expected.pop("scope")
        for name, value in expected.items():
            if problem[name] != value:
                found.append(f"{code}: {name} is {problem[name]}, not {value}")
        if problem["status"] != answer.status:
            found.append(f"status {problem['status']} in the body, {answer.status} on the line")
        if problem["requestId"] != answer.header("X-Request-Id"):
            found.append("requestId is not X-Request-Id")
        if problem["title"] not in row["title"].values():
            found.append(f"{code}: title is {problem['title']!r}")
        listed = set(_CODES.findall((response or {}).get("description", "")))
        if listed and code not in listed:
            found.append(f"{code} is not among this operation's {sorted(listed)}")
        for status, header in ((401, "WWW-Authenticate"), (405, "Allow"), (429, "Retry-After"), (503, "Retry-After")):
            if answer.status == status and answer.header(header) is None:
                found.append(f"{status} without {header}")
        return found


@functools.lru_cache(maxsize=None)
def contract():
    here = os.path.dirname(os.path.abspath(__file__))
    return Contract(os.path.join(here, "..", "..", "docs", "openapi.yaml"))
