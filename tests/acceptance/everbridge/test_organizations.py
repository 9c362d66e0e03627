"""GET /organizations lists every organization in which the caller may act, and no other."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest

from contactory.access.secrets import hash_password
from contactory.model.limits import LOGINS_LISTED
from contactory.store import access
from contactory.store.administration import Administration

from .client import Api, person

PASSWORD = "correct horse: battery"
HASH = hash_password(PASSWORD)

MakeApi = Callable[[], Api]


@pytest.fixture
def add_user(administration: Administration) -> Callable[..., None]:
    def add(api: Api, email: str, role: str = "manager", password_hash: str = HASH) -> None:
        with administration.organization(api.organization) as (transaction, _):
            access.create_user(transaction, email=email, password_hash=password_hash, role=role)

    return add


def listed(api: Api, email: str, status: int = 200) -> dict[int, int]:
    """Return the organizations of a login, with the number of their contacts."""
    encoded = base64.b64encode(f"{email}:{PASSWORD}".encode()).decode()
    response = api.call("GET", "/organizations", headers={"authorization": f"Basic {encoded}"})
    assert response.status_code == status, response.text
    data = response.json()["page"]["data"] if status == 200 else []
    assert [one["organizationId"] for one in data] == [one["id"] for one in data]
    return {one["organizationId"]: one["contactCount"] for one in data}


def test_login_lists_all_its_organizations(
    api: Api, make_everbridge: MakeApi, add_user: Callable[..., None]
) -> None:
    email = f"all-{api.organization}@example.com"
    second, plain, another_password, foreign = (make_everbridge() for _ in range(4))
    add_user(api, email)
    add_user(second, email.upper())
    add_user(plain, email, role="user")
    add_user(another_password, email, password_hash=hash_password("another"))
    add_user(foreign, f"other-{email}")
    second.store(person("1"), person("2"))
    expected = {api.organization: 0, second.organization: 2}
    for _ in range(2):  # The second time from a cache.
        assert listed(api, email) == expected
    # A token belongs to one organization.
    assert [one["organizationId"] for one in second.page("/organizations")] == [second.organization]
    encoded = base64.b64encode(f"{email}:{PASSWORD}".encode()).decode()
    headers = {"authorization": f"Basic {encoded}"}
    page = api.call("GET", "/organizations?pageNumber=2&pageSize=1", headers=headers).json()["page"]
    assert ([one["id"] for one in page["data"]], page["totalCount"]) == ([second.organization], 2)


def test_login_lists_only_organizations_that_it_manages(
    api: Api, make_everbridge: MakeApi, add_user: Callable[..., None]
) -> None:
    email = f"plain-{api.organization}@example.com"
    managed = make_everbridge()
    add_user(api, email, role="user")
    add_user(managed, email)
    assert listed(api, email) == {managed.organization: 0}
    nobodys = f"nobodys-{api.organization}@example.com"
    add_user(api, nobodys, role="user")
    assert listed(api, nobodys, status=403) == {}


def test_organizations_of_a_login_are_bounded(
    api: Api, add_user: Callable[..., None], make_everbridge: MakeApi
) -> None:
    email = f"many-{api.organization}@example.com"
    for place in range(LOGINS_LISTED + 1):
        one = make_everbridge()
        add_user(one, email)
        if place == LOGINS_LISTED - 1:
            assert len(listed(api, email)) == LOGINS_LISTED
    assert len(listed(api, email)) == LOGINS_LISTED
