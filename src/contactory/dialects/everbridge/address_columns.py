"""The addresses of many rows, read into a column of documents as `addresses.py` reads those of one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import Final

import msgspec
import numpy as np

from contactory.columns.column import BytesColumn, StringColumn
from contactory.columns.document import ValueKind, are_kinds
from contactory.columns.json_arrays import Member, write_arrays
from contactory.columns.values import SEED, number_alike
from contactory.dialects.base import UNREADABLE, json_encode
from contactory.dialects.everbridge.addresses import (
    DEFAULT_SOURCE,
    MOST_LATITUDE,
    MOST_LONGITUDE,
    NUMBERS,
    POSTAL_CODES,
    TEXTS,
    check_state,
    read_country,
    read_numbers,
)
from contactory.dialects.everbridge.items import Address, GisLocation
from contactory.dialects.everbridge.objects import Flags, Objects, find_repeated, find_unusual
from contactory.model.limits import MOST_ADDRESSES

_NUMERIC: Final = (ValueKind.INTEGER, ValueKind.NUMBER)
_NOTHING: Final = (ValueKind.ABSENT, ValueKind.NULL)
_DEGREES: Final = (
    ("lat", MOST_LATITUDE, b'"gisLocation":{"lat":', b""),
    ("lon", MOST_LONGITUDE, b'"lon":', b"}"),
)

_decode_floats = msgspec.json.Decoder(list[float]).decode


def read_addresses(rows: Objects) -> BytesColumn[bytes]:
    """Read the addresses of rows, and mark the odd ones."""
    addresses = rows.objects("address", Address, MOST_ADDRESSES)
    texts = {name: addresses.texts(name, field.most) for name, field in TEXTS.items()}
    for name, field in TEXTS.items():
        if field.is_required:
            addresses.odd |= texts[name].lengths <= 0
    names = texts["locationName"]
    alike, _ = number_alike(names.source, names.starts[None], names.lengths[None], SEED)
    rows.odd[find_repeated(addresses.parents, alike)] = True
    texts["country"] = _read_countries(addresses, texts["postalCode"])
    members = [
        Member(b'"%b":' % name.encode(), column.null_if(b""), is_text=True)
        for name, column in texts.items()
        if column.has_any()
    ]
    numbers, found = addresses.distinct(NUMBERS, lambda one: read_numbers(one, ""))
    fragments = [json_encode(each)[1:-1] if each else None for each in found]
    members.append(Member(b"", BytesColumn[bytes].from_values(fragments).take(numbers)))
    members += _read_locations(addresses)
    rows.adopt(addresses)
    sources = texts["source"]
    lacks_source = np.where(sources.lengths <= 0, np.int32(0), np.int32(-1))
    default = b'"source":' + json_encode(DEFAULT_SOURCE)
    members.append(Member(default, BytesColumn[bytes](sources.source, sources.starts, lacks_source)))
    return write_arrays(members, addresses.parents, len(rows))


def _read_countries(addresses: Objects, postal_codes: StringColumn) -> StringColumn:
    """Read the countries, and mark the addresses odd whose state or postal code is not of theirs."""
    numbers, countries = addresses.distinct(["country"], lambda one: read_country(one, ""))
    addresses.distinct(["country", "state"], lambda one: check_state(one, ""))
    for number, country in enumerate(countries):
        if pattern := POSTAL_CODES.get(country or ""):
            rows = np.flatnonzero((postal_codes.lengths > 0) & (numbers == number))
            addresses.odd[find_unusual(postal_codes, rows, partial(_matches, pattern))] = True
    return StringColumn.from_values([country or "" for country in countries]).take(numbers)


def _matches(pattern: re.Pattern[str], code: str) -> bool:
    return pattern.fullmatch(code) is not None


def _read_locations(addresses: Objects) -> Iterator[Member]:
    """Read the locations of addresses. Degrees are written as a number has to be that was read."""
    kinds, written = addresses.kinds("gisLocation"), addresses.written("gisLocation")
    addresses.odd |= are_kinds(kinds, ValueKind.ARRAY) & (written.lengths > len(b"[]"))
    locations = addresses.objects("gisLocation", GisLocation, 1)
    kinds_of = np.stack([locations.kinds("lat"), locations.kinds("lon")])
    locations.odd |= ~are_kinds(kinds_of, *_NUMERIC, *_NOTHING).all(axis=0)
    are_numbers = are_kinds(kinds_of, *_NUMERIC)
    locations.odd |= are_numbers[0] != are_numbers[1]
    given = np.flatnonzero(are_numbers.all(axis=0) & ~locations.odd)
    for name, most, opening, closing in _DEGREES:
        degrees, is_wrong = _read_degrees(locations.written(name).take(given), most)
        locations.odd[given] |= is_wrong
        yield Member(opening, degrees.spread(locations.parents[given], len(addresses)), closing=closing)
    addresses.adopt(locations)


def _read_degrees(written: BytesColumn[bytes], most: int) -> tuple[BytesColumn[bytes], Flags]:
    """Read numbers, as they are encoded again, and tell for each whether it is wrong."""
    try:
        degrees = _decode_floats(b"[%b]" % written.join(b","))
    except UNREADABLE:
        return written, np.ones(len(written), bool)
    column = BytesColumn[bytes].from_separated(json_encode(degrees)[1:-1], len(degrees), b",")
    return column, np.abs(np.array(degrees)) > most
