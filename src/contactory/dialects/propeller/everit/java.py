"""The names, texts, hash codes and HashMap order of Java's types.

Values are decoded JSON: dict, list, str, int, float, bool, None. A float is a BigDecimal, written as the
shortest text that reads back as the same number; one beyond a double is an `OutOfRange`.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Collection
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

_CLOSED: Final = object()
_LONGEST_NUMBER: Final = 500  # characters; a longer one is not shown
_LONGEST_EXPONENT: Final = 10  # characters, as in Java
_NATIVE_UTF_16: Final = f"utf-16-{sys.byteorder[0]}e"
_ESCAPED_BY_ORG_JSON: Final = re.compile("(?<=<)/|[\x80-\x9f\u2000-\u20ff]")


class OutOfRange(float):
    """A number beyond a double, whose text is the one that was sent."""

    def __new__(cls, written: str) -> OutOfRange:
        return super().__new__(cls, written)

    def __init__(self, written: str) -> None:
        _, _, exponent = written.lower().partition("e")
        is_short = len(written) <= _LONGEST_NUMBER and len(exponent) <= _LONGEST_EXPONENT
        self._written = written if is_short else f"{'-' * written.startswith('-')}1e999"

    def __repr__(self) -> str:
        return self._written


def type_name(value: object) -> str:
    """Return the simple name of the class that org.json uses for a value."""
    match value:
        case None:
            return "Null"
        case bool():
            return "Boolean"
        case str():
            return "String"
        case dict():
            return "JSONObject"
        case list():
            return "JSONArray"
        case int():
            bits = (~value if value < 0 else value).bit_length()
            return "Integer" if bits < 32 else "Long" if bits < 64 else "BigInteger"
        case _:
            return "Double" if _is_minus_zero(value) else "BigDecimal"


def text(value: Any) -> str:
    """Return `String.valueOf` of a value: a string as it is, an object or an array as compact JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict | list):
        return _json(value)
    return _scalar(value)


def string_hash(value: str) -> int:
    """Return `String.hashCode`, over UTF-16 units."""
    return _short_string_hash(value) if len(value) <= 64 else _string_hash(value)


def map_order(keys: Collection[str], table: int = 16) -> list[str]:
    """Return the keys in the order in which a HashMap iterates them after they were put into it one by one.

    The map starts with `table` buckets (1 for `new HashSet(1)`) and doubles them above three quarters full.
    A bucket keeps the order of insertion; Java rebuilds one of eight keys, which is left out here.
    """
    while len(keys) * 4 > table * 3:
        table *= 2

    def bucket(key: str) -> int:
        code = string_hash(key) & 0xFFFF_FFFF
        return (code ^ code >> 16) & table - 1

    return sorted(keys, key=bucket)


def copied_map_order(keys: Collection[str]) -> list[str]:
    """Return the order for `new HashMap(map)`, whose size depends on the map that it copies."""
    wanted = int(len(keys) / 0.75 + 1)
    return map_order(map_order(keys), 1 << (wanted - 1).bit_length())


def hash_code(value: Any) -> int:
    """Return `hashCode` of a value in a Java collection. A number below 2**31 is its own hash."""
    match value:
        case None:
            return 0
        case bool():
            return 1231 if value else 1237
        case str():
            return string_hash(value)
        case list():
            return hash_all(*value)
        case dict():
            return _signed(sum(string_hash(name) ^ hash_code(item) for name, item in value.items()))
        case frozenset():
            return _signed(sum(map(hash_code, value)))
        case int():
            return _integer_hash(value)
        case _:
            number = Decimal(repr(value)).as_tuple()
            unscaled = int("".join(map(str, number.digits))) * (-1 if number.sign else 1)
            return _signed(31 * _magnitude_hash(unscaled) - int(number.exponent))


def hash_all(*values: Any) -> int:
    """Return `Objects.hash`, which is also `hashCode` of a list."""
    code = 1
    for value in values:
        code = 31 * code + hash_code(value) & 0xFFFF_FFFF
    return _signed(code)


def _string_hash(value: str) -> int:
    code = 0
    for unit in memoryview(value.encode(_NATIVE_UTF_16, "surrogatepass")).cast("H"):
        code = 31 * code + unit & 0xFFFF_FFFF
    return _signed(code)


_short_string_hash: Final[Callable[[str], int]] = lru_cache(maxsize=4096)(_string_hash)


def _integer_hash(value: int) -> int:
    name = type_name(value)
    if name == "BigInteger":
        return _magnitude_hash(value)
    return value if name == "Integer" else _signed(value ^ value >> 32)


def _magnitude_hash(value: int) -> int:
    """Return `BigInteger.hashCode`, over the 32-bit words of the magnitude, highest first, times the sign."""
    code, size = 0, (abs(value).bit_length() + 31) // 32
    for word in range(size - 1, -1, -1):
        code = 31 * code + (abs(value) >> 32 * word & 0xFFFF_FFFF) & 0xFFFF_FFFF
    return _signed(-code if value < 0 else code)


def _signed(code: int) -> int:
    return (code + 0x8000_0000 & 0xFFFF_FFFF) - 0x8000_0000


def _is_minus_zero(value: object) -> bool:
    # org.json reads -0.0, and no other number, as a Double.
    return value == 0 and str(value).startswith("-")


def _scalar(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, int):
        return str(value)
    return repr(value) if _is_minus_zero(value) else str(Decimal(repr(value)))


def _json(value: Any) -> str:
    """Encode a value as org.json does. It keeps a stack of its own, since a document may be nested deeper
    than Python's calls."""
    written: list[str] = []
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        before, item = waiting.pop()
        written.append(before)
        if isinstance(item, dict):
            written.append("{")
            entries = [(f"{_quoted(name)}:", item[name]) for name in map_order(item)]
            _push(waiting, entries, "}")
        elif isinstance(item, list):
            written.append("[")
            _push(waiting, [("", element) for element in item], "]")
        elif item is not _CLOSED:
            written.append(_quoted(item) if isinstance(item, str) else _json_scalar(item))
    return "".join(written)


def _push(waiting: list[tuple[str, Any]], entries: list[tuple[str, Any]], closing: str) -> None:
    waiting.append((closing, _CLOSED))
    for index in range(len(entries) - 1, -1, -1):
        before, item = entries[index]
        waiting.append((f",{before}" if index else before, item))


def _json_scalar(value: Any) -> str:
    written = _scalar(value)
    # org.json drops the zeros at the end of a fraction, though only inside of JSON.
    if isinstance(value, float) and "." in written and "E" not in written:
        return written.rstrip("0").removesuffix(".")
    return written


def _quoted(value: str) -> str:
    def escape(match: re.Match[str]) -> str:
        return "\\/" if match[0] == "/" else f"\\u{ord(match[0]):04x}"

    return _ESCAPED_BY_ORG_JSON.sub(escape, json.dumps(value, ensure_ascii=False))
