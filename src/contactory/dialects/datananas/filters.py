"""GET /contacts: which contacts a query asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from contactory.dialects.datananas import values
from contactory.dialects.datananas.ids import decode_id, is_id
from contactory.dialects.datananas.names import CREATED, TEXTS, canonical, plain
from contactory.dialects.datananas.problems import all_wrong

_MOMENTS: Final = {"collectedAt": "collected_at", "createdAt": "created_at", "updatedAt": "updated_at"}
_OTHERS: Final = {
    plain(name): name
    for name in ("page", "perPage", "projectionFields", "list", "_id", "id", "createdAt", "updatedAt")
}
_DATE_LENGTH: Final = len("YYYY-MM-DD")
_START: Final = datetime(2000, 1, 1, tzinfo=UTC)

Moments = tuple[datetime, datetime]


class Filters(NamedTuple):
    """Values that contacts are to have, by field of the store; an empty field has "". An `owner` is an id of
    a user, or an e-mail. `nothing`: no contact can have them."""

    equal: dict[str, Sequence[str]]
    within: dict[str, Moments]
    refers: dict[str, int]
    email: str | None = None
    id: int | None = None
    owner: str | None = None
    nothing: bool = False


def paging(query: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """Translate this API's names of a query's parameters for pages and projection."""
    return {_OTHERS.get(plain(name), name): given for name, given in query.items()}


def read_filters(query: Mapping[str, Sequence[str]]) -> Filters:
    """Every scalar field by any of its words, `list` and `owner`; several narrow each other. Raises Refusal
    for what is no filter, so that nobody takes all contacts for those that he asked for."""
    given, errors = _given(query)
    equal: dict[str, Sequence[str]] = {}
    within: dict[str, Moments] = {}
    for name, text in given.items():
        try:
            if name in TEXTS and name != "email":
                equal[TEXTS[name]] = [values.read_text(text)]
            elif name in _MOMENTS:
                within[_MOMENTS[name]] = _read_moments(text)
        except ValueError as error:
            errors.append((name, str(error)))
    if errors:
        raise all_wrong(errors)
    ids = {name: decode_id(given[name]) for name in ("list", "_id") if given.get(name)}
    refers = {"list_id": ids.get("list") or 0} if "list" in given else {}
    email = given.get("email")
    return Filters(
        equal=equal | ({"email": [""]} if email == "" else {}),
        within=within,
        refers=refers,
        email=_email(email) if email else None,
        id=ids.get("_id"),
        owner=given.get("owner"),
        nothing=None in ids.values() or given.get("_id") == "",
    )


def owner_asked(filters: Filters) -> dict[str, Any]:
    """How the owner that is asked for is looked up, as FindUsers takes it."""
    owner = filters.owner or ""
    return {"ids": [decode_id(owner) or 0]} if is_id(owner) else {"emails": [_email(owner)] if owner else []}


def _given(query: Mapping[str, Sequence[str]]) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """The text of each filter by its name, and what is no filter."""
    given: dict[str, str] = {}
    errors = []
    for key, texts in query.items():
        other = _OTHERS.get(plain(key)) if plain(key) == CREATED else None
        name = other or canonical(key) or _OTHERS.get(plain(key)) or ""
        name = "_id" if name == "id" else name
        if name in ("page", "perPage", "projectionFields"):
            continue
        if not name or name == "vars":
            errors.append((key, "is not a filter"))
        elif name in given or len(texts) > 1:
            errors.append((key, f"{name} is given twice"))
        elif any("\0" in text for text in texts):
            errors.append((key, "contains the character U+0000"))
        else:
            given[name] = texts[0] if texts else ""
    return given, errors


def _read_moments(text: str) -> Moments:
    """All of a day, or the millisecond in which a moment is shown."""
    begin = _START + timedelta(microseconds=values.read_moment(text))
    if len(text) == _DATE_LENGTH:
        return begin, begin + timedelta(days=1) - timedelta.resolution
    begin = begin.replace(microsecond=begin.microsecond // 1000 * 1000)
    return begin, begin + timedelta(milliseconds=1) - timedelta.resolution


def _email(text: str) -> str:
    """Return the text by which an address is known; a text that is no address is nobody's."""
    try:
        return values.email_key(values.read_email(text))
    except ValueError:
        return text
