"""The attributes of rows: arrays of values, each with the name or id of its attribute."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import numpy as np

from contactory.columns.column import BytesColumn
from contactory.columns.lexer import CLOSE_ARRAY, OPEN_ARRAY
from contactory.columns.scanner import NotFastPath, ObjectSchema, Scanner, ValueType
from contactory.dialects.propeller.row_table import InvalidValue, RowTable
from contactory.dialects.propeller.rows import AttributeRow
from contactory.dialects.sizes import find_excess, is_too_deep
from contactory.model.attributes import AttributeName, AttributeValues
from contactory.model.limits import LONGEST_TEXT, MOST_ATTRIBUTE_VALUES, MOST_NAMES
from contactory.model.problems import Code, Problem, Refusal

_VALUE: Final = ValueType.TEXT | ValueType.INTEGER | ValueType.DECIMAL | ValueType.ARRAY | ValueType.RAW
_SCHEMA: Final = ObjectSchema(
    {
        "class": ValueType.TEXT,
        "name": ValueType.TEXT,
        "id": ValueType.INTEGER,
        "type": ValueType.TEXT,
        "value": _VALUE,
    }
)
_NAME: Final = ("class", "name", "id", "type")
_EMPTY: Final = len("[]")
_OPENING: Final = b" ["
_ABOVE_ROWS: Final = 2  # levels of a body, down to a row
_ABOVE: Final = 5  # down to a value

_decode = msgspec.json.Decoder(list[list[AttributeRow]]).decode
_decode_list = msgspec.json.Decoder(list[Any]).decode


def read_attributes(documents: BytesColumn[bytes]) -> AttributeValues:
    """Read one document per row. Raises InvalidValue, UNREADABLE errors, and Refusal (INVALID) for too many
    names."""
    try:
        return _scan(documents)
    except NotFastPath:
        joined = b"[%s]" % documents.join(b",")
        if is_too_deep(joined, _ABOVE_ROWS) or find_excess(joined, items=len(joined)):
            raise InvalidValue from None
        decoded = iter(_decode(joined))
        values = AttributeValues.of([next(decoded) if length >= 0 else None for length in documents.lengths])
        check_names(len(values.names))
        return values


def _scan(documents: BytesColumn[bytes]) -> AttributeValues:
    """Read the values of all rows as one array of objects. Raises NotFastPath, and what read_attributes
    does."""
    present = documents.take(np.flatnonzero(documents.lengths >= 0))
    if (present.source[present.starts + present.lengths - 1] != CLOSE_ARRAY).any():
        raise NotFastPath
    rows = np.flatnonzero(documents.lengths > _EMPTY).astype(np.int32)
    insides = BytesColumn[bytes](
        documents.source, documents.starts[rows] + 1, documents.lengths[rows] - _EMPTY
    )
    joined = b"%s%s]" % (_OPENING, insides.join(b","))
    most = joined.count(b"{") + 1
    if most > MOST_ATTRIBUTE_VALUES:
        raise NotFastPath
    scanner = Scanner(joined, len(_OPENING) - 1, _SCHEMA)
    scanned = next(scanner.slices(most))
    if scanner.at < len(joined):
        raise NotFastPath
    table = RowTable(joined, _SCHEMA.fields, scanned)
    numbers, named = table.number_alike(*_NAME)
    check_names(len(named))
    names = [_name(*name) for name in zip(*map(named.texts, _NAME), strict=True)]
    values = table.documents("value")
    _check_lists(values)
    inside = np.searchsorted(
        np.cumsum(insides.lengths + 1), scanned.objects[:, 0] - len(_OPENING), side="right"
    )
    return AttributeValues(names, rows[inside], numbers, values)


def _name(class_: str | None, name: str | None, id_: str | None, type_: str | None) -> AttributeName:
    if type_ is None or (id_ is None and (class_ is None or name is None)):
        raise NotFastPath
    return AttributeName(
        attribute_class=class_ or "", name=name or "", id=None if id_ is None else int(id_), type=type_
    )


def check_names(count: int) -> None:
    """Raise Refusal (INVALID) for more than MOST_NAMES, since each is looked up, however few rows have it."""
    if count > MOST_NAMES:
        why = f"#: the rows name {count} attributes, more than {MOST_NAMES}"
        raise Refusal(Problem(code=Code.INVALID, texts=(why,)))


def _check_lists(values: BytesColumn[bytes]) -> None:
    """Decode lists, of which only the ends have been found so far. A list that is too long fails its row
    later, and is not decoded. Raises InvalidValue, and UNREADABLE errors."""
    short = values.take(np.flatnonzero((values.lengths > 0) & (values.lengths <= LONGEST_TEXT)))
    for index in np.flatnonzero(short.source[short.starts] == OPEN_ARRAY).tolist():
        document = short[index] or b""
        if is_too_deep(document, _ABOVE):
            raise InvalidValue
        _decode_list(document)
