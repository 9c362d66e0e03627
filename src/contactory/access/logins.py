"""Users who send their name and password with every call.

To check a password takes tens of milliseconds on purpose, so one that was right is remembered for a minute:
as a keyed hash, by this process alone. A new password is therefore heeded, and an old one refused, within
that minute.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable
from typing import Final

from contactory.access.secrets import is_password
from contactory.access.throttle import has_failed, has_succeeded, may_try
from contactory.model.caller import Caller, Login
from contactory.store import access
from contactory.store.access import StoredLogin, User
from contactory.store.database import Transaction

SECONDS: Final = 60.0
MOST: Final = 10_000

_key: Final = secrets.token_bytes(32)
_right: Final[dict[bytes, tuple[float, Caller]]] = {}


def find_caller(login: Login, find_logins: Callable[[str], list[StoredLogin]]) -> Caller | None:
    """None where no user has that name and password. Raises Refusal where that was tried too often."""
    shown = _hash(login)
    until, caller = _right.get(shown, (0.0, None))
    if caller is not None and until > time.monotonic():
        return caller
    _right.pop(shown, None)
    name = _may_try(login)
    found = [
        stored for stored in find_logins(login.name) if is_password(login.password, stored.password_hash)
    ]
    found.sort(key=lambda stored: stored.organization_id != login.organization_id)
    if not found:
        has_failed(name)
        return None
    has_succeeded(name)
    caller = Caller(found[0].organization_id, found[0].user_id, None, frozenset(), found[0].role)
    if len(_right) >= MOST:
        _right.clear()
    _right[shown] = (time.monotonic() + SECONDS, caller)
    return caller


def find_user(transaction: Transaction, login: Login) -> User | None:
    """The transaction's organization's user of that name and password; raises Refusal as above."""
    name = _may_try(login)
    user = access.find_user(transaction, login.name)
    if user is None or not is_password(login.password, user.password_hash):
        has_failed(name)
        return None
    has_succeeded(name)
    return user


def _may_try(login: Login) -> str:
    name = f"login {login.name.lower()}"
    may_try(name)
    return name


def _hash(login: Login) -> bytes:
    words = (str(login.organization_id), login.name.lower(), login.password)
    text = b"".join(b"%d:%s" % (len(word), word) for word in (w.encode("utf-8", "replace") for w in words))
    return hmac.digest(_key, text, "sha256")
