"""Loops over bytes, compiled to machine code by Numba. Other threads run meanwhile.

What these functions are given must be as they say: they check no bounds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias, TypeVar, cast

import numpy as np
import numpy.typing as npt
from numba import njit, types
from numba.core import config

from contactory.compiled.cache import cache_folder

Bytes: TypeAlias = npt.NDArray[np.uint8]
Room: TypeAlias = npt.NDArray[np.uint8]
"""Bytes that are written."""
Ints: TypeAlias = npt.NDArray[np.int32]
Table: TypeAlias = npt.NDArray[np.int32]
"""By row or column, then by the other."""
Words: TypeAlias = npt.NDArray[np.uint64]
"""Two for each row."""

Function = TypeVar("Function", bound=Callable[..., Any])

_TYPES: Final = {
    "Bytes": types.Array(types.uint8, 1, "C", readonly=True),
    "Room": types.uint8[::1],
    "Ints": types.int32[:],
    "Table": types.int32[:, ::1],
    "int": types.int64,
}

config.CACHE_DIR = str(cache_folder())  # type: ignore[attr-defined]


def compiled(function: Function) -> Function:
    """Compiled at once, for the types that it names, and kept for other processes."""
    given = [_TYPES[name] for parameter, name in function.__annotations__.items() if parameter != "return"]
    return cast(Function, njit(tuple(given), nogil=True, cache=True)(function))


def part(function: Function) -> Function:
    """Compiled with those that call it, which stand below it."""
    return cast(Function, njit(nogil=True)(function))
