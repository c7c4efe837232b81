#!/usr/bin/env python3
"""Fills a fresh demo cluster through its API: staff logins, categories, the two product files.

    demo_data.py URL CREDENTIALS_FILE DATA_DIRECTORY

Signs in as the owner named in CREDENTIALS_FILE (lines NAME=value) and adds the staff's logins to it.
Safe to run again: what is there already is left as it is.
"""
import csv
import json
import os
import pathlib
import secrets
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

STAFF = ("manager", "cashier", "warehouse")
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class ApiError(Exception):
    """An answer of 4xx or 5xx. `problem` is its body as a dictionary."""

    def __init__(self, status, problem):
        super().__init__(f"{status} {problem.get('code', '')}: {problem.get('detail') or problem.get('title', '')}")
        self.status = status
        self.problem = problem


class Api:
    def __init__(self, base):
        self.base = base
        self.token = None

    def call(self, method, path, body=None, content_type="application/json", timeout=30):
        """One request; waits and repeats when told to slow down."""
        for _ in range(20):
            try:
                return self.call_once(method, path, body, content_type, timeout)
            except ApiError as error:
                if error.status not in (429, 503):
                    raise
                last = error
                time.sleep(min(error.problem.get("retry", {}).get("afterMs", 250) / 1000, 5) or 0.25)
        raise last

    def call_once(self, method, path, body, content_type, timeout):
        data = json.dumps(body).encode() if isinstance(body, (dict, list)) else body
        request = urllib.request.Request(self.base + path, data=data, method=method)
        request.add_header("Accept-Language", "en")
        if data is not None:
            request.add_header("Content-Type", content_type)
        if self.token:
            request.add_header("Authorization", "Bearer " + self.token)
        try:
            with OPENER.open(request, timeout=timeout) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            try:
                problem = json.loads(error.read())
            except ValueError:
                problem = {}
            raise ApiError(error.code, problem) from None


def read_credentials(path):
    return dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)


def write_credentials(path, values):
    new = path.with_name(path.name + ".new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.writelines(f"{name}={value}\n" for name, value in values.items())
    new.replace(path)


def make_staff(api, credentials_file):
    """The logins are written down before they are made, so that a start cut short loses none."""
    known = read_credentials(credentials_file)
    for role in STAFF:
        known.setdefault(role.upper() + "_EMAIL", f"{role}@example.com")
        known.setdefault(role.upper() + "_PASSWORD", secrets.token_hex(8))
    write_credentials(credentials_file, known)
    for role in STAFF:
        user = {"email": known[role.upper() + "_EMAIL"], "role": role, "firstName": "Demo",
                "lastName": role.capitalize(), "password": known[role.upper() + "_PASSWORD"]}
        try:
            api.call("POST", "/users", user)
        except ApiError as error:
            if error.problem.get("code") != "email_taken":
                raise


def known_categories(api):
    ids, cursor = {}, ""
    while True:
        page = api.call("GET", "/categories?limit=200" + cursor)
        ids.update((category["slug"], category["id"]) for category in page["items"])
        if not page.get("nextCursor"):
            return ids
        cursor = "&cursor=" + urllib.parse.quote(page["nextCursor"])


def make_categories(api, file):
    """Parents stand before their children in the file."""
    ids = known_categories(api)
    with open(file, encoding="utf-8", newline="") as source:
        for row in csv.DictReader(source):
            if row["slug"] in ids:
                continue
            category = {"name": row["name"], "slug": row["slug"]}
            if row["parent"]:
                category["parentId"] = ids[row["parent"]]
            ids[row["slug"]] = api.call("POST", "/categories", category)["id"]


def import_products(api, file):
    report = api.call("POST", "/products/import", file.read_bytes(), "text/csv", timeout=300)
    if report["failed"] or report["stopped"]:
        for error in report["errors"][:5]:
            print(f"{file.name} row {error['row']}: {error['field']} {error['code']} {error['detail']}", file=sys.stderr)
        raise RuntimeError(f"{report['failed']} of {report['rows']} rows of {file.name} were refused")
    return report["created"] + report["updated"] + report["unchanged"]


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    api, credentials_file, data = Api(sys.argv[1]), pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    owner = read_credentials(credentials_file)
    try:
        login = {"email": owner["OWNER_EMAIL"], "password": owner["OWNER_PASSWORD"]}
        api.token = api.call("POST", "/auth/login", login)["accessToken"]
        make_staff(api, credentials_file)
        make_categories(api, data / "categories.csv")
        print(sum(import_products(api, data / name) for name in ("products.csv", "vietnamese.csv")))
    except (ApiError, OSError, RuntimeError, KeyError) as error:
        sys.exit(f"demo data: {error}")


if __name__ == "__main__":
    main()
