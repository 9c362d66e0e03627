"""The authors of a contact and of its last change: users, clients and tokens, through each of the three
APIs."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from typing import Any

import httpx
import psycopg
import pytest

from contactory.access.secrets import hash_password, hash_secret
from contactory.access.tokens import new_token
from contactory.store import access
from contactory.store.administration import Administration
from tests.acceptance.client import Api as Propeller
from tests.acceptance.client import row
from tests.acceptance.datananas.client import Api as Datananas
from tests.acceptance.server import Server

from .client import Api, Contact, person

PASSWORD = "correct horse battery"

Written = tuple[Any, Any]


class User:
    """A manager with a token, in each of the three APIs."""

    def __init__(self, http: httpx.Client, server: Server, organization: int, id_: int, token: str) -> None:
        self.id = id_
        self.everbridge = Api(http, server.url, organization, token)
        self.propeller = Propeller(http, server.url, organization, token)
        self.datananas = Datananas(http, server.url, organization, token)


MakeUser = Callable[..., User]


@pytest.fixture
def make_user(api: Api, http: httpx.Client, server: Server, administration: Administration) -> MakeUser:
    def make(email: str, first_name: str = "", last_name: str = "") -> User:
        token = new_token(api.organization)
        with administration.organization(api.organization) as (transaction, _):
            id_ = access.create_user(
                transaction,
                email=email,
                password_hash=hash_password(PASSWORD),
                role="manager",
                first_name=first_name,
                last_name=last_name,
            )
            assert id_
            access.create_token(transaction, hash_secret(token), user_id=id_, scopes=["*"])
        return User(http, server, api.organization, id_, token)

    return make


@pytest.fixture
def nia(make_user: MakeUser) -> User:
    return make_user("nia@example.com", "Nia", "Holt")


@pytest.fixture
def bo(make_user: MakeUser) -> User:
    return make_user("bo@example.com")


def written(shown: Contact) -> tuple[Written, Written]:
    """Return the id and name of who created it, and of who changed it last."""
    return (
        (shown.get("createdId"), shown.get("createdName")),
        (shown.get("lastModifiedId"), shown.get("lastModifiedName")),
    )


def test_batches_show_their_users_as_authors(api: Api, nia: User, bo: User) -> None:
    nia_is, bo_is = (nia.id, "Nia Holt"), (bo.id, "bo@example.com")
    nia.everbridge.store(person("1"), person("2"), person("3"))
    assert [written(contact) for contact in api.page()] == [(nia_is, nia_is)] * 3
    before = api.get("2")
    bo.everbridge.put(person("1", suffix="I"), person("2"), idType="externalId")
    assert written(api.get("1")) == (nia_is, bo_is)
    # An unchanged row keeps its author and its time of change.
    assert api.get("2") == before
    bo.everbridge.ask("POST", "/contacts/{org}/batch", [person("3"), person("4")])
    assert written(api.get("3")) == (nia_is, nia_is)
    assert written(api.get("4")) == (bo_is, bo_is)
    nia.everbridge.put({"externalId": "4", "suffix": "IV"}, idType="externalId", updateType="partial")
    after = api.get("4")
    assert written(after) == (bo_is, nia_is)
    assert after["createdDate"] < after["lastModifiedDate"] == after["lastModifiedTime"]


def test_single_calls_show_their_users_as_authors(api: Api, nia: User, bo: User) -> None:
    nia_is, bo_is = (nia.id, "Nia Holt"), (bo.id, "bo@example.com")
    id_ = nia.everbridge.ask("POST", "/contacts/{org}", person("1"))["id"]
    assert written(api.get("1")) == (nia_is, nia_is)
    bo.everbridge.ask("PUT", f"/contacts/{{org}}/{id_}", person("1", suffix="I"))
    assert written(api.get("1")) == (nia_is, bo_is)
    change = [{"op": "replace", "path": "/firstName", "value": "Orla"}]
    nia.everbridge.ask("PATCH", f"/contacts/{{org}}/{id_}", change)
    assert written(api.get("1")) == (nia_is, nia_is)
    # These fields are ignored when a client sends them back.
    sent = api.get("1") | {"createdId": 1, "createdName": "Nobody", "lastModifiedId": 1, "suffix": "II"}
    bo.everbridge.ask("PUT", f"/contacts/{{org}}/{id_}", sent)
    assert written(api.get("1")) == (nia_is, bo_is)


def test_new_external_id_is_a_change_by_its_caller(api: Api, nia: User, bo: User) -> None:
    (id_,) = nia.everbridge.store(person("1"))
    bo.everbridge.put({"id": id_, "externalId": "2"}, updateType="partial")
    assert written(api.get("2")) == ((nia.id, "Nia Holt"), (bo.id, "bo@example.com"))


def test_joining_a_group_is_a_change_by_its_caller(api: Api, nia: User, bo: User) -> None:
    group = nia.everbridge.create("groups", name="Staff")
    nia.everbridge.store(person("1"), person("2", groups=[group]))
    by_key: dict[str, Any] = {"groupId": group, "idType": "externalId"}
    bo.everbridge.ask("POST", "/groups/{org}/contacts", ["1"], **by_key)
    bo.everbridge.ask("DELETE", "/groups/{org}/contacts", ["2"], **by_key)
    for key in "12":
        assert written(api.get(key)) == ((nia.id, "Nia Holt"), (bo.id, "bo@example.com"))


def test_user_by_name_and_password_is_the_author(api: Api, nia: User) -> None:
    encoded = base64.b64encode(f"nia@example.com:{PASSWORD}".encode()).decode()
    headers = {"authorization": f"Basic {encoded}"}
    assert api.call("POST", "/contacts/{org}", json=person("1"), headers=headers).status_code == 200
    assert written(api.get("1")) == ((nia.id, "Nia Holt"),) * 2


def test_client_or_token_without_a_user_is_the_author(
    api: Api,
    http: httpx.Client,
    nia: User,
    make_client: Callable[[int], tuple[str, str]],
    contactory: Callable[..., Any],
) -> None:
    listed = contactory("token", "list", "--org", str(api.organization))["tokens"]
    (own,) = [token["id"] for token in listed if token["user"] is None]
    api.store(person("1"))
    client_id, secret = make_client(api.organization)
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    url = api.base.removesuffix("/rest") + "/authorization/v1/tokens"
    client = Api(http, api.base[: -len("/everbridge/rest")], api.organization, "")
    for suffix in ("I", "II"):  # The client is the author, whichever of its tokens it shows.
        client.token = http.post(url, data=form).json()["access_token"]
        client.store(person("1", suffix=suffix), person("2", suffix=suffix))
        (token_id, token_name), last = written(api.get("1"))
        assert token_name == f"token {own}"
        assert last[1] == "Nightly sync"
        assert written(api.get("2")) == (last, last)
        assert len({token_id, last[0], nia.id}) == 3
    contactory("client", "delete", client_id, "--yes")
    assert written(api.get("2")) == (last, last)


def test_authors_are_the_same_through_all_three_apis(api: Api, nia: User, bo: User) -> None:
    nia_is, bo_is = (nia.id, "Nia Holt"), (bo.id, "bo@example.com")
    rows = [row(number, firstName="Ada", lastName=f"{number:04}") for number in range(2000)]
    ids = nia.propeller.store(*rows)
    bo.propeller.store(*rows[:1000], *({**given, "firstName": "Bea"} for given in rows[1000:]))
    shown = {contact["id"]: written(contact) for contact in api.page(pageSize=3000)}
    assert [shown[id_] for id_ in ids] == [(nia_is, nia_is)] * 1000 + [(nia_is, bo_is)] * 1000

    (made,) = nia.propeller.store(row("single", firstName="Cas"))
    one = bo.datananas.create(email="d@example.com", firstName="Dag")
    sent = [{"email": "d@example.com", "firstName": "Eda"}, {"email": "f@example.com", "firstName": "Fay"}]
    job = nia.datananas.ask("POST", "/contacts/bulk", {"contacts": sent})["uuid"]
    deadline = time.monotonic() + 30
    while nia.datananas.ask("GET", f"/contacts/bulk/{job}")["state"] != "ended":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    last = {contact["id"]: contact for contact in api.page(pageSize=3000) if contact["id"] not in ids}
    assert {contact["firstName"]: written(contact) for contact in last.values()} == {
        "Cas": (nia_is, nia_is),
        "Eda": (bo_is, nia_is),
        "Fay": (nia_is, nia_is),
    }
    assert made in last and one["firstName"] == "Dag"


def test_name_of_a_deleted_user_stays(api: Api, nia: User, bo: User, contactory: Callable[..., Any]) -> None:
    nia.everbridge.store(person("1"))
    bo.everbridge.create("groups", name="Staff")
    for email in ("nia@example.com", "bo@example.com"):
        contactory("user", "delete", "--email", email, "--org", str(api.organization), "--yes")
    assert written(api.get("1")) == ((nia.id, "Nia Holt"),) * 2
    (group,) = api.page("/groups/{org}")
    assert written(group) == ((bo.id, "bo@example.com"),) * 2


@pytest.mark.parametrize(
    ("resource", "more"),
    [
        ("groups", {}),
        ("recordTypes", {}),
        ("contactAttributes", {"dataType": "STRING", "displayFormat": "F"}),
    ],
)
def test_definitions_show_their_authors(
    api: Api, nia: User, bo: User, resource: str, more: dict[str, Any]
) -> None:
    nia_is, bo_is = (nia.id, "Nia Holt"), (bo.id, "bo@example.com")
    id_ = nia.everbridge.create(resource, name="First", **more)
    path = f"/{resource}/{{org}}/{id_}"
    assert written(api.ask("GET", path)["result"]) == (nia_is, nia_is)
    bo.everbridge.ask("PUT", path, {"name": "First", **more})
    assert written(api.ask("GET", path)["result"]) == (nia_is, nia_is)
    bo.everbridge.ask("PUT", path, {"name": "Second", **more})
    assert written(api.ask("GET", path)["result"]) == (nia_is, bo_is)
    assert [written(entry) for entry in api.page(f"/{resource}/{{org}}") if entry["id"] == id_] == [
        (nia_is, bo_is)
    ]


def test_unknown_author_is_left_out(api: Api, nia: User, owner: psycopg.Connection) -> None:
    api.store(person("1"), person("2"))
    owner.execute(
        "UPDATE contacts SET created_by = 0 WHERE organization_id = %s", [api.organization]
    )  # like contacts of earlier versions
    keys = ("createdId", "createdName", "lastModifiedId", "lastModifiedName")
    assert not any(key in api.get("1") for key in keys)
    nia.everbridge.store(person("1", suffix="I"))
    assert written(api.get("1")) == ((None, None), (nia.id, "Nia Holt"))
    (employee,) = api.page("/recordTypes/{org}")
    assert not any(key in employee for key in keys)


def test_authors_of_a_deleted_organization_are_deleted(
    make_everbridge: Callable[[], Api], contactory: Callable[..., Any], owner: psycopg.Connection
) -> None:
    gone = make_everbridge()
    count = "SELECT count(*) FROM authors WHERE organization_id = %s"
    assert owner.execute(count, [gone.organization]).fetchone() == (1,)
    contactory("org", "delete", str(gone.organization), "--yes")
    assert owner.execute(count, [gone.organization]).fetchone() == (0,)
