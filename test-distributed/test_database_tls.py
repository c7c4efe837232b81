"""The way between a node and PostgreSQL: encrypted where it is asked for, and only to whom the operator trusts."""
import os
import shutil
import subprocess

import pytest

from harness.waiting import until


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_authority(folder, name):
    key, certificate = os.path.join(folder, name + ".key"), os.path.join(folder, name + ".pem")
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=" + name, "-keyout", key, "-out", certificate)
    return key, certificate


def certify(folder, authority, name, address):
    """A key and a certificate of the authority for an address."""
    key, wish, certificate, more = (os.path.join(folder, name + end) for end in (".key", ".csr", ".crt", ".ext"))
    with open(more, "w", encoding="ascii") as sink:
        sink.write("subjectAltName=" + address)
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=" + name, "-keyout", key, "-out", wish)
    openssl("x509", "-req", "-in", wish, "-CA", authority[1], "-CAkey", authority[0], "-CAcreateserial", "-days", "2",
            "-extfile", more, "-out", certificate)
    return key, certificate


def serve_with(postgres, pair):
    """Gives a running PostgreSQL a certificate and TLS."""
    owner = os.stat(postgres.data)
    for source, name in zip(pair, ("server.key", "server.crt")):
        to = os.path.join(postgres.data, name)
        shutil.copyfile(source, to)
        os.chmod(to, 0o600)
        os.chown(to, owner.st_uid, owner.st_gid)
    switch(postgres, "on")


def switch(postgres, state):
    postgres.query(f"ALTER SYSTEM SET ssl = {state}")
    postgres.query("SELECT pg_reload_conf()")
    until(lambda: postgres.query("SHOW ssl")[0][0] == state, 10, f"ssl = {state}")


def start_again(node, **settings):
    node.terminate()
    node.process.wait(30)
    node.settings.update(settings)
    node.start()


def refusal_of(node, **settings):
    """What the node says as it ends."""
    start_again(node, **settings)
    node.process.expected_end = True
    node.process.wait(30)
    assert node.process.popen.returncode == 1
    return [line for line in node.log_text().splitlines() if line.startswith("kieng-node:")][-1]


def encrypted(postgres):
    rows = postgres.query("SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = %s", postgres.user)
    return bool(rows) and all(row[0] for row in rows)


@pytest.fixture
def authority(tmp_path):
    return make_authority(str(tmp_path), "authority")


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
def test_every_connection_to_postgresql_is_encrypted(own_cluster, authority, tmp_path, mode):
    shop = own_cluster(names=("server-a",))
    serve_with(shop.postgres, certify(str(tmp_path), authority, "postgres", "IP:127.0.0.1"))
    start_again(shop[0], DB_SSLMODE=mode, DB_SSLROOTCERT=None if mode == "require" else authority[1])
    shop[0].wait_ready()
    assert shop.client("server-a").get("/products").status == 200
    assert encrypted(shop.postgres)


def test_a_certificate_of_somebody_else_ends_the_start(own_cluster, authority, tmp_path):
    shop = own_cluster(names=("server-a",))
    serve_with(shop.postgres, certify(str(tmp_path), authority, "postgres", "IP:127.0.0.1"))
    stranger = make_authority(str(tmp_path), "stranger")
    said = refusal_of(shop[0], DB_SSLMODE="verify-full", DB_SSLROOTCERT=stranger[1])
    assert "shows a certificate that none of" in said and stranger[1] in said
    serve_with(shop.postgres, certify(str(tmp_path), authority, "elsewhere", "DNS:db.example.vn"))
    said = refusal_of(shop[0], DB_SSLMODE="verify-full", DB_SSLROOTCERT=authority[1])
    assert "shows a certificate for another name" in said


def test_a_postgresql_without_tls_ends_the_start_of_a_node_that_wants_it(own_cluster):
    shop = own_cluster(names=("server-a",))
    said = refusal_of(shop[0], DB_SSLMODE="require")
    assert "does not offer TLS" in said and "DB_SSLMODE=require" in said
