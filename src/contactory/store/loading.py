"""Loaders of stored values that never fail.

A value that was stored by an earlier version, or by hand, may exceed what Python can read: a number of
thousands of digits, a document nested a thousand levels deep, a time after the year 9999. Such a value is
replaced, and the rest of its page can be read."""

from __future__ import annotations

import json
import logging
from datetime import UTC, date, datetime, timedelta
from struct import unpack
from typing import Any, Final, NamedTuple

import msgspec
from psycopg import Connection
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format
from psycopg.types.json import set_json_loads

from contactory.model.limits import DEEPEST, MOST_DIGITS

logger = logging.getLogger(__name__)

_EARLIEST: Final = datetime.min.replace(tzinfo=UTC)
_LATEST: Final = datetime.max.replace(tzinfo=UTC)
_LIMITS: Final = (
    _EARLIEST,
    _LATEST,
    date.min,
    date.max,
)  # these objects, by identity, replace values out of range
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_FIRST_DAY: Final = date(2000, 1, 1).toordinal()
_DEEPEST: Final = 2 * DEEPEST  # more than any call can have stored


class Mended(NamedTuple):
    """Document in which None replaces what could not be read."""

    document: Any


def whole(value: Any, *path: object) -> Any:
    """Return the value, and log a warning where it was replaced. `path` identifies it in the log, by ids
    only."""
    if isinstance(value, Mended):
        logger.warning("a stored document cannot be read: %s", " ".join(map(str, path)))
        return value.document
    if any(value is limit for limit in _LIMITS):
        logger.warning("a stored moment is out of range: %s", " ".join(map(str, path)))
    return value


def mapping(value: Any, *path: object) -> dict[str, Any]:
    """Return an object as `whole` does; where the document is no object, log that and return an empty one."""
    read = whole(value, *path)
    if isinstance(read, dict):
        return read
    logger.warning("a stored document is no object: %s", " ".join(map(str, path)))
    return {}


def listing(value: Any, *path: object) -> list[Any]:
    """Return an array as `whole` does; where the document is no array, log that and return an empty one."""
    read = whole(value, *path)
    if isinstance(read, list):
        return read
    logger.warning("a stored document is no array: %s", " ".join(map(str, path)))
    return []


def register(connection: Connection) -> None:
    """Register the loaders with a connection."""
    set_json_loads(_document, connection)
    connection.adapters.register_loader("timestamptz", _MomentLoader)
    connection.adapters.register_loader("date", _DayLoader)


def _document(data: str | bytes) -> Any:
    encoded = data.encode() if isinstance(data, str) else bytes(data)
    try:
        document = msgspec.json.decode(encoded)
        may_be_deep = encoded.count(b"[") + encoded.count(b"{") > _DEEPEST
        return Mended(None) if may_be_deep and not _is_shallow(document) else document
    except RecursionError:
        return Mended(None)
    except msgspec.DecodeError:
        return Mended(_without_numbers(encoded))


def _without_numbers(encoded: bytes) -> Any:
    """Decode a document with None in place of numbers that are too large."""
    try:
        document = json.loads(encoded, parse_int=_integer, parse_float=_decimal)
    except (ValueError, RecursionError):
        return None
    return document if _is_shallow(document) else None


def _integer(digits: str) -> int | None:
    return int(digits) if len(digits) <= MOST_DIGITS else None


def _decimal(digits: str) -> float | None:
    number = float(digits)
    return None if abs(number) == float("inf") else number


def _is_shallow(document: Any) -> bool:
    level = [document] if isinstance(document, dict | list) else []
    for _ in range(_DEEPEST):
        inside = [inner for item in level for inner in (item.values() if isinstance(item, dict) else item)]
        level = [inner for inner in inside if isinstance(inner, dict | list)]
    return not level


class _MomentLoader(Loader):
    format = Format.BINARY

    def load(self, data: Buffer) -> datetime:
        """Load a time in UTC, in any time zone of the session. Infinity is out of range, too."""
        microseconds = unpack("!q", data)[0]
        try:
            return _EPOCH + timedelta(microseconds=microseconds)
        except OverflowError:
            return _EARLIEST if microseconds < 0 else _LATEST


class _DayLoader(Loader):
    format = Format.BINARY

    def load(self, data: Buffer) -> date:
        days = unpack("!i", data)[0]
        try:
            return date.fromordinal(_FIRST_DAY + days)
        except (OverflowError, ValueError):
            return date.min if days < 0 else date.max
