"""A private PostgreSQL: our own child with its own data folder, which may be frozen, killed and started again."""
import atexit
import glob
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import tempfile

import psycopg2

from .process import Process, children_of, free_port
from .waiting import until

_template = None


def scratch_base():
    """In memory where there is room: what the tests prove is what survives processes, not power cuts."""
    shm = "/dev/shm"
    if os.access(shm, os.W_OK) and shutil.disk_usage(shm).free > 1 << 30:
        return shm
    return tempfile.gettempdir()


def scratch_folder(name):
    """A fresh folder that carries our pid, so that what a killed run left behind is known as such and removed."""
    base = scratch_base()
    for entry in os.listdir(base):
        match = re.fullmatch(r"kieng-test-[a-z]+\.(\d+)\..*", entry)
        path = os.path.join(base, entry)
        if match and not os.path.exists("/proc/" + match[1]) and os.stat(path).st_uid == os.getuid():
            shutil.rmtree(path, ignore_errors=True)
    folder = tempfile.mkdtemp(prefix=f"kieng-test-{name}.{os.getpid()}.", dir=base)
    os.chmod(folder, 0o711)
    return folder


def _binary(name):
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"), key=lambda path: int(path.split("/")[4]))
    path = found[-1] if found else shutil.which(name)
    if path is None:
        raise RuntimeError(f"{name} is not installed: run scripts/install-deps.sh")
    return path


def _user():
    """PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            pwd.getpwnam(name)
            return name
        except KeyError:
            continue
    raise RuntimeError("no unprivileged user to run PostgreSQL as")


def _make_template():
    """`initdb` takes a second and more; every server of this process starts from a copy of one."""
    global _template
    if _template is not None:
        return _template
    root = scratch_folder("template")
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    data = os.path.join(root, "data")
    password = secrets.token_hex(16)
    password_file = os.path.join(root, "password")
    with open(password_file, "w", encoding="ascii") as sink:
        sink.write(password)
    os.mkdir(data, 0o700)
    user = _user()
    guard = []
    if user is not None:
        account = pwd.getpwnam(user)
        os.chown(data, account.pw_uid, account.pw_gid)
        os.chown(password_file, account.pw_uid, account.pw_gid)
        guard = ["setpriv", "--reuid", user, "--regid", str(account.pw_gid), "--clear-groups", "--"]
    subprocess.run(guard + [_binary("initdb"), "-D", data, "-U", "postgres", "-A", "scram-sha-256", "--pwfile",
                            password_file, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
                   check=True, cwd="/", stdout=subprocess.DEVNULL)
    os.unlink(password_file)
    _template = (data, password)
    return _template


class Postgres:
    def __init__(self, root, settings=None):
        self.root = root
        self.port = free_port()
        self.database = "kieng"
        self.user = "kieng"
        self.password = secrets.token_hex(16)
        self.process = None
        template, self._superuser_password = _make_template()
        self.data = os.path.join(root, "postgres")
        subprocess.run(["cp", "-a", "--", template, self.data], check=True)
        options = {
            "listen_addresses": "'127.0.0.1'", "unix_socket_directories": "''", "port": self.port,
            "max_connections": 120, "shared_buffers": "64MB", "fsync": "off", "full_page_writes": "off",
            "synchronous_commit": "on", "dynamic_shared_memory_type": "mmap", "timezone": "'UTC'", "log_timezone": "'UTC'", "autovacuum_naptime": "10s",
        }
        options.update(settings or {})
        with open(os.path.join(self.data, "postgresql.conf"), "a", encoding="utf-8") as sink:
            sink.writelines(f"{name} = {value}\n" for name, value in options.items())

    def start(self):
        """Starts the server and waits until it takes connections. Orphans of a killed one may hold its memory a moment."""
        def attempt():
            if self.process is None or not self.process.alive:
                self.process = Process("postgres", [_binary("postgres"), "-D", self.data],
                                       os.path.join(self.root, "postgres.log"), "/", dict(os.environ), _user())
            try:
                self._connect("postgres").close()
                return True
            except psycopg2.OperationalError:
                return False
        until(attempt, 60, "PostgreSQL's start")

    def create_database(self):
        connection = self._connect("postgres")
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE ROLE {self.user} LOGIN PASSWORD '{self.password}'")
            cursor.execute(f"CREATE DATABASE {self.database} OWNER {self.user}")
        connection.close()

    def _connect(self, database):
        return psycopg2.connect(host="127.0.0.1", port=self.port, user="postgres", dbname=database,
                                password=self._superuser_password, connect_timeout=5)

    def query(self, sql, *parameters):
        """Rows of one statement, as the superuser: the judge does not depend on what it judges."""
        connection = self._connect(self.database)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(sql, parameters or None)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def connect(self):
        return self._connect(self.database)

    def _family(self):
        return [self.process.pid, *children_of(self.process.pid)]

    def _signal_all(self, number):
        for pid in self._family():
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue

    def freeze(self):
        """Stops the server as a hung host does: it holds its connections and answers nothing."""
        self.process.pause()  # first the parent, so that no child is born meanwhile
        self._signal_all(signal.SIGSTOP)

    def thaw(self):
        self._signal_all(signal.SIGCONT)
        self.process.resume()

    def kill(self):
        """Ends all its processes at once, without a last word."""
        self.process.pause()
        family = self._family()
        for pid in family:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.kill()

    def stop(self):
        """Ends it in good order, breaking off its sessions."""
        self.process.signal(signal.SIGINT)
        self.process.wait(30)

    def close(self):
        """Ends it without waiting for anybody, and leaves nothing in the system's shared memory."""
        if self.process is None:
            return
        if self.process.alive:
            self.process.expected_end = True
            self.process.signal(signal.SIGQUIT)
            self.thaw()
            try:
                self.process.wait(10)
            except AssertionError:
                self.kill()
        try:
            with open(os.path.join(self.data, "postmaster.pid"), encoding="ascii") as source:
                segment = source.read().splitlines()[6].split()[1]
        except (OSError, IndexError):
            return
        subprocess.run(["ipcrm", "-m", segment], check=False, stderr=subprocess.DEVNULL)
