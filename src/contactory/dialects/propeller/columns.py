"""Columns as they came to columns as they are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from contactory.dialects.propeller.resources import SYSTEM, Resource
from contactory.dialects.propeller.rows import ParentRow
from contactory.dialects.propeller.values import GENDERS, as_texts, days, translate
from contactory.model.bulk import Keys, Reference, Scheme
from contactory.model.fields import COMPANIES
from contactory.model.problems import Code, Problem

Given = Mapping[str, Sequence[Any]]
"""Wire name -> a value per row, None where the row does not have the key."""

# PostgreSQL cannot index a much longer key.
MAX_KEY_LENGTH: Final = 500


def keys(given: Given, default_language: str) -> Keys | None:
    """Identities by source, language and sourceId; None where no row has a sourceId."""
    texts = as_texts(given["sourceId"])
    if texts and texts[0] is None and not any(texts):
        return None
    pairs = list(zip(given["source"], given["language"], strict=True))
    numbers = {pair: number for number, pair in enumerate(dict.fromkeys(pairs))}
    schemes = [
        Scheme(SYSTEM, source or "", language and language.upper(), default_language)
        for source, language in numbers
    ]
    if None in texts:
        texts = [text or "" for text in texts]
    return Keys(schemes, list(map(numbers.__getitem__, pairs)), texts)  # type: ignore[arg-type]


def plain_columns(resource: Resource, given: Given, default_language: str) -> dict[str, Sequence[Any]]:
    made: dict[str, Sequence[Any]] = {field: given[key] for key, field in resource.texts.items()}
    made |= {field: as_texts(given[key]) for key, field in resource.numbers.items()}
    made["language"] = translate(given["language"], lambda language: (language or default_language).upper())
    if any(given["pricing"]):
        made["pricing"] = [pricing and bytes(pricing) for pricing in given["pricing"]]
    if "gender" in given:
        made["gender"] = list(map(GENDERS.get, given["gender"]))
        born = list(map(days, given["dateOfBirth"]))
        if ValueError in map(type, born):
            born = [None if isinstance(day, ValueError) else day for day in born]
        made["date_of_birth"] = born
    return made


def parents(given: Given, default_language: str) -> dict[str, Sequence[Reference | None]]:
    if not any(given["parent"]):
        return {}
    pairs = list(zip(given["parent"], given["source"], strict=True))
    return {"parent_id": translate(pairs, lambda pair: pair[0] and _parent(*pair, default_language))}


def bad_values(given: Given) -> dict[int, Problem]:
    """Rows with a value of the right type that cannot be taken; they fail, the others do not."""
    problems = {}
    born = given.get("dateOfBirth", ())
    if ValueError in map(type, map(days, born)):
        for row, text in enumerate(born):
            if isinstance(days(text), ValueError):
                problems[row] = Problem(code=Code.BAD_VALUE, field="dateOfBirth", value=text)
    for key in ("source", "sourceId"):
        if max(map(len, map(str, given[key])), default=0) > MAX_KEY_LENGTH:
            for row, value in enumerate(map(str, given[key])):
                if len(value) > MAX_KEY_LENGTH:
                    problems[row] = Problem(code=Code.BAD_VALUE, field=key, value=f"{value[:40]}...")
    return problems


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
