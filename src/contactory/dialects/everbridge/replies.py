"""The envelopes of answers (spec, section 1.5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from contactory.dialects.base import Reply, Request, json_encode
from contactory.dialects.everbridge.problems import JSON, refuse, say, status
from contactory.dialects.pages import encode_items
from contactory.model.bulk import Outcomes
from contactory.model.problems import Problem

GOOD: Final = 100
SOME_WRONG: Final = 300


def reply(body: Any) -> Reply:
    return Reply(200, json_encode(body), JSON)


def modified(request: Request, resource: str, id_: int) -> Reply:
    base = f"{request.base_url}/{resource}/{request.caller.organization_id}/"
    return reply({"message": "OK", "id": id_, "baseUri": base, "instanceUri": f"{base}{id_}"})


def instance(result: Any) -> Reply:
    return reply({"message": "OK", "result": result})


class Paging(msgspec.Struct, frozen=True):
    """Pages are counted from 1."""

    number: int
    size: int


def collection(
    request: Request, resource: str, items: Sequence[Any], found: int, page: Paging, start: int = 0
) -> Reply:
    """`start` is what the vendor's own examples show for this resource on a first page."""
    last = max(1, -(-found // page.size))
    organization = request.path.get("organization_id")
    base = "/".join(part for part in (request.base_url, resource, organization) if part)

    def uri(number: int) -> str:
        return f"{base}/?pageNumber={number}"

    body: dict[str, Any] = {
        "message": "OK",
        "firstPageUri": uri(1),
        "lastPageUri": uri(last),
        "currentPageUri": uri(page.number),
    }
    if page.number < last:
        body["nextPageUri"] = uri(page.number + 1)
    if page.number > 1:
        body["previousPageUri"] = uri(page.number - 1)
    body["page"] = {
        "pageSize": page.size,
        "start": start + (page.number - 1) * page.size,
        "data": encode_items(items),
        "totalCount": found,
        "totalPageCount": last,
        "currentPageNo": page.number,
    }
    return reply(body)


def whole(request: Request, resource: str, items: Sequence[Any], start: int = 1) -> Reply:
    """A list without pages."""
    return collection(request, resource, items, len(items), Paging(1, max(1, len(items))), start)


def batch(outcomes: Outcomes) -> Reply:
    """All good: code 100. Some good: 200 with code 300, and the text of each that is not. None good: the
    status of the first (spec, decision 4)."""
    problems = [outcomes.problems[row] for row in sorted(outcomes.problems)]
    if not problems:
        return reply({"message": "OK", "code": GOOD})
    data = [f"The [{row + 1}] {say(outcomes.problems[row])}" for row in sorted(outcomes.problems)]
    first = problems[0]
    if len(problems) < len(outcomes.ids):
        return reply({"message": say(first), "code": SOME_WRONG, "data": data})
    body = {"status": status(first), "code": status(first), "message": say(first), "data": data}
    return Reply(status(first), json_encode(body), JSON)


def single(request: Request, outcomes: Outcomes) -> Reply:
    """Of a contact that was written alone."""
    problem: Problem | None = outcomes.problems.get(0)
    return refuse(problem) if problem else modified(request, "contacts", outcomes.ids[0])
