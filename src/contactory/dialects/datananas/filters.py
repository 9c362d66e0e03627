"""The filters of GET /contacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from contactory.dialects.datananas import values
from contactory.dialects.datananas.ids import decode_id, is_id
from contactory.dialects.datananas.names import CREATED, TEXTS, canonical, normalize
from contactory.dialects.datananas.problems import all_wrong

_MOMENTS: Final = {"collectedAt": "collected_at", "createdAt": "created_at", "updatedAt": "updated_at"}
_OTHERS: Final = {
    normalize(name): name
    for name in ("page", "perPage", "projectionFields", "list", "_id", "id", "createdAt", "updatedAt")
}
_DATE_LENGTH: Final = len("YYYY-MM-DD")
_START: Final = datetime(2000, 1, 1, tzinfo=UTC)

Moments = tuple[datetime, datetime]


class Filters(NamedTuple):
    """Values that contacts must have, by field of the store; "" matches an empty field. `owner` is the id or
    e-mail of a user. `nothing`: no contact can match."""

    equal: dict[str, Sequence[str]]
    within: dict[str, Moments]
    refers: dict[str, int]
    email: str | None = None
    id: int | None = None
    owner: str | None = None
    nothing: bool = False


def canonical_query(query: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """Return the query with the parameters for pages and projection under their documented names."""
    return {_OTHERS.get(normalize(name), name): values for name, values in query.items()}


def read_filters(query: Mapping[str, Sequence[str]]) -> Filters:
    """Read filters: scalar fields under any of their names, `list` and `owner`; all must match. Raises
    Refusal (INVALID) for an unknown parameter, so that a typing error does not return all contacts."""
    parameters, errors = _parse_query(query)
    equal: dict[str, Sequence[str]] = {}
    within: dict[str, Moments] = {}
    for name, text in parameters.items():
        try:
            if name in TEXTS and name != "email":
                equal[TEXTS[name]] = [values.read_text(text)]
            elif name in _MOMENTS:
                within[_MOMENTS[name]] = _read_moments(text)
        except ValueError as error:
            errors.append((name, str(error)))
    if errors:
        raise all_wrong(errors)
    ids = {name: decode_id(parameters[name]) for name in ("list", "_id") if parameters.get(name)}
    refers = {"list_id": ids.get("list") or 0} if "list" in parameters else {}
    email = parameters.get("email")
    return Filters(
        equal=equal | ({"email": [""]} if email == "" else {}),
        within=within,
        refers=refers,
        email=_email(email) if email else None,
        id=ids.get("_id"),
        owner=parameters.get("owner"),
        nothing=None in ids.values() or parameters.get("_id") == "",
    )


def owner_lookup(filters: Filters) -> dict[str, Any]:
    """Return the arguments of FindUsers that find the owner."""
    owner = filters.owner or ""
    return {"ids": [decode_id(owner) or 0]} if is_id(owner) else {"emails": [_email(owner)] if owner else []}


def _parse_query(query: Mapping[str, Sequence[str]]) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Return the text of each filter by its name, and (name, reason) of each wrong parameter."""
    parameters: dict[str, str] = {}
    errors = []
    for key, texts in query.items():
        other = _OTHERS.get(normalize(key)) if normalize(key) == CREATED else None
        name = other or canonical(key) or _OTHERS.get(normalize(key)) or ""
        name = "_id" if name == "id" else name
        if name in ("page", "perPage", "projectionFields"):
            continue
        if not name or name == "vars":
            errors.append((key, "is not a filter"))
        elif name in parameters or len(texts) > 1:
            errors.append((key, f"{name} is given twice"))
        elif any("\0" in text for text in texts):
            errors.append((key, "contains the character U+0000"))
        else:
            parameters[name] = texts[0] if texts else ""
    return parameters, errors


def _read_moments(text: str) -> Moments:
    """Read a day, or a moment, which matches the whole millisecond in which it is shown. Raises
    ValueError."""
    begin = _START + timedelta(microseconds=values.read_moment(text))
    if len(text) == _DATE_LENGTH:
        return begin, begin + timedelta(days=1) - timedelta.resolution
    begin = begin.replace(microsecond=begin.microsecond // 1000 * 1000)
    return begin, begin + timedelta(milliseconds=1) - timedelta.resolution


def _email(text: str) -> str:
    """Return the key of an address; a text that is no address stays as it is and matches nobody."""
    try:
        return values.email_key(values.read_email(text))
    except ValueError:
        return text
