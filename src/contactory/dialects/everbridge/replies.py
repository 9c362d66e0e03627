"""The envelopes of replies (spec, section 1.5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from contactory.dialects.base import Reply, Request, json_encode
from contactory.dialects.everbridge.problems import JSON, refuse, status, to_message
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
    """A page, counted from 1, and its size."""

    number: int
    size: int


def collection(
    request: Request, resource: str, items: Sequence[Any], found: int, page: Paging, start: int = 0
) -> Reply:
    """Encode a page of items, of which `found` are on all pages. `start` is that of a first page of this
    resource in the vendor's examples."""
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


def unpaged(request: Request, resource: str, items: Sequence[Any], start: int = 1) -> Reply:
    """Encode a list without pages."""
    return collection(request, resource, items, len(items), Paging(1, max(1, len(items))), start)


def encode_batch(outcomes: Outcomes) -> Reply:
    """Encode the outcomes of a batch (spec, decision 4): code 100 if all rows succeeded; 200 with code 300,
    and a text for each failed row, if some did; the status of the first problem if none did."""
    problems = [outcomes.problems[row] for row in sorted(outcomes.problems)]
    if not problems:
        return reply({"message": "OK", "code": GOOD})
    data = [f"The [{row + 1}] {to_message(outcomes.problems[row])}" for row in sorted(outcomes.problems)]
    first = problems[0]
    if len(problems) < len(outcomes.ids):
        return reply({"message": to_message(first), "code": SOME_WRONG, "data": data})
    body = {"status": status(first), "code": status(first), "message": to_message(first), "data": data}
    return Reply(status(first), json_encode(body), JSON)


def encode_single(request: Request, outcomes: Outcomes) -> Reply:
    """Encode the outcome of a single contact."""
    problem: Problem | None = outcomes.problems.get(0)
    return refuse(problem) if problem else modified(request, "contacts", outcomes.ids[0])
