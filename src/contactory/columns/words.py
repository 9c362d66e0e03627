"""Eight bytes at a time: the search for the next byte that means something to a reader of JSON.

A word is read from memory as it is, and the least significant byte of it is the first one: Numba compiles for
processors of this order only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from contactory.columns.jit import IS_CHECKED, IS_EXACT, Bytes, inline

WORD: Final = 8  # bytes
_ONES: Final = np.uint64(0x0101010101010101)
_HIGH: Final = np.uint64(0x8080808080808080)  # the highest bit of each byte
_QUOTES: Final = _ONES * np.uint64(ord('"'))
_BACKSLASHES: Final = _ONES * np.uint64(ord("\\"))
_SPACES: Final = _ONES * np.uint64(ord(" "))
_OPENING: Final = _ONES * np.uint64(ord("{"))
_CLOSING: Final = _ONES * np.uint64(ord("}"))
_CASE: Final = _ONES * np.uint64(ord("{") ^ ord("["))  # the bit in which brackets of both kinds differ


def _make_load(_: Any, source: Any, at: Any) -> Any:  # noqa: ARG001 (Numba looks at the names)
    from llvmlite import ir  # type: ignore[import-untyped]
    from numba import types

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        place = builder.bitcast(builder.gep(data, [arguments[1]]), ir.IntType(64).as_pointer())
        return builder.load(place, align=1)

    return types.uint64(source, types.int64), generate


def _make_position(_: Any, word: Any) -> Any:
    from llvmlite import ir
    from numba import types

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        zeros = builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))
        return builder.lshr(zeros, ir.Constant(ir.IntType(64), 3))

    return types.int64(word), generate


def _intrinsic(make: Callable[..., Any]) -> Any:
    if IS_EXACT:
        return None  # Compiled functions alone call it.
    from numba.extending import intrinsic

    return intrinsic(make)


_read: Any = _intrinsic(_make_load)
_position: Any = _intrinsic(_make_position)
"""Return the first byte of a word that has a bit set, WORD if none has."""


@inline
def _load(source: Bytes, at: int) -> np.uint64:
    """Read a word that begins anywhere, with its end at the `end` of the caller at the most."""
    if (
        IS_CHECKED and source[np.uint64(at + WORD - 1)] < 0
    ):  # That check is of the index, which _read has none of.
        return np.uint64(0)
    word: np.uint64 = _read(source, at)
    return word


@inline
def _find_zeros(word: np.uint64) -> np.uint64:
    """Return a word whose lowest bit set is in the first byte that is 0; 0 if there is none."""
    return (word - _ONES) & ~word & _HIGH


@inline
def skip_outside(source: Bytes, at: int, end: int) -> int:
    """Skip what is between texts, up to a quote or a bracket, or to the last bytes."""
    while at + WORD <= end:
        word = _load(source, at)
        either = word | _CASE
        found = _find_zeros(word ^ _QUOTES) | _find_zeros(either ^ _OPENING) | _find_zeros(either ^ _CLOSING)
        at += _position(found)
        if found:
            break
    return at


@inline
def skip_inside(source: Bytes, at: int, end: int) -> int:
    """Skip a part of a text, up to a quote or a backslash, or to the last bytes."""
    while at + WORD <= end:
        word = _load(source, at)
        found = _find_zeros(word ^ _QUOTES) | _find_zeros(word ^ _BACKSLASHES)
        at += _position(found)
        if found:
            break
    return at


@inline
def skip_visible(source: Bytes, at: int, end: int) -> int:
    """Skip a part of a text, up to a quote, a backslash, a control or a byte beyond ASCII, or to the last
    bytes."""
    while at + WORD <= end:
        word = _load(source, at)
        found = _find_zeros(word ^ _QUOTES) | _find_zeros(word ^ _BACKSLASHES)
        found |= ((word - _SPACES) & ~word & _HIGH) | (word & _HIGH)
        at += _position(found)
        if found:
            break
    return at
