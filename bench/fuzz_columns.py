"""Damaged bodies, read by compiled functions and their twins: `python -m bench.fuzz_columns [--seconds 600]
[--seed N]`.

Ends with an error, and prints the body, where one function returns something else than its twin, or fails. No
server is started. With `CONTACTORY_SCANNER=checked`, an index out of bounds is an error, too.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, Final
from unittest.mock import patch

import numpy as np
import numpy.typing as npt

from bench.fuzz import calls, make_body, rows_of
from contactory.columns import document, json_arrays, measure, pgcopy, scanner, usual, values
from contactory.columns.column import BytesColumn, concat_rows
from contactory.columns.document import Document, ValueKind
from contactory.columns.jit import TWINS, Ints
from contactory.columns.json_arrays import Member, write_arrays
from contactory.columns.scanner import NotFastPath, ObjectSchema, Scanner, ValueType

_MODULES: Final = (document, json_arrays, measure, pgcopy, scanner, usual, values)
_APIS: Final = ("propeller", "everbridge", "datananas")
_DEEPEST: Final = 6
_LETTERS: Final = np.frombuffer(b"ABMU", np.uint8)
_OPENINGS: Final = np.frombuffer(b"https://www.linkedin.com/in/2", np.uint8)
_OPENING_ENDS: Final = np.array([28, 29], np.int32)
_ALLOWED: Final = np.array([chr(byte).isalnum() or byte == ord("-") for byte in range(256)], np.uint8)
_TYPES: Final = {
    str: ValueType.TEXT | ValueType.INTEGER,
    int: ValueType.INTEGER | ValueType.TEXT | ValueType.DECIMAL | ValueType.RAW,
    list: ValueType.ARRAY,
    dict: ValueType.OBJECT,
}


class Difference(Exception):
    """A function has returned something else than its twin."""


@contextmanager
def compared() -> Iterator[Counter[str]]:
    """Have each compiled function call its twin, too, and raise Difference where that returns something else.
    Yields how often each was called."""
    counts: Counter[str] = Counter()
    with ExitStack() as patched:
        for function, twin in TWINS:
            for module in _MODULES:
                for name in [name for name, value in vars(module).items() if value is function]:
                    both = _call_both(name, function, twin, counts)
                    patched.enter_context(patch.object(module, name, both))
        yield counts


def _call_both(
    name: str, function: Callable[..., Any], twin: Callable[..., Any], counts: Counter[str]
) -> Callable[..., Any]:
    look = _LOOKS.get(name, lambda result, _: result)

    def both(*given: Any) -> Any:
        counts[name] += 1
        copies = [
            each.copy() if isinstance(each, np.ndarray) and each.flags.writeable else each for each in given
        ]
        theirs = twin(*copies)
        ours = function(*given)
        if not _are_equal(look(ours, given), look(theirs, copies)):
            raise Difference(f"{name}{given!r} returns {ours!r}, its twin {theirs!r}")
        return ours

    return both


def _look_at_rows(result: tuple[int, int], given: Any) -> Any:
    """Return what a scan has found; where it refuses a row, what it has done until then does not matter."""
    (count, at), (_, _, _, out, used, _, _, _, _, objects, starts, lengths) = result, given
    if count < 0:
        return None
    are_given = lengths >= 0
    return count, at, out[: used[0]], used, objects[:count], starts[are_given], lengths


def _look_at_children(result: tuple[int, int], given: Any) -> Any:
    (count, known), (_, _, _, _, out, used, names, _, children, odd) = result, given
    return count, known, out[: used[0]], used, names[:, :known], children[:, :count], odd


_LOOKS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "_scan": _look_at_rows,
    "_scan_children": _look_at_children,
    "_place_fields": lambda _, given: given,
}


def _are_equal(one: Any, other: Any) -> bool:
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(_are_equal, one, other))
    return bool(np.array_equal(one, other))


def read(body: bytes) -> None:
    """Read a body by all functions."""
    for depth in range(4):
        measure.measure(np.frombuffer(body, np.uint8), depth, _DEEPEST)
    whole = Document(body)
    _read_nested(whole, np.zeros(1, np.int32), np.array([len(body)], np.int32), 0)
    scan = Scanner(body, max(body.find(b"["), 0), _SCHEMA)
    try:
        for rows in scan.slices(5):
            for starts, lengths in zip(rows.starts, rows.lengths, strict=True):
                read_column(rows.source, starts, lengths)
    except NotFastPath:
        pass


def _read_nested(whole: Document, starts: Ints, lengths: Ints, depth: int) -> None:
    found = whole.children(starts, lengths)
    found.fields(lambda key: len(key) % 4 - 1, 3)
    if len(found.starts) and depth < _DEEPEST:
        read_column(found.source, found.starts, found.lengths)
        given = np.arange(len(found.starts)) if found.names else np.empty(0, int)
        names = BytesColumn[bytes].from_values([b'"%s":' % key.encode() for key in found.names])
        pgcopy.write_objects(
            found.source,
            found.starts[given],
            found.lengths[given],
            found.parents[given],
            names.source,
            np.cumsum(names.lengths, dtype=np.int32),
            np.maximum(found.name_of[given], 0),
            len(starts),
        )
        is_nested = np.isin(found.kinds, (ValueKind.OBJECT, ValueKind.ARRAY))
        _read_nested(whole, found.starts[is_nested], found.lengths[is_nested], depth + 1)


def read_column(source: npt.NDArray[np.uint8], starts: Ints, lengths: Ints) -> None:
    """Read the values of a column in all ways, and write them in all forms."""
    values.kinds_of(source, starts, lengths)
    values.find_odd(source, starts, lengths)
    values.read_days(source, starts, lengths, 7)
    values.read_letters(source, starts, lengths, 1, _LETTERS)
    values.find_unusual_emails(source, starts, lengths)
    values.strip(source, starts, lengths)
    values.read_digits(source, starts, lengths)
    usual.find_odd_texts(source, starts, lengths, 20)
    usual.match_names(source, starts, lengths, _OPENINGS, _OPENING_ENDS, _ALLOWED, 2, 9)
    texts = BytesColumn[bytes](source, starts, lengths)
    usual.find_odd_objects(source, starts, np.where([*map(_is_object, texts)], lengths, np.int32(-1)), 200)
    table = np.stack([starts, starts[::-1]]), np.stack([lengths, lengths[::-1]])
    values.number_alike(source, *table, 1)
    pgcopy.join(source, starts, lengths, ord(","))
    pgcopy.format_elements(source, starts, lengths)
    pgcopy.format_rows(source, source, np.array([0, 1], np.uint8), *table)
    column = BytesColumn[bytes](source, starts, np.maximum(lengths, 0))
    concat_rows([b"<", b"", b">"], [column, column.take(range(len(starts)))])
    given = BytesColumn[bytes](source, starts, lengths)
    members = [Member(b'"a":', given, is_text=True), Member(b'"b":[', given, closing=b"]")]
    write_arrays(members, np.arange(len(starts)) // 2, len(starts))
    write_arrays(members[:1], np.arange(len(starts)) // 3, len(starts), are_objects=False)


def _is_object(value: bytes | None) -> bool:
    try:
        return isinstance(json.loads(value or b"null"), dict)
    except ValueError:
        return False


def _types() -> dict[str, ValueType]:
    rows = [row for api in _APIS for row in rows_of(api, 0)]
    return {key: _TYPES[type(value)] for row in rows for key, value in row.items() if type(value) in _TYPES}


_SCHEMA: Final = ObjectSchema(_types())


def fuzz(seconds: float, seed: int) -> Counter[str]:
    """Read bodies, and return how often each function was called. Raises Difference, or what a function
    raises."""
    draw, until = random.Random(seed), time.monotonic() + seconds
    kinds = [(api, wrap) for api, each in calls("1").items() for _, _, wrap in each]
    with compared() as counts:
        while time.monotonic() < until:
            body = make_body(draw, *draw.choice(kinds))
            counts["bodies"] += 1
            try:
                read(body)
            except Exception as error:
                error.add_note(f"seed {seed}, body {body!r}")
                raise
    return counts


def main() -> None:
    parser = argparse.ArgumentParser("python -m bench.fuzz_columns")
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    counts = fuzz(options.seconds, options.seed)
    sys.stdout.write(f"seed {options.seed}: {dict(sorted(counts.items()))}\n")


if __name__ == "__main__":
    main()
