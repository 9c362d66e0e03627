"""The rights of tokens, consents and roles: no call of any API does or shows more than they allow.

The endpoints are those of the three OpenAPI documents, which also give the scope of each: a new
endpoint is included automatically. RIGHTS_EXAMPLES sets how many grants are tried.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, NamedTuple

import httpx
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contactory.access.secrets import hash_secret
from contactory.access.tokens import new_token
from contactory.model.scopes import SCOPES
from contactory.store import access
from contactory.store.administration import Administration

from .client import MakeApi, row
from .datananas.client import Api as Datananas
from .datananas.conftest import make_datananas  # noqa: F401 (a fixture)
from .datananas.test_bulk import finish
from .datananas.test_oauth import MakeProgram, Program, make_program  # noqa: F401 (a fixture)
from .server import Server
from .test_openapi import DIALECTS, document
from .test_tenants import NAME, SECRET, attempts, stored

EXAMPLES = int(os.environ.get("RIGHTS_EXAMPLES", "8"))
OFFERED = [scope for scope in SCOPES if re.match(r"\*|contacts|lists|users", scope)]


class Grant(NamedTuple):
    """The rights that were given, in the plain reading of scopes and roles."""

    scopes: frozenset[str]
    role: str

    def may(self, scope: str) -> bool:
        return bool(self.scopes & {"*", scope, f"{scope}:own", f"{scope}:company"})

    def reaches_all(self, scope: str) -> bool:
        if not self.may(scope) or f"{scope}:company" in self.scopes:
            return f"{scope}:company" in self.scopes
        return f"{scope}:own" not in self.scopes and self.role == "manager"


class Owned:
    """An organization in which ada, a plain user, owns a record of every kind, and others act."""

    def __init__(self, api: Any, server: str, http: httpx.Client, administration: Administration) -> None:
        self.organization, self.administration, self.ids = api.organization, administration, [NAME]
        self.users: dict[str, int | None] = {"": None}
        with administration.organization(self.organization) as (transaction, _):
            for name, role in (("ada", "user"), ("user", "user"), ("manager", "manager")):
                self.users[name] = access.create_user(
                    transaction, email=f"{name}@example.com", password_hash="-", role=role
                )
        api.store_companies(row("c1", name=SECRET))
        api.post("/attributes", {"class": "user", "name": NAME, "type": "text"}, 201)
        ada = Datananas(http, server, self.organization, self.token("ada", ["*"]))
        body = {"list": {"name": NAME}, "contacts": [{"email": "x@example.org", "lastName": SECRET}]}
        made = finish(ada, ada.ask("POST", "/contacts/bulk", body)["uuid"])
        contact = ada.create(email="y@example.org", lastName=SECRET)["_id"]
        ids = [made["uuid"], made["listId"], contact, str(int(contact, 16)), str(int(made["listId"], 16))]
        self.ids += ids

    def token(self, user: str, scopes: list[str]) -> str:
        token = new_token(self.organization)
        with self.administration.organization(self.organization) as (transaction, _):
            user_id = self.users[user]
            access.create_token(transaction, hash_secret(token), user_id=user_id, scopes=scopes)
        return token


@pytest.fixture(scope="module")
def owned(make_api: MakeApi, server: Server, http: httpx.Client, administration: Administration) -> Owned:
    return Owned(make_api(), server.url, http, administration)


@pytest.fixture(scope="module")
def calls(http: httpx.Client, server: Server, owned: Owned) -> list[tuple[str, str, str, list[Any]]]:
    """Return every endpoint of every API: its URL, its method, its scopes, and requests to try."""
    found = []
    for dialect, prefix in DIALECTS.items():
        described = document(http, server.url, dialect)
        parts = described["components"]["schemas"]
        for path, operations in described["paths"].items():
            for method, operation in operations.items():
                scope = operation["description"].removeprefix("Scope: ")
                tries = [*attempts(owned, owned.organization, path, operation, parts)]  # type: ignore[arg-type]
                found.append((f"{server.url}/{dialect}{prefix}", method, scope, tries))
    assert len(found) > 90
    return found


def kept_of_others(owner: psycopg.Connection, owned: Owned) -> dict[str, Any]:
    """Return all stored rows except those that users other than ada have made."""
    ada, ours = owned.users["ada"], stored(owner, owned.organization)
    lists = owner.execute(
        "SELECT number, name, details::text FROM directory WHERE organization_id = %s"
        " AND (kind <> 'list' OR details ->> 'owner' = %s) ORDER BY 1",
        [owned.organization, str(ada)],
    ).fetchall()
    contacts = owner.execute(
        "SELECT t::text FROM contacts AS t WHERE organization_id = %s AND owner_id = %s ORDER BY 1",
        [owned.organization, ada],
    ).fetchall()
    jobs = owner.execute(
        "SELECT t::text FROM jobs AS t WHERE organization_id = %s AND user_id = %s", [owned.organization, ada]
    ).fetchall()
    rest = {name: ours[name] for name in ("companies", "customers", "attributes")}
    return rest | {"lists": lists, "contacts": contacts, "jobs": jobs}


def try_all(
    http: httpx.Client, calls: list[Any], token: str, grant: Grant, random: Random
) -> Iterator[tuple[str, int]]:
    """Try every call that the grant does not allow in full; yield the expectation and the status."""
    headers = {"authorization": f"Bearer {token}"}
    for base, method, scopes, tries in calls:
        scope, _, instead = scopes.partition(" or ")
        may = grant.may(scope) or (bool(instead) and grant.may(instead))
        if grant.reaches_all(scope) and method != "get":
            continue
        path, body = random.choice(tries)
        reply = http.request(method, base + path, headers=headers, json=body)
        said = (method, base + path, body, reply.status_code, reply.text)
        assert reply.status_code < 500, said
        has_owners = "/datananas" in base
        if not may or not (grant.reaches_all(scope) or has_owners):
            assert reply.status_code == 403, said
            yield "refused", reply.status_code
        elif not grant.reaches_all(scope):
            # A list whose rights differ from those of contacts shows only what is allowed.
            assert SECRET not in reply.text, said
            yield "limited", reply.status_code


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=[*HealthCheck])
@given(
    scopes=st.sets(st.sampled_from(SCOPES), min_size=1, max_size=6) | st.just({"*"}),
    user=st.sampled_from(["user", "manager", ""]),
    random=st.randoms(use_true_random=False),
)
def test_token_allows_exactly_its_scopes(
    owned: Owned,
    calls: list[Any],
    http: httpx.Client,
    owner: psycopg.Connection,
    scopes: set[str],
    user: str,
    random: Random,
) -> None:
    before = kept_of_others(owner, owned)
    grant = Grant(frozenset(scopes), "user" if user == "user" else "manager")
    token = owned.token(user, sorted(scopes))
    for _ in try_all(http, calls, token, grant, random):
        pass
    assert kept_of_others(owner, owned) == before


def test_plain_user_is_limited_at_every_endpoint(
    owned: Owned, calls: list[Any], http: httpx.Client, owner: psycopg.Connection
) -> None:
    """Try each endpoint with each id of ada's records."""
    before = kept_of_others(owner, owned)
    token, seen = owned.token("user", ["*"]), list[tuple[str, int]]()
    for base, method, scope, tries in calls:
        for attempt in tries:
            one = [(base, method, scope, [attempt])]
            seen += try_all(http, one, token, Grant(frozenset("*"), "user"), Random(0))
    assert seen.count(("refused", 403)) > 100
    assert {200, 201, 403, 404} <= {status for what, status in seen if what == "limited"}
    assert kept_of_others(owner, owned) == before


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=[*HealthCheck])
@given(
    data=st.data(),
    consent=st.sets(st.sampled_from(OFFERED), max_size=5),
    by_role=st.sampled_from(["user", "manager"]),
)
def test_consent_and_refreshes_give_exactly_the_allowed_scopes(
    programs: dict[str, Program], http: httpx.Client, data: st.DataObject, consent: set[str], by_role: str
) -> None:
    program = programs[by_role]
    location = program.answer(program.page(" ".join(sorted(consent)))).headers["location"]
    token = program.fetch(location)
    allowed = Grant(frozenset(consent or {"*"}), by_role)
    all_of_it = set(token["scope"].split())
    reached(program, token, allowed)
    for _ in range(2):
        asked = data.draw(st.sets(st.sampled_from(sorted(consent or {"*"}))))
        white = data.draw(st.sampled_from([" ", "\t", "\u2003"]))
        form = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"]}
        form |= {"scope": white + white.join(sorted(asked))}
        reply = http.post(f"{program.base}/oauth2/token", data=form, auth=(program.client_id, program.secret))
        assert reply.status_code == 200, reply.text
        token = reply.json()
        assert asked or set(token["scope"].split()) == all_of_it
        reached(program, token, Grant(frozenset(asked), by_role) if asked else allowed)
        reached(program, token, allowed)


def reached(program: Program, token: dict[str, Any], allowed: Grant) -> None:
    """Check that the token has no more scopes than were allowed, and allows exactly these."""
    says = Grant(frozenset(token["scope"].split()), allowed.role)
    assert says.scopes
    for act in ("contacts:read", "contacts:write", "lists:read", "lists:write", "users:read"):
        assert allowed.may(act) or not says.may(act)
        assert allowed.reaches_all(act) or not says.reaches_all(act)
        assert allowed.role == "manager" or not says.reaches_all(act)
    for path, act in (("/contacts", "contacts:read"), ("/lists", "lists:read"), ("/users/me", "users:read")):
        expected = 200 if says.may(act) else 403
        assert program.get(path, token["access_token"]).status_code == expected, (path, says)


@pytest.fixture
def programs(make_program: MakeProgram) -> dict[str, Program]:  # noqa: F811
    return {role: make_program(role) for role in ("user", "manager")}


BLANKS = ["+", "%09", "%0a", "%c2%a0", "%e2%80%83", "", "+%09%e3%80%80"]


@pytest.mark.parametrize("blank", BLANKS)
def test_a_blank_scope_is_as_good_as_none(make_program: MakeProgram, blank: str) -> None:  # noqa: F811
    program = make_program("manager")
    token = program.allowed("contacts:read:own")
    content = f"grant_type=refresh_token&refresh_token={token['refresh_token']}&scope={blank}"
    reply = program.http.post(
        f"{program.base}/oauth2/token",
        content=content,
        headers={"content-type": "application/x-www-form-urlencoded"},
        auth=(program.client_id, program.secret),
    )
    refreshed = reply.json()
    assert refreshed["scope"] == "contacts:read:own"
    for method, path, body in (
        ("POST", "/datananas/contacts", {"email": "a@b.c"}),
        ("POST", "/datananas/lists", {"name": "x"}),
        ("POST", "/propeller/contacts/bulk/sourceId", {"contacts": [row(1)]}),
        ("GET", "/propeller/contacts/id/1", None),
    ):
        url = program.base.removesuffix("/datananas") + path
        headers = {"authorization": f"Bearer {refreshed['access_token']}"}
        assert program.http.request(method, url, json=body, headers=headers).status_code == 403
    page = program.page("x").replace("scope=x", f"scope={blank}")
    assert "<li>everything that you may do</li>" in program.http.get(page).text
    assert program.fetch(program.answer(page).headers["location"])["scope"] == "*"


def test_codes_are_for_who_proves_to_have_begun(make_program: MakeProgram) -> None:  # noqa: F811
    program = make_program("manager")
    page = program.page()
    for other in (
        page.replace("code_challenge_method=S256", "code_challenge_method=plain"),
        re.sub("&code_challenge_method=S256", "", page),
        re.sub("&code_challenge=[^&]*", "", page),
        re.sub("&code_challenge=[^&]*", "", re.sub("&code_challenge_method=S256", "", page)),
    ):
        assert other != page
        back = program.http.get(other, follow_redirects=False)
        assert "error=invalid_request" in back.headers["location"], other


def test_refusal_of_a_limited_caller_names_the_required_right(
    make_datananas: Callable[..., Datananas],  # noqa: F811
    server: Server,
) -> None:
    ada = make_datananas(role="user", name="ada")
    bob = make_datananas(ada.organization, role="user", name="bob")
    contact = int(ada.create(email="x@example.org")["_id"], 16)
    said = "it needs a user whose role is manager"
    everbridge, propeller = (
        f"{server.url}/everbridge/rest/contacts/{ada.organization}",
        f"{server.url}/propeller",
    )
    for method, url in (
        ("GET", f"{everbridge}/{contact}"),
        ("GET", everbridge),
        ("GET", f"{propeller}/contacts/id/{contact}"),
        ("PATCH", f"{propeller}/contacts/id/{contact}"),
        ("DELETE", f"{propeller}/contacts/id/{contact}"),
        ("POST", f"{propeller}/contacts/search"),
        ("POST", f"{propeller}/contacts/bulk/sourceId"),
    ):
        headers = {"authorization": f"Bearer {bob.token}"}
        reply = ada._http.request(method, url, json={}, headers=headers)
        assert reply.status_code == 403, reply.text
        problem = reply.json()
        if url.startswith(everbridge):
            assert problem["status"] == 403 and said in problem["message"]
        else:
            assert problem["error"]["code"] == 403 and said in problem["error"]["messages"][0]
