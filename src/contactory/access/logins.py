"""Users who send their name and password with every call.

To check a password takes tens of milliseconds on purpose. So where one was right, what was found is
remembered for a minute: as a keyed hash of the password and of the stored hash that it was held against, by
this process alone. What is stored is asked for with every call, so that a new password, another role and a
disabled user count at once.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable, Sequence
from typing import Final

from contactory.access.secrets import is_password
from contactory.access.throttle import has_failed, has_succeeded, may_try
from contactory.model.caller import Caller, Login
from contactory.model.scopes import EVERYTHING
from contactory.store import access
from contactory.store.access import StoredLogin, User
from contactory.store.database import Transaction

SECONDS: Final = 60.0
MOST: Final = 10_000

_key: Final = secrets.token_bytes(32)
_checked: Final[dict[bytes, tuple[float, bool]]] = {}


def find_caller(login: Login, find_logins: Callable[[str], list[StoredLogin]]) -> Caller | None:
    """None where no user has that name and password. Raises Refusal where that was tried too often."""
    logins = find_logins(login.name)
    known: Sequence[bool | None] = [_recall(login, stored) for stored in logins]
    if None in known or True not in known:
        known = _check(login, logins)
    found = [stored for stored, is_right in zip(logins, known, strict=True) if is_right]
    if not found:
        return None
    found.sort(key=lambda stored: stored.organization_id != login.organization_id)
    first = found[0]
    scopes = frozenset({EVERYTHING})
    return Caller(first.organization_id, first.user_id, None, scopes, first.role, first.total_contacts)


def _check(login: Login, logins: Sequence[StoredLogin]) -> Sequence[bool]:
    """Whether it is the password of each, by the slow hash."""
    name = _may_try(login)
    known = [is_password(login.password, stored.password_hash) for stored in logins]
    if True not in known:
        has_failed(name)
        return known
    has_succeeded(name)
    if len(_checked) >= MOST:
        _checked.clear()
    until = time.monotonic() + SECONDS
    _checked.update(
        {_hash(login, stored): (until, is_right) for stored, is_right in zip(logins, known, strict=True)}
    )
    return known


def _recall(login: Login, stored: StoredLogin) -> bool | None:
    """Whether it was the password of that one; None where that is not known."""
    until, is_right = _checked.get(_hash(login, stored), (0.0, False))
    return is_right if until > time.monotonic() else None


def find_user(transaction: Transaction, login: Login) -> User | None:
    """The transaction's organization's user of that name and password; raises Refusal as above."""
    name = _may_try(login)
    user = access.find_user(transaction, login.name)
    if user is None or not is_password(login.password, user.password_hash) or not user.may_act:
        has_failed(name)
        return None
    has_succeeded(name)
    return user


def _may_try(login: Login) -> str:
    name = f"login {login.name.lower()}"
    may_try(name)
    return name


def _hash(login: Login, stored: StoredLogin) -> bytes:
    text = f"{stored.password_hash}\0{login.password}".encode("utf-8", "surrogatepass")
    return hmac.digest(_key, text, "sha256")
