"""Users who send their name and password: with every call, for a token, or on the consent page.

Checking a password takes tens of milliseconds on purpose. So the result of a check is remembered for a
minute, by this process alone, under a keyed hash of the password and of the stored hash that it was compared
with. The user is read from the database for every call, so that a new password, another role or a disabled
user takes effect at once.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar

from contactory.access.secrets import find_right, is_password
from contactory.access.throttle import Visitor, check, has_failed, has_succeeded, login_attempt
from contactory.model.caller import Caller, Login
from contactory.model.limits import LOGINS_LISTED, LOGINS_OF_NAME, LONGEST_LOGIN_NAME
from contactory.model.scopes import EVERYTHING
from contactory.store import access, guessing
from contactory.store.access import StoredLogin, User
from contactory.store.database import Database, Transaction

SECONDS: Final = 60.0
MOST: Final = 10_000

_key: Final = secrets.token_bytes(32)
_checked: Final[dict[bytes, tuple[float, bool]]] = {}


class _WithPassword(Protocol):
    @property
    def password_hash(self) -> str: ...


Account = TypeVar("Account", bound=_WithPassword)


def find_caller(database: Database, login: Login, visitor: Visitor) -> Caller | None:
    """Return the user with that name and password, or None. Raises Refusal (TOO_MANY) after too many
    failures."""
    if len(login.name) > LONGEST_LOGIN_NAME:
        return None
    logins = access.find_logins(database, login.name)
    logins.sort(key=lambda stored: stored.organization_id != login.organization_id)
    found = _recall(login, logins)
    if found is None:
        found = _find_right(database, 0, login, visitor, lambda _: logins)
        if found is None:
            return None
        _remember(login, logins[: logins.index(found) + 1])
    return _caller(found)


def find_callers(database: Database, login: Login) -> list[Caller]:
    """Return all users with that name and password, ordered by organization. The caller must have found the
    password right for one of them just before."""
    logins = access.find_logins(database, login.name)[:LOGINS_LISTED]
    found = [stored for stored in logins if _is_right(login, stored)]
    return [_caller(stored) for stored in sorted(found, key=lambda stored: stored.organization_id)]


def find_user(database: Database, organization_id: int, login: Login, visitor: Visitor) -> User | None:
    """Return an organization's user with that name and password, or None. Raises Refusal as `find_caller`."""

    def find(transaction: Transaction) -> Sequence[User]:
        user = access.find_user(transaction, login.name)
        return [user] if user and user.may_act else []

    return _find_right(database, organization_id, login, visitor, find)


def _caller(found: StoredLogin) -> Caller:
    scopes = frozenset({EVERYTHING})
    return Caller(
        found.organization_id, found.user_id, None, scopes, found.role, found.total_contacts, found.user_id
    )


def _find_right(
    database: Database,
    organization_id: int,
    login: Login,
    visitor: Visitor,
    find: Callable[[Transaction], Sequence[Account]],
) -> Account | None:
    """Return the first account that has the password, or None.

    It takes as long where there is no account. No connection is held while passwords are compared.
    """
    if len(login.name) > LONGEST_LOGIN_NAME:
        return None
    with database.transaction(organization_id) as transaction:
        attempt = login_attempt(visitor, guessing.fold_name(transaction, login.name))
        before = check(transaction, attempt)
        accounts = find(transaction)[:LOGINS_OF_NAME]
    right = find_right(login.password, [account.password_hash for account in accounts])
    if right is None:
        has_failed(database, attempt)
        return None
    has_succeeded(database, attempt, before)
    return accounts[right]


def _recall(login: Login, logins: Sequence[StoredLogin]) -> StoredLogin | None:
    """Return the first user whose password it is by a remembered check, or None when a check is missing."""
    for stored in logins:
        until, is_right = _checked.get(_hash(login, stored), (0.0, False))
        if until < time.monotonic():
            return None
        if is_right:
            return stored
    return None


def _is_right(login: Login, stored: StoredLogin) -> bool:
    """Tell whether it is the user's password, and remember the result."""
    until, is_right = _checked.get(_hash(login, stored), (0.0, False))
    if until < time.monotonic():
        is_right = is_password(login.password, stored.password_hash)
        _keep(login, [(stored, is_right)])
    return is_right


def _remember(login: Login, compared: Sequence[StoredLogin]) -> None:
    """Remember that the password is that of the last user, and of none before."""
    _keep(login, [(stored, stored is compared[-1]) for stored in compared])


def _keep(login: Login, compared: Sequence[tuple[StoredLogin, bool]]) -> None:
    if len(_checked) >= MOST:
        _checked.clear()
    until = time.monotonic() + SECONDS
    _checked.update({_hash(login, stored): (until, is_right) for stored, is_right in compared})


def _hash(login: Login, stored: StoredLogin) -> bytes:
    text = f"{stored.password_hash}\0{login.password}".encode("utf-8", "surrogatepass")
    return hmac.digest(_key, text, "sha256")
