"""Compilation of loops over bytes to machine code, by Numba, which run without the interpreter's lock.

Compiled functions check no bounds: callers must pass arrays of the documented shapes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias, TypeVar, cast

import numpy as np
import numpy.typing as npt
from numba import njit, types
from numba.core import config

from contactory.columns.cache import cache_folder

Bytes: TypeAlias = npt.NDArray[np.uint8]
OutBuffer: TypeAlias = npt.NDArray[np.uint8]
"""Bytes that a function writes."""
Ints: TypeAlias = npt.NDArray[np.int32]
Table: TypeAlias = npt.NDArray[np.int32]
"""Two dimensions: rows and columns, in the order that the function documents."""
Words: TypeAlias = npt.NDArray[np.uint64]
"""Two words of 64 bits for each row."""

Function = TypeVar("Function", bound=Callable[..., Any])

_TYPES: Final = {
    "Bytes": types.Array(types.uint8, 1, "C", readonly=True),
    "OutBuffer": types.uint8[::1],
    "Ints": types.int32[:],
    "Table": types.int32[:, ::1],
    "int": types.int64,
}

config.CACHE_DIR = str(cache_folder())  # type: ignore[attr-defined]


def entry_point(function: Function) -> Function:
    """Compile a function that Python calls, for the types of its annotations. Other processes use the result
    from the cache."""
    given = [_TYPES[name] for parameter, name in function.__annotations__.items() if parameter != "return"]
    return cast(Function, njit(tuple(given), nogil=True, cache=True)(function))


def inline(function: Function) -> Function:
    """Compile a function that compiled ones below it call. It becomes part of each of them."""
    return cast(Function, njit(nogil=True)(function))
