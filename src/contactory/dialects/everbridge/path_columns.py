"""The delivery paths of many rows, read into a column of documents as `paths.py` reads those of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from contactory.columns.column import BytesColumn, StringColumn
from contactory.columns.jit import Ints
from contactory.columns.json_arrays import Member, write_arrays
from contactory.columns.values import find_unusual_emails, strip
from contactory.dialects.base import json_encode
from contactory.dialects.everbridge.items import Path
from contactory.dialects.everbridge.names import find_path
from contactory.dialects.everbridge.objects import Flags, Objects, find_unusual
from contactory.dialects.everbridge.paths import EMAILS, PHONES, read_quiet_times, read_switches, read_value
from contactory.dialects.everbridge.phone_columns import match_phones
from contactory.dialects.everbridge.values import ItemError, text
from contactory.model.directory import Directory
from contactory.model.limits import LONGEST_NAME, LONGEST_TEXT, MOST_PATHS

_BEYOND_ASCII: Final = 0x80


def read_paths(rows: Objects, directory: Directory) -> BytesColumn[bytes]:
    """Read the paths of rows, and mark the odd ones."""
    paths = rows.objects("paths", Path, MOST_PATHS)
    values = paths.texts("value", LONGEST_TEXT)
    paths.odd |= values.lengths < 0
    values = _strip(paths, values)
    paths.mark_unread(np.flatnonzero(values.lengths == 0))
    rows.adopt(paths)
    given = np.flatnonzero(values.lengths > 0)
    paths, values = paths.take(given), values.take(given)
    numbers, entries = paths.distinct(["pathId", "prompt"], lambda one: find_path(one, "", directory))
    switch_of, switches = paths.distinct(
        ["waitTime", "pathEnable", "skipValidation"], lambda one: read_switches(one, "")
    )
    frames_of, frames = paths.distinct(["quietTimeFrames"], lambda one: read_quiet_times(one, ""))
    skips = np.array([each is not None and each["skipValidation"] for each in switches], bool)[switch_of]
    types = [entry.details.get("pathType", "") if entry else "" for entry in entries]
    values, countries = _read_values(paths, values, types, numbers, skips)
    members = [
        Member(b'"pathId":', _column([b"%d" % entry.number if entry else b"" for entry in entries], numbers)),
        Member(b'"value":', values, is_text=True),
        Member(b'"countryCode":', countries.null_if(b""), is_text=True),
        Member(b'"phoneExt":', paths.texts("phoneExt", LONGEST_NAME).null_if(b""), is_text=True),
        Member(b"", _column([json_encode(each)[1:-1] if each else None for each in switches], switch_of)),
        Member(b"", _column([json_encode(each)[1:-1] if each else None for each in frames], frames_of)),
    ]
    rows.adopt(paths)
    return write_arrays(members, paths.parents, len(rows))


def _strip(paths: Objects, values: StringColumn) -> StringColumn:
    """Remove blanks from the ends of values. With one beyond ASCII a path is odd."""
    values = StringColumn(values.source, *strip(values.source, values.starts, values.lengths))
    given = np.flatnonzero(values.lengths > 0)
    ends = values.starts[given], values.starts[given] + values.lengths[given] - 1
    doubtful = given[(np.maximum(*(values.source[each] for each in ends)) >= _BEYOND_ASCII)]
    paths.odd[find_unusual(values, doubtful, lambda value: value == value.strip())] = True
    return values


def _read_values(
    paths: Objects, values: StringColumn, types: Sequence[str], type_of: Ints, skips: Flags
) -> tuple[StringColumn, StringColumn]:
    """Return values and countries as they are stored. `types[type_of[...]]`: that of each path's delivery
    method."""
    country_of, found = paths.distinct(["countryCode"], lambda one: text(one.countryCode, ""))
    given = [country or "" for country in found]
    countries = _texts(given).take(country_of)
    unread = np.array([type_ in PHONES for type_ in types], bool)[type_of]
    phones = np.flatnonzero(unread & ~skips)
    matched, numbers, countries_of = match_phones(values.take(phones), given, country_of[phones])
    unread[phones[matched]] = False
    emails = np.flatnonzero(np.array([type_ in EMAILS for type_ in types], bool)[type_of])
    unread[emails[find_unusual_emails(values.source, values.starts[emails], values.lengths[emails])]] = True
    unread |= values.lengths > LONGEST_NAME
    rows, read = np.flatnonzero(unread), list[tuple[str, str]]()
    for path, value in zip(rows.tolist(), values.take(rows), strict=True):
        country, type_ = given[country_of[path]], types[type_of[path]]
        try:
            read.append(read_value(value or "", country, type_, "", validated=not skips[path]))
        except ItemError:
            paths.odd[path] = True
            read.append(("", ""))
    values = values.compact().replace_rows(phones[matched], numbers)
    countries = countries.compact().replace_rows(phones[matched], countries_of)
    if not read:
        return values, countries
    return (
        values.replace_rows(rows, _texts([value for value, _ in read])),
        countries.replace_rows(rows, _texts([country for _, country in read])),
    )


def _texts(values: Sequence[str | None]) -> StringColumn:
    return StringColumn.from_values(values)


def _column(distinct: Sequence[bytes | None], numbers: Ints) -> BytesColumn[bytes]:
    return BytesColumn[bytes].from_values(distinct).take(numbers)
