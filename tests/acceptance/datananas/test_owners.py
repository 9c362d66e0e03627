"""Ownership of contacts, lists, calls, idempotency keys and quotas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from contactory.store import access, accounts
from contactory.store.administration import Administration
from tests.acceptance.client import MakeApi as MakePropeller
from tests.acceptance.client import row
from tests.acceptance.everbridge.client import Api as Everbridge
from tests.acceptance.everbridge.client import person

from .client import Api
from .conftest import MakeApi
from .test_bulk import bulk, finish, people, send
from .watching import STARTING, watching


def forbidden(api: Api, method: str, path: str, body: Any = None) -> str:
    reason: str = api.ask(method, path, body, 403)["reason"]
    return reason


def test_contacts_without_owner_are_seen_and_changed_by_all(make_datananas: MakeApi) -> None:
    ours = make_datananas()
    bob = make_datananas(ours.organization, role="user", name="bob")
    made = ours.create(email="x@example.org", city="Delft")
    assert [contact["_id"] for contact in bob.contacts()] == [made["_id"]]
    assert bob.contacts(city="Delft") == bob.contacts(email="x@example.org") == bob.contacts()
    assert bob.ask("GET", f"/contacts/{made['_id']}")["contact"]["_id"] == made["_id"]
    bob.ask("PUT", f"/contacts/{made['_id']}", {"city": "Breda"})
    job = bulk(ours, *people(1))
    assert [shown["uuid"] for shown in bob.ask("GET", "/contacts/bulk")["bulks"]] == [job["uuid"]]
    assert bob.ask("GET", f"/contacts/bulk/{job['uuid']}")["total"] == 1
    bob.ask("DELETE", f"/contacts/{made['_id']}", status=204)


def test_contacts_and_calls_of_another_user_are_hidden(make_datananas: MakeApi) -> None:
    ada = make_datananas(role="user", name="ada")
    bob = make_datananas(ada.organization, role="user", name="bob")
    boss = make_datananas(ada.organization, role="manager", name="boss")
    limited = make_datananas(
        ada.organization, role="manager", name="m", scopes="contacts:read:own contacts:write:own lists:write"
    )
    expo = ada.ask("POST", "/lists", {"name": "Expo"}, 201)["list"]["_id"]
    job = bulk(ada, *people(1, city="Delft"))
    one = f"/contacts/{ada.contacts()[0]['_id']}"
    for stranger in (bob, limited):
        assert stranger.contacts(city="Delft") == stranger.contacts(email="p0@example.org") == []
        assert stranger.ask("GET", "/contacts/bulk")["bulks"] == []
        assert stranger.ask("GET", f"/contacts/bulk/{job['uuid']}", status=404)["reason"] == "not_found"
        for method, body in (("GET", None), ("PUT", {"city": "Breda"}), ("DELETE", None)):
            assert forbidden(stranger, method, one, body) == "contact_forbidden"
        assert forbidden(stranger, "POST", "/contacts", {"email": "P0@example.org"}) == "contact_forbidden"
    assert boss.ask("GET", "/contacts/bulk")["page"]["total"] == 1
    assert len(boss.contacts(city="Delft")) == 1
    assert limited.create(email="mine@example.org", list=expo)["list"] == expo


def test_user_cannot_make_another_user_the_owner(make_datananas: MakeApi) -> None:
    ada = make_datananas(role="user", name="ada")
    bob = make_datananas(ada.organization, role="user", name="bob")
    made = bob.create(email="x@example.org")
    given = {"owner": ada.email}
    assert forbidden(bob, "PUT", f"/contacts/{made['_id']}", given) == "contact_forbidden"
    assert forbidden(bob, "POST", "/contacts", given | {"email": "y@example.org"}) == "contact_forbidden"
    refused = send(bob, *people(1, owner=ada.email), status=400)
    assert refused["errors"] == [{"i": 0, "field": "", "message": "contact_forbidden"}]
    assert bob.create(email="z@example.org", owner=bob.email)["owner"] == bob.email
    assert ada.contacts() == []


def test_token_that_may_only_write_reads_nothing(make_datananas: MakeApi) -> None:
    ada = make_datananas(role="user", name="ada")
    made = ada.create(email="x@example.org", lastName="Byron")
    blind = make_datananas(ada.organization, scopes="contacts:write")
    partly = make_datananas(
        ada.organization, role="manager", name="m", scopes="contacts:write contacts:read:own"
    )
    for writer in (blind, partly):
        shown = writer.create(200, email="X@example.org", zip_code="01803")
        assert shown == {"_id": made["_id"], "email": "X@example.org", "zip": "01803"}
        said = {"city": "Delft", "lastName": "", "list": "", "updatedAt": None, "vars": {writer.email: 1}}
        changed = writer.ask("PUT", f"/contacts/{made['_id']}", said)["contact"]
        assert changed == {"_id": made["_id"], "city": "Delft", "vars": {writer.email: 1}}
        assert writer.create(email=f"new-{len(writer.email)}@example.org", city="Breda")["language"] == "en"
    assert ada.create(200, email="x@example.org")["lastName"] == "Byron"


@pytest.mark.parametrize("scopes", ["*", "lists:read:own lists:write:own contacts:write contacts:read"])
def test_lists_of_another_user_are_refused(make_datananas: MakeApi, scopes: str) -> None:
    ada = make_datananas(role="user", name="ada")
    role = "user" if scopes == "*" else "manager"
    bob = make_datananas(ada.organization, role=role, name="bob", scopes=scopes)
    hers = ada.ask("POST", "/lists", {"name": "Hers"}, 201)["list"]["_id"]
    mine = bob.ask("POST", "/lists", {"name": "Mine"}, 201)["list"]["_id"]
    made = bob.create(email="x@example.org")
    for method, path, body in (
        ("GET", f"/lists/{hers}", None),
        ("PUT", f"/lists/{hers}", {"name": "Taken"}),
        ("DELETE", f"/lists/{hers}", None),
        ("POST", "/contacts", {"email": "r2@example.org", "list": hers}),
        ("PUT", f"/contacts/{made['_id']}", {"list": hers}),
        ("POST", "/contacts/bulk", {"list": {"_id": hers}, "contacts": people(1)}),
        ("POST", "/contacts/bulk", {"list": {"name": "Hers"}, "contacts": people(1)}),
    ):
        assert forbidden(bob, method, path, body) == "list_forbidden", (method, path)
    assert bob.ask("GET", "/contacts", status=403, list=hers)["reason"] == "list_forbidden"
    shown = bob.ask("GET", "/lists")
    assert ([one["name"] for one in shown["lists"]], shown["page"]["total"]) == (["Mine"], 1)
    for method, path in (("POST", "/lists"), ("PUT", f"/lists/{mine}")):
        assert bob.ask(method, path, {"name": "Hers"}, 409)["reason"] == "already_exists"
    assert bob.ask("PUT", f"/lists/{mine}", {"name": "Still mine"})["list"]["_id"] == mine
    assert ada.ask("GET", f"/lists/{hers}")["list"]["name"] == "Hers"


def test_list_with_contacts_of_others_is_not_empty(make_datananas: MakeApi) -> None:
    ada = make_datananas(role="user", name="ada")
    boss = make_datananas(ada.organization, role="manager", name="boss")
    hers = ada.ask("POST", "/lists", {"name": "Hers"}, 201)["list"]["_id"]
    made = boss.create(email="x@example.org", list=hers)
    assert ada.ask("GET", f"/lists/{hers}")["list"]["contacts"] == 0
    assert ada.ask("DELETE", f"/lists/{hers}", status=409)["reason"] == "already_exists"
    boss.ask("DELETE", f"/contacts/{made['_id']}", status=204)
    ada.ask("DELETE", f"/lists/{hers}", status=204)


def test_job_reaches_what_its_caller_reached(make_datananas: MakeApi, administration: Administration) -> None:
    """The role of the user may change between the reply and the last row."""
    boss = make_datananas(role="manager", name="boss")
    ada = make_datananas(boss.organization, role="user", name="ada")
    boss.create(email="p5@example.org")
    job = send(ada, *people(5), partial="true")
    with administration.organization(ada.organization) as (transaction, _):
        user = access.find_user(transaction, ada.email)
        assert user
        accounts.set_role(transaction, user, "manager")
    assert (finish(ada, job["uuid"])["created"], bulk(ada, *people(6))["failed"]) == (5, 0)
    with administration.organization(ada.organization) as (transaction, _):
        accounts.set_role(transaction, user, "user")
    done = bulk(ada, *people(6, city="Delft"), partial="true")
    assert (done["updated"], done["failed"]) == (5, 1)
    assert done["errors"] == [{"i": 5, "field": "", "message": "contact_forbidden"}]


def test_idempotency_keys_are_scoped_to_a_token(make_datananas: MakeApi) -> None:
    first = make_datananas()
    second = make_datananas(first.organization)
    headers = {"idempotency-key": "night-1"}
    uuids = [
        api.call("POST", "/contacts/bulk", json={"contacts": people(count)}, headers=headers).json()["uuid"]
        for api, count in ((first, 1), (second, 1), (second, 1))
    ]
    assert uuids[0] != uuids[1] == uuids[2]
    other = {"contacts": people(2)}
    assert second.call("POST", "/contacts/bulk", json=other, headers=headers).status_code == 422


def test_quota_of_contacts_holds_for_all_apis(
    make_api: MakePropeller, make_datananas: MakeApi, administration: Administration
) -> None:
    propeller = make_api()
    datananas = make_datananas(propeller.organization, role="user", name="ada")
    with administration.organization(propeller.organization) as (transaction, _):
        access.set_quota(transaction, total_contacts=5)
    boss = make_datananas(propeller.organization, role="manager", name="boss")
    datananas.create(email="x@example.org")
    boss.create(email="y@example.org")
    refused = propeller.call("POST", "/contacts/bulk/sourceId", json={"contacts": [row(n) for n in range(4)]})
    assert (refused.status_code, refused.json()["error"]["type"]) == (402, "QuotaExceeded")
    assert propeller.count() == 2
    everbridge = Everbridge(boss._http, boss.base.removesuffix("/datananas"), boss.organization, boss.token)
    assert propeller.store(row(1), row(2), row(3))
    assert everbridge.ask("POST", "/contacts/{org}/batch", [person("e1")], 402)["status"] == 402
    assert (
        datananas.ask("POST", "/contacts", {"email": "z@example.org"}, 402)["reason"]
        == "contact_total_quotas"
    )
    assert propeller.store(row(1, firstName="Known"), row(2), row(3))
    propeller.store_companies(row("c1", name="Not a contact"))


def test_socket_requires_a_scope(make_datananas: MakeApi) -> None:
    api = make_datananas(scopes="users:read contacts:write lists:read")
    for query, headers in (("", None), (f"?access_token={api.token}", {})):
        with pytest.raises(InvalidStatus) as refused, watching(api, query, headers):
            pass
        assert refused.value.response.status_code == 403
    with watching(api, headers={}) as sockets, pytest.raises(ConnectionClosed) as closed:
        sockets.socket.send(f'{{"type": "auth", "token": "{api.token}"}}')
        sockets.next()
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 4403


@pytest.mark.parametrize("end", ["revoked", "expired"])
def test_socket_is_closed_when_its_token_ends(
    make_datananas: MakeApi, contactory: Callable[..., Any], administration: Administration, end: str
) -> None:
    ada = make_datananas(role="manager", name="ada")
    other = Api(ada._http, ada.base.removesuffix("/datananas"), ada.organization, ada.token)
    other.token = contactory("token", "create", "--org", str(ada.organization), "--user", ada.email)["token"]
    with watching(ada) as first, watching(other) as second:
        if end == "revoked":
            contactory("token", "revoke", ada.token)
        else:
            with administration.organization(ada.organization) as (transaction, _):
                transaction.connection.execute(
                    "UPDATE tokens SET expires_at = now() WHERE created_at ="
                    " (SELECT min(created_at) FROM tokens WHERE organization_id = %s)",
                    [ada.organization],
                )
        finish(other, send(other, *people(3))["uuid"])
        with pytest.raises(ConnectionClosed) as closed:
            first.next()
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 4401
        assert second.next()["type"] == STARTING
        assert len(second.until_end()) == 4


@pytest.mark.parametrize("replayed", ["another's", "nonsense", "11111111-1111-4111-8111-111111111111"])
def test_replay_of_another_users_call_is_refused(make_datananas: MakeApi, replayed: str) -> None:
    ada = make_datananas(role="user", name="ada")
    bob = make_datananas(ada.organization, role="user", name="bob")
    uuid = bulk(ada, *people(1))["uuid"] if replayed == "another's" else replayed
    with watching(bob, f"?replay={uuid}") as sockets, pytest.raises(ConnectionClosed) as closed:
        sockets.next()
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 4403
