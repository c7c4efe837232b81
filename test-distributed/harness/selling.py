"""Goods with stock, and orders of them, for the tests of selling."""
import time
import uuid

from .people import new_product, unique

SHOP = "01900000-0000-7000-8000-000000000001"  # the location there always is


def new_key():
    return "order-" + uuid.uuid4().hex


def new_goods(manager, quantity, price=1000, **fields):
    """A product that is for sale, with so much of it in stock."""
    product = new_product(manager, price=price, **fields)
    if quantity:
        receive(manager, product, quantity)
    return product


def receive(manager, product, quantity):
    answer = manager.post("/inventory/receipts", {"lines": [{"productId": product["id"], "quantity": quantity}]}, key=new_key())
    assert answer.status == 201, answer


def line(product, quantity=1, **other):
    return {"productId": product["id"], "quantity": quantity, "expectedPrice": product["price"],
            "priceVersion": product["priceVersion"], **other}


def order_of(*lines, method="bank_transfer", **other):
    return {"items": list(lines), "payment": {"method": method}, **other}


def place(client, *lines, key=None, **other):
    return client.post("/orders", order_of(*lines, **other), key=key or new_key())


def sell(client, *lines, key=None, **other):
    return client.post("/pos/sales", {"items": list(lines), **other}, key=key or new_key())


def version_of(user):
    return f"{user}_{time.strftime('%Y%m%d%H%M%S', time.gmtime())}_{uuid.uuid4().hex[:8]}"


def step(client, order_id, name, body=None, **options):
    return client.post(f"/orders/{order_id}/{name}", body or {}, key=new_key(), **options)


def stock_of(manager, product):
    """(quantity, reserved) of the default variant."""
    answer = manager.get(f"/inventory?productId={product['id']}")
    assert answer.status == 200, answer
    (only,) = answer.json()["items"]
    return only["quantity"], only["reserved"]


def title():
    return unique("goods")
