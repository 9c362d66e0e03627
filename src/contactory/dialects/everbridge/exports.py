"""The export of an account: the replies of GET calls, page by page."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any, Final

from contactory.dialects.base import Call, Request
from contactory.dialects.everbridge import organizations
from contactory.dialects.everbridge.answers import CONTACTS, DEFINITIONS
from contactory.dialects.everbridge.entries import decode_page
from contactory.dialects.everbridge.reading import show_contacts
from contactory.dialects.everbridge.replies import Paging, collection
from contactory.dialects.everbridge.resources import RESOURCES
from contactory.model.caller import MANAGER, Caller
from contactory.model.commands import Search
from contactory.model.fields import CONTACTS as CONTACTS_KIND
from contactory.model.problems import Code, Refusal

_PAGE: Final = 1000


def show_account(organization_id: int) -> Generator[Call, Any, None]:
    """Yield the calls whose replies are written to the file one after another."""
    caller = Caller(organization_id, None, None, frozenset(), MANAGER)
    path = {"organization_id": str(organization_id)}
    request = Request(path, {}, {}, b"", caller=caller, base_url="/rest")
    total = (yield organizations.decode_get(request)).contacts
    resources = {resource.path: resource for resource in RESOURCES}
    for name in DEFINITIONS:
        page, found = 0, 1
        while page * _PAGE < found:
            page += 1
            query = {"pageNumber": [str(page)], "pageSize": [str(_PAGE)]}
            found = (yield decode_page(resources[name], request._replace(query=query))).found
    yield from _show_contacts(request, total)


def _show_contacts(request: Request, total: int) -> Generator[Call, Any, None]:
    """Yield the calls for contacts. Each page begins after the last contact of the one before, so that all
    cost the same. A page that is too large is requested again in halves."""
    page, size, last, shown = 0, _PAGE, 0, [0] * _PAGE
    while len(shown) == size:
        page += 1
        search = Search(
            kind=CONTACTS_KIND, page=1, size=size, after=last, counted=False, with_identities=True
        )
        paging = Paging(page, size)

        def encode(found: Sequence[Any], paging: Paging = paging) -> Any:
            return collection(request, CONTACTS, found, total, paging)

        try:
            shown = yield Call(show_contacts(search, request.caller.organization_id), encode)
        except Refusal as refusal:
            if refusal.problem.code is not Code.PAGE_TOO_LARGE or size == 1:
                raise
            page, size = page - 1, size // 2
            shown = [0] * size
            continue
        last = shown[-1]["id"] if shown else last
