"""The choice between loops over bytes that Numba compiles to machine code and their twins in plain Python.

`CONTACTORY_SCANNER` makes it for the whole process. The default is `compiled`: functions run without the
interpreter's lock and without checks of bounds, so callers must pass arrays of the documented shapes.
`checked` compiles them with checks, for tests. `exact` takes the twins (`plain/`) and never imports Numba.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from typing import Any, Final, TypeAlias, TypeVar, cast

import numpy as np
import numpy.typing as npt

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

SCANNERS: Final = ("compiled", "exact", "checked")
SCANNER: Final = os.environ.get("CONTACTORY_SCANNER", "").strip().lower()  # settings.py refuses other words.
IS_EXACT: Final = SCANNER == "exact"
IS_CHECKED: Final = SCANNER == "checked"

TWINS: Final[list[tuple[Callable[..., Any], Callable[..., Any]]]] = []
"""Functions that Python calls, each with its twin."""


def entry_point(twin: Function) -> Callable[[Function], Function]:
    """Choose what Python calls: the twin, or the function below, compiled for the types of its annotations.
    Other processes use the compiled code from the cache."""

    def choose(function: Function) -> Function:
        chosen = twin if IS_EXACT else cast(Function, _compiler(_signature(function), cache=True)(function))
        TWINS.append((chosen, twin))
        return chosen

    return choose


def inline(function: Function) -> Function:
    """Compile a function that compiled ones below it call. It becomes part of each of them."""
    return function if IS_EXACT else cast(Function, _compiler()(function))


def _compiler(*signature: object, **options: bool) -> Any:
    from numba import njit
    from numba.core import config

    config.CACHE_DIR = _cache_folder()  # type: ignore[attr-defined]
    return njit(*signature, nogil=True, boundscheck=IS_CHECKED, **options)  # type: ignore[call-overload]


def _signature(function: Callable[..., Any]) -> tuple[object, ...]:
    from numba import types

    numba_types = {
        "Bytes": types.Array(types.uint8, 1, "C", readonly=True),
        "OutBuffer": types.uint8[::1],
        "Ints": types.int32[:],
        "Table": types.int32[:, ::1],
        "int": types.int64,
    }
    return tuple(numba_types[name] for each, name in function.__annotations__.items() if each != "return")


@cache
def _cache_folder() -> str:
    return str(cache_folder("checked" if IS_CHECKED else "compiled"))
