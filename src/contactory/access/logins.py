"""Users who send their name and password: with every call, for a token, or on the consent page.

To check a password takes tens of milliseconds on purpose, so one that was right is remembered for a minute:
as a keyed hash, by this process alone. A new password is therefore heeded, and an old one refused, within
that minute.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar

from contactory.access.secrets import find_right
from contactory.access.throttle import Visitor, check, has_failed, has_succeeded, login_attempt
from contactory.model.caller import Caller, Login
from contactory.model.limits import LOGINS_OF_NAME, LONGEST_LOGIN_NAME
from contactory.store import access, guessing
from contactory.store.access import StoredLogin, User
from contactory.store.database import Database, Transaction

SECONDS: Final = 60.0
MOST: Final = 10_000

_key: Final = secrets.token_bytes(32)
_right: Final[dict[bytes, tuple[float, Caller]]] = {}


class _WithPassword(Protocol):
    @property
    def password_hash(self) -> str: ...


Account = TypeVar("Account", bound=_WithPassword)


def find_caller(database: Database, login: Login, visitor: Visitor) -> Caller | None:
    """None where no user has that name and password. Raises Refusal where that was tried too often."""
    shown = _hash(login)
    until, caller = _right.get(shown, (0.0, None))
    if caller is not None and until > time.monotonic():
        return caller
    _right.pop(shown, None)

    def find(transaction: Transaction) -> Sequence[StoredLogin]:
        found = access.find_logins(transaction, login.name)
        return sorted(found, key=lambda stored: stored.organization_id != login.organization_id)

    stored = _find_right(database, 0, login, visitor, find)
    if stored is None:
        return None
    caller = Caller(stored.organization_id, stored.user_id, None, frozenset(), stored.role)
    if len(_right) >= MOST:
        _right.clear()
    _right[shown] = (time.monotonic() + SECONDS, caller)
    return caller


def find_user(database: Database, organization_id: int, login: Login, visitor: Visitor) -> User | None:
    """An organization's user of that name and password; raises Refusal as above."""

    def find(transaction: Transaction) -> Sequence[User]:
        user = access.find_user(transaction, login.name)
        return [user] if user else []

    return _find_right(database, organization_id, login, visitor, find)


def _find_right(
    database: Database,
    organization_id: int,
    login: Login,
    visitor: Visitor,
    find: Callable[[Transaction], Sequence[Account]],
) -> Account | None:
    """The first account whose password was shown. As much work where there is no account as where there is
    one. No connection is held while passwords are compared."""
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


def _hash(login: Login) -> bytes:
    words = (str(login.organization_id), login.name, login.password)
    text = b"".join(b"%d:%s" % (len(word), word) for word in (w.encode("utf-8", "replace") for w in words))
    return hmac.digest(_key, text, "sha256")
