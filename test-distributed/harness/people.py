"""Accounts of every role, and the goods tests sell."""
import itertools
import secrets

from .client import Client

ROLES = ("owner", "manager", "cashier", "warehouse", "customer")
_counter = itertools.count(1)


def unique(prefix="x"):
    """A word that no other test uses: lower-case letters, digits and dashes."""
    return f"{prefix}-{next(_counter)}-{secrets.token_hex(4)}"


class Account:
    """An account and the tokens of its latest session."""

    def __init__(self, identity, email, password):
        self.id = identity
        self.email = email
        self.password = password
        self.access = None
        self.refresh = None

    def take(self, signed_in):
        self.access, self.refresh = signed_in["accessToken"], signed_in["refreshToken"]
        return self

    def sign_in(self, node):
        client = Client(node.port)
        answer = client.post("/auth/login", {"email": self.email, "password": self.password})
        client.close()
        assert answer.status == 200, answer
        return self.take(answer.json())

    def client(self, node, **options):
        return Client(node.port, self.access, **options)


class People:
    def __init__(self, cluster):
        self.cluster = cluster
        self._known = {}

    def new(self, role="customer", signed_in=True):
        """A new account that the owner made."""
        password = "secret " + secrets.token_hex(8)
        email = unique(role) + "@kieng.test"
        owner = self.cluster.owner()
        answer = owner.post("/users", {"email": email, "password": password, "role": role})
        owner.close()
        assert answer.status == 201, answer
        account = Account(answer.json()["id"], email, password)
        return account.sign_in(self.cluster[0]) if signed_in else account

    def one(self, role):
        """An account of that role which all tests share; they must not end its session."""
        if role not in self._known:
            self._known[role] = self.new(role)
        return self._known[role]

    def client(self, role, which=0, **options):
        """A client of that role, or without a token for `anonymous`."""
        token = None if role == "anonymous" else self.one(role).access
        return Client(self.cluster[which].port, token, **options)


def new_product(client, **fields):
    answer = client.post("/products", {"name": unique("product"), "price": 1000, **fields})
    assert answer.status == 201, answer
    return answer.json()


def new_category(client, **fields):
    answer = client.post("/categories", {"name": unique("category"), **fields})
    assert answer.status == 201, answer
    return answer.json()


def new_address(client, **fields):
    answer = client.post("/auth/me/addresses", {"recipient": "Lan", "phone": "0912345678", "line1": "12 Hàng Bạc",
                                                "province": "Hà Nội", **fields})
    assert answer.status == 201, answer
    return answer.json()
