"""The prices of a contact: stored as they were sent, and shown."""

from __future__ import annotations

from typing import Any

from .client import Api, row

PRICING: dict[str, Any] = {
    "categories": [{"source": "ERP", "sourceId": "chairs", "pricing": {"type": "SP", "amount": 12.5}}],
    "products": [{"id": 1797, "pricing": {"type": "net", "price": 10, "from": 3}}],
    "shopId": 2,
}


def test_pricing_is_stored_and_shown(api: Api) -> None:
    (id_,) = api.store(row(1, pricing=PRICING, pricelistAmount="A1", pricelistPercentage="P1"))
    api.store(row(1, firstName="Nella"))
    found = api.get(f"/contacts/id/{id_}")["data"]
    assert found["pricing"] == PRICING
    assert (found["pricelistAmount"], found["pricelistPercentage"]) == ("A1", "P1")


def test_new_pricing_replaces_the_stored_one(api: Api) -> None:
    api.store(row(1, pricing=PRICING))
    api.store(row(1, pricing={"products": []}))
    assert api.contact(1)["pricing"] == {"products": []}


def test_companies_have_pricing_too(api: Api) -> None:
    api.store_companies(row(1, pricing=PRICING))
    assert api.get("/companies/sourceId/1")["data"]["pricing"] == PRICING
