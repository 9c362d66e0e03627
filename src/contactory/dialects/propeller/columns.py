"""The rows of a bulk body, read into columns of the store."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from contactory.columns.column import BytesColumn, IntegerColumn, StringColumn
from contactory.columns.jit import Bytes
from contactory.columns.values import ABSENT, ODD, find_odd, read_days, read_letters
from contactory.dialects.propeller import too_long
from contactory.dialects.propeller.pricing import is_pricing
from contactory.dialects.propeller.resources import SYSTEM, Resource
from contactory.dialects.propeller.row_attributes import read_attributes
from contactory.dialects.propeller.row_table import InvalidValue, RowTable
from contactory.dialects.propeller.rows import ParentRow
from contactory.dialects.propeller.values import are_emails, read_day
from contactory.dialects.sizes import shorten
from contactory.model.attributes import AttributeValues
from contactory.model.characters import find_invisible, show_invisible, trim_key
from contactory.model.fields import CLEARED_DATE, COMPANIES
from contactory.model.keys import Keys, Reference, References, Scheme
from contactory.model.limits import LONGEST_KEY
from contactory.model.problems import Code, Problem

_ALPHABET: Final = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", np.uint8)
_UNKNOWN: Final = ord("U")
_GENDERS: Final = np.frombuffer(b"MFU", np.uint8)

_decode_addresses = msgspec.json.Decoder(list[dict[str, Any]]).decode
_decode_parent = msgspec.json.Decoder(ParentRow).decode


class KeyOptions(NamedTuple):
    """The parts of a record's key: source, sourceId and language (v1), or the `pair` of the first two
    (v2)."""

    default_language: str
    pair: bool = False

    def __str__(self) -> str:
        """Return a text that never changes, since the digests of stored rows are made with it."""
        return f"Identity(default_language={self.default_language!r}, pair={self.pair})"


def read_keys(table: RowTable, key_options: KeyOptions) -> Keys | None:
    """Read the keys of rows; None if no row has a sourceId."""
    if not table.has("sourceId"):
        return None
    numbers, named = table.number_alike("source", "language")
    schemes = [
        Scheme(
            SYSTEM,
            _trim(too_long.cut_source(source or "")),
            *_qualifiers((language or "").upper() or None, key_options),
        )
        for source, language in zip(named.texts("source"), named.texts("language"), strict=True)
    ]
    texts = too_long.drop_long_keys(table.texts("sourceId")).fill_null()
    odd = find_odd(texts.source, texts.starts, texts.lengths)
    if len(odd):
        texts = texts.replace_rows(
            odd.tolist(), StringColumn.from_values([_trim(key or "") for key in texts.take(odd)])
        )
    packed: list[Any] = [numbers, texts]
    return Keys(schemes, *packed)


def _trim(key: str) -> str:
    """Remove invisible characters from the ends of a key. One that has no others stays, to be refused."""
    return trim_key(key) or key


def _qualifiers(language: str | None, key_options: KeyOptions) -> tuple[str | None, str]:
    """Return the language for lookups (None: any), and that of a new record."""
    if key_options.pair:
        return None, language or key_options.default_language
    return language, key_options.default_language


def make_columns(
    resource: Resource, table: RowTable, default_language: str
) -> tuple[dict[str, BytesColumn[Any]], dict[int, Problem]]:
    """Make the columns of the store, and a problem for each row with a value that cannot be stored: only
    these rows fail. Raises InvalidValue, and UNREADABLE errors for nested documents."""
    present = table.present_keys()
    plain = resource.texts | resource.numbers
    made: dict[str, BytesColumn[Any]] = {
        field: table.texts(key) for key, field in plain.items() if key in present
    }
    if "email" in present and not are_emails(table.texts("email")):
        raise InvalidValue
    languages = _letters(table.texts("language"), 2, _ALPHABET)
    given_lengths = np.where(languages.lengths > 0, languages.lengths, np.int32(-1))
    languages = StringColumn(languages.source, languages.starts, given_lengths)
    made["language"] = languages.fill_null(default_language.upper().encode())
    if "gender" in present:
        made["gender"] = _genders(table.texts("gender"))
    if "pricing" in present:
        made["pricing"] = too_long.drop_long_documents(table.documents("pricing"))
        if not all(map(is_pricing, filter(None, made["pricing"]))):
            raise InvalidValue
    if "addresses" in present:
        made["addresses"] = too_long.drop_long_documents(table.documents("addresses"))
        for document in filter(None, made["addresses"]):
            _decode_addresses(document)
    problems = too_long.find_texts(plain, made)
    if "dateOfBirth" in present:
        made["date_of_birth"], odd = _days(table.texts("dateOfBirth"))
        problems |= odd
    return made, problems


def _letters(texts: StringColumn, size: int, allowed: Bytes) -> StringColumn:
    """Read `size` letters of each text in upper case. Raises InvalidValue for a text that is not from
    `allowed`."""
    letters = read_letters(texts.source, texts.starts, texts.lengths, size, allowed)
    if len(letters) < len(texts):
        raise InvalidValue
    return StringColumn(letters, np.arange(0, len(letters), size, dtype=np.int32), texts.lengths)


def _genders(texts: StringColumn) -> StringColumn:
    """Read M, F, or U, which is stored as ""."""
    letters = _letters(texts, 1, _GENDERS)
    is_unknown = (letters.lengths > 0) & (letters.source[letters.starts] == _UNKNOWN)
    return StringColumn(letters.source, letters.starts, np.where(is_unknown, np.int32(0), letters.lengths))


def _days(texts: StringColumn) -> tuple[IntegerColumn, dict[int, Problem]]:
    """Read dates as the store counts them, with a problem for each text that is none."""
    problems: dict[int, Problem] = {}
    days = read_days(texts.source, texts.starts, texts.lengths, CLEARED_DATE)
    for row in np.flatnonzero(days == ODD).tolist():
        text = texts[row] or ""
        try:
            days[row] = read_day(text)
        except ValueError:
            days[row] = ABSENT
            problems[row] = Problem(code=Code.BAD_VALUE, field="dateOfBirth", value=shorten(text))
    return IntegerColumn.from_array(days, days != ABSENT), problems


def find_wrong_keys(table: RowTable, known: Keys | None) -> dict[int, Problem]:
    """Find rows whose key has no source, is too long for a lookup, or has invisible characters."""
    problems: dict[int, Problem] = {}
    if known is None:
        return problems
    wrong = {
        number
        for number, scheme in enumerate(known.schemes)
        if not 0 < len(scheme.name) <= LONGEST_KEY or _is_unclear(scheme.name)
    }
    keys = table.texts("sourceId")
    odd = find_odd(known.texts.source, known.texts.starts, known.texts.lengths)
    unclear = {
        row for row, key in zip(odd.tolist(), known.texts.take(odd), strict=True) if key and _is_unclear(key)
    }
    # The lengths are in bytes, so no fewer than characters.
    if wrong or unclear or keys.lengths.max(initial=0) > LONGEST_KEY:
        for row, (scheme, key) in enumerate(zip(known.scheme_of, keys, strict=True)):
            if key and scheme in wrong:
                problems[row] = _wrong("source", known.schemes[scheme].name)
            elif key and (len(key) > LONGEST_KEY or row in unclear):
                problems[row] = _wrong("sourceId", key)
    return problems


def find_lone_sources(table: RowTable) -> dict[int, Problem]:
    """Find rows of a bulk call by id that have a source and no sourceId."""
    sources, keys = table.texts("source"), table.texts("sourceId")
    alone = np.flatnonzero((sources.lengths >= 0) & (keys.lengths < 0))
    return {row: _wrong("sourceId", "") for row in alone.tolist()}


def _is_unclear(key: str) -> bool:
    """Tell whether a key has invisible characters, by which two that look the same may differ."""
    return not trim_key(key) or bool(find_invisible(key))


def _wrong(field: str, value: str) -> Problem:
    """Make the problem of a wrong key, with invisible characters as escapes, such as \\u200b."""
    cut = f"{value[:40]}..." if len(value) > LONGEST_KEY else value
    return Problem(code=Code.BAD_VALUE, field=field, value=show_invisible(cut))


def read_parents(table: RowTable, default_language: str) -> dict[str, References]:
    """Read the companies that rows belong to. Raises UNREADABLE errors."""
    if not table.has("parent"):
        return {}
    numbers, named = table.number_alike("parent", "source")
    references = [
        _parent(_decode_parent(document), source, default_language) if document else None
        for document, source in zip(named.documents("parent"), named.texts("source"), strict=True)
    ]
    return {"parent_id": References(references, numbers)}


def _parent(parent: ParentRow, row_source: str | None, default_language: str) -> Reference:
    if parent.id is not None:
        return Reference(COMPANIES, SYSTEM, id=parent.id)
    return Reference(
        COMPANIES,
        SYSTEM,
        key=trim_key(str(parent.sourceId)),
        key_name="sourceId",
        scheme=trim_key(parent.source or ""),
        preferred_scheme=trim_key(row_source or ""),
        preferred_qualifier=default_language,
    )


def read_attribute_columns(table: RowTable) -> dict[str, AttributeValues]:
    """Read the attribute values of rows. Raises InvalidValue, and UNREADABLE errors."""
    if not table.has("attributes"):
        return {}
    return {"attributes": read_attributes(too_long.drop_long_documents(table.documents("attributes")))}
