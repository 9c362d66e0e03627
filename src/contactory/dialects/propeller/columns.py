"""Rows as they came to columns as they are kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any, Final, NamedTuple, cast

import msgspec
from msgspec.structs import astuple

from contactory.dialects.propeller.resources import SYSTEM, Resource
from contactory.dialects.propeller.rows import ParentRow
from contactory.dialects.propeller.values import GENDERS, as_texts, days, translate
from contactory.model.bulk import AttributeValue, Keys, Reference, Scheme
from contactory.model.fields import COMPANIES
from contactory.model.problems import Code, Problem

Rows = Sequence[msgspec.Struct]
Given = Mapping[str, Sequence[Any]]

# PostgreSQL cannot index a much longer key.
MAX_KEY_LENGTH: Final = 500


def read(rows: Rows, key: str) -> list[Any]:
    """What the rows have under a key; None where a row does not have it."""
    return list(map(attrgetter(key), rows))


class Identity(NamedTuple):
    """What tells records apart: source, sourceId and language (v1), or of a `pair` the first two (v2)."""

    default_language: str
    pair: bool = False


def keys(rows: Rows, identity: Identity) -> Keys | None:
    """None where no row has a sourceId."""
    texts = as_texts(read(rows, "sourceId"))
    types = set(map(type, texts))
    if str not in types:
        return None
    pairs = list(map(attrgetter("source", "language"), rows))
    numbers = {pair: number for number, pair in enumerate(dict.fromkeys(pairs))}
    schemes = [
        Scheme(SYSTEM, source or "", *_qualifiers(language and language.upper(), identity))
        for source, language in numbers
    ]
    scheme_of = list(map(numbers.__getitem__, pairs)) if len(numbers) > 1 else [0] * len(rows)
    if len(types) > 1:
        texts = [text or "" for text in texts]
    return Keys(schemes, scheme_of, cast("Sequence[str]", texts))


def _qualifiers(language: str | None, identity: Identity) -> tuple[str | None, str]:
    """The language in which a record is looked for (None: any), and that in which a new one is made."""
    if identity.pair:
        return None, language or identity.default_language
    return language, identity.default_language


def transpose(rows: Rows) -> Given:
    """The rows as columns by their wire names."""
    if not rows:
        return defaultdict(tuple)
    return dict(zip(rows[0].__struct_fields__, zip(*map(astuple, rows), strict=True), strict=True))


def make_columns(
    resource: Resource, given: Given, default_language: str
) -> tuple[dict[str, Sequence[Any]], dict[int, Problem]]:
    """Columns as they are kept, and the rows with a value that cannot be: these fail, others do not."""
    problems: dict[int, Problem] = {}
    made = {field: given[key] for key, field in resource.texts.items()}
    made |= {field: as_texts(given[key]) for key, field in resource.numbers.items()}
    made["language"] = translate(given["language"], lambda text: (text or default_language).upper())
    made["pricing"] = [pricing and bytes(pricing) for pricing in given["pricing"]]
    if "gender" in resource.kind.fields:
        made["gender"] = list(map(GENDERS.get, given["gender"]))
    if "date_of_birth" in resource.kind.fields:
        born = list(map(days, given["dateOfBirth"]))
        if ValueError in set(map(type, born)):
            for row, day in enumerate(born):
                if isinstance(day, ValueError):
                    born[row] = None
                    text = given["dateOfBirth"][row]
                    problems[row] = Problem(code=Code.BAD_VALUE, field="dateOfBirth", value=text)
        made["date_of_birth"] = born
    return made, problems


def wrong_keys(known: Keys | None) -> dict[int, Problem]:
    """Rows whose key has no source, or is too long to be looked up by."""
    problems: dict[int, Problem] = {}
    if known is None:
        return problems
    wrong = {
        number for number, scheme in enumerate(known.schemes) if not 0 < len(scheme.name) <= MAX_KEY_LENGTH
    }
    if wrong or max(map(len, known.keys), default=0) > MAX_KEY_LENGTH:
        for row, (scheme, key) in enumerate(zip(known.scheme_of, known.keys, strict=True)):
            if key and scheme in wrong:
                problems[row] = _wrong("source", known.schemes[scheme].name)
            elif len(key) > MAX_KEY_LENGTH:
                problems[row] = _wrong("sourceId", key)
    return problems


def _wrong(field: str, value: str) -> Problem:
    shown = f"{value[:40]}..." if len(value) > MAX_KEY_LENGTH else value
    return Problem(code=Code.BAD_VALUE, field=field, value=shown)


def parents(rows: Rows, default_language: str) -> dict[str, Sequence[Reference | None]]:
    given = read(rows, "parent")
    if not any(given):
        return {}
    known: dict[tuple[ParentRow, str], Reference] = {}
    references: list[Reference | None] = [None] * len(rows)
    for row, parent in enumerate(given):
        if parent is not None:
            named = parent, rows[row].source  # type: ignore[attr-defined]
            reference = known.get(named)
            if reference is None:
                reference = known[named] = _parent(*named, default_language)
            references[row] = reference
    return {"parent_id": references}


def attributes(given: Given) -> dict[str, Sequence[Sequence[AttributeValue] | None]]:
    return {"attributes": given["attributes"]} if any(given["attributes"]) else {}


def _parent(parent: ParentRow, near: str | None, default_language: str) -> Reference:
    if parent.id is not None:
        return Reference(COMPANIES, SYSTEM, id=parent.id)
    return Reference(
        COMPANIES,
        SYSTEM,
        key=str(parent.sourceId),
        key_name="sourceId",
        scheme=parent.source or "",
        near=near or "",
        near_qualifier=default_language,
    )
