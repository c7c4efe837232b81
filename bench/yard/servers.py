"""The servers that are compared: nginx, Express and Kiềng. All listen on 127.0.0.1 only."""
import http.client
import json
import os
import pathlib
import secrets
import time

from yard.database import BENCH
from yard.processes import Failed, Server, clean_environment

OWNER = {"email": "owner@example.com", "password": secrets.token_hex(12)}
TOKEN_SECONDS = 600


def get(server, path, headers=None, method="GET", body=None):
    """(status, body bytes) of one request."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def get_ok(server, path, headers=None):
    status, body = get(server, path, headers)
    if status != 200:
        raise Failed(f"{server.name} answers {path} with {status}: {body[:300].decode(errors='replace')}")
    return body


class Nginx(Server):
    """Ready bytes: one product from memory, the list of 20 as a file."""
    name = "nginx"

    def __init__(self, folder, product_path, product, page, workers):
        folder = pathlib.Path(folder) / "nginx"
        (folder / "www").mkdir(parents=True)
        super().__init__(folder)
        (folder / "www/list.json").write_bytes(page)
        text = product.decode()
        if "'" in text or "$" in text or "\\" in text:
            raise Failed("the product's bytes hold what nginx would not take literally")
        config = (BENCH / "nginx/nginx.conf.in").read_text(encoding="utf-8")
        for name, value in (("DIR", folder), ("PORT", self.port), ("WORKERS", workers),
                            ("PRODUCT_PATH", product_path), ("PRODUCT", text)):
            config = config.replace(f"@{name}@", str(value))
        (folder / "nginx.conf").write_text(config, encoding="utf-8")
        for path in (folder, *folder.rglob("*")):   # the workers run as nobody
            path.chmod(0o755 if path.is_dir() else 0o644)

    def command(self):
        return (["nginx", "-c", str(self.folder / "nginx.conf"), "-e", str(self.log)], clean_environment(), self.folder)


class Express(Server):
    """What a shop's developer would write first: Express and pg, one process per core."""
    name = "express"

    def __init__(self, folder, modules, database, workers, pool):
        super().__init__(folder)
        self.modules, self.database, self.workers, self.pool = modules, database, workers, pool

    def command(self):
        environment = self.database.environment() | {
            "NODE_ENV": "production", "PORT": str(self.port), "WORKERS": str(self.workers),
            "POOL": str(max(1, self.pool // self.workers))}
        return ["node", str(pathlib.Path(self.modules) / "server.js")], environment, self.folder

    def is_ready(self):
        return super().is_ready() and get(self, "/ready")[0] == 200


class Kieng(Server):
    """One kieng-node as it is shipped: access log, metrics, tokens, every guard on but the rate limits, which would stop
    one generator address."""
    patience = 0.0   # its orderly stop serves on for seconds, and nobody is left to be served

    def __init__(self, folder, binary, database, name="kieng", **settings):
        self.name = name
        super().__init__(folder)
        self.binary, self.database, self.settings = binary, database, settings
        self.token_made, self.token_text = -TOKEN_SECONDS, ""
        self.secret = secrets.token_hex(32)

    def environment(self):
        return clean_environment(self.database.node_settings() | {
            "SERVER_ID": "server-a", "PORT": self.port, "BIND_ADDRESS": "127.0.0.1", "SELF_URL": self.url,
            "JWT_SECRET": self.secret, "CLUSTER_SECRET": self.secret, "KIENG_ENV_FILE": os.devnull,
            "OWNER_EMAIL": OWNER["email"], "OWNER_PASSWORD": OWNER["password"],
            "RATE_LIMIT_ADDRESS": 0, "RATE_LIMIT_USER": 0, "LOGIN_LIMIT": "off",
            "MAX_CONNECTIONS_PER_ADDRESS": 10_000} | self.settings)

    def command(self):
        return [str(self.binary), "serve"], self.environment(), self.folder

    def is_ready(self):
        try:
            return get(self, "/ready")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def token(self):
        """An access token of the owner, renewed before it ends."""
        if time.monotonic() - self.token_made > TOKEN_SECONDS:
            status, body = get(self, "/auth/login", {"Content-Type": "application/json"}, "POST", json.dumps(OWNER))
            if status != 200:
                raise Failed(f"the owner cannot sign in: {status} {body[:300].decode(errors='replace')}")
            self.token_text, self.token_made = json.loads(body)["accessToken"], time.monotonic()
        return self.token_text

    def metric(self, name):
        """The sum of a metric over its labels, or 0 when there is none."""
        lines = get_ok(self, "/metrics").decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines
                   if line.startswith((name + " ", name + "{")))
