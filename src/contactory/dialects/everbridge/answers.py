"""Reader of a stream of replies of the vendor's GET calls: replies one after another, in an array, or under
the names of their resources, or bare objects, one a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from contactory.dialects.accounts import Item, Place
from contactory.dialects.reply_stream import ReplyStream
from contactory.dialects.sizes import shorten
from contactory.model.limits import MOST_KEYS

ORGANIZATIONS: Final = "organizations"
CONTACTS: Final = "contacts"
DEFINITIONS: Final = ("recordTypes", "contactAttributes", "contactPaths", "groups")
RESOURCES: Final = (ORGANIZATIONS, *DEFINITIONS, CONTACTS)
_URIS: Final = ("firstPageUri", "currentPageUri", "lastPageUri", "instanceUri", "baseUri")
_BETWEEN: Final = re.compile(r"[/?#]+")
# Members by which a resource is recognised: all its objects have them in the vendor's replies, and no others.
_MARKS: Final = {
    "pathId": "contactPaths",
    "dataType": "contactAttributes",
    "organizationStatus": ORGANIZATIONS,
    "externalId": CONTACTS,
    "firstName": CONTACTS,
    "recordType": "recordTypes",
    "parentId": "groups",
    "enableSequencedContact": "groups",
}


class Answers(ReplyStream):
    """The objects of a stream, in their order."""

    def _read_reply(self) -> Iterator[Item]:
        yield from self._object("")

    def _object(self, resource: str) -> Iterator[Item]:
        """Read a reply, a bare object, or replies under the names of their resources. `resource`: the name
        under which a reply is read."""
        documents, line = self._documents, self._documents.line
        rest: dict[str, Any] = {}
        is_answer = False
        for name in documents.members():
            holds_object = documents.peek() == "{"
            if name == "page" and holds_object:
                is_answer = True
                yield from self._page(resource, rest)
            elif name == "result" and holds_object:
                is_answer = True
                yield self._item(1, self._resource(resource, rest))
            elif name in RESOURCES and holds_object and not resource:
                is_answer = True
                yield from self._object(name)
            else:
                rest[name] = documents.value()
            if len(rest) > MOST_KEYS:
                raise self._wrong(f"has more than {MOST_KEYS} members")
        if is_answer:
            return
        if isinstance(status := rest.get("status"), int):
            raise self._wrong(f"is an error that the vendor answered: {status} {rest.get('message', '')}")
        yield Item(Place(line, self._answer, 1), resource or self._recognise(rest, 1), rest)

    def _page(self, resource: str, rest: dict[str, Any]) -> Iterator[Item]:
        documents = self._documents
        for name in documents.members():
            if name == "data" and documents.peek() == "[":
                named = self._resource(resource, rest)
                for record, _ in enumerate(documents.items(), 1):
                    yield self._item(record, named)
            else:
                rest[name] = documents.value()
        if named := self._resource(resource, rest):
            self._note_total(named, rest.get("totalCount"))

    def _item(self, record: int, resource: str) -> Item:
        place = Place(self._documents.line, self._answer, record)
        document = self._documents.value()
        if not isinstance(document, dict):
            raise self._wrong(f"has a record {record} that is no object")
        return Item(place, resource or self._recognise(document, record), document)

    def _resource(self, resource: str, rest: dict[str, Any]) -> str:
        """Return the resource of a reply as far as it is known, by the name under which it is and by its
        URIs; "" if there are none yet."""
        named = self._named(rest)
        if resource and named and named != resource:
            raise self._wrong(f"is of {named}, and stands under {resource}")
        return resource or named

    def _named(self, rest: dict[str, Any]) -> str:
        for name in _URIS:
            if isinstance(uri := rest.get(name), str):
                for part in _BETWEEN.split(uri):
                    if part in RESOURCES:
                        return part
                raise self._wrong(f"is of {shorten(uri)}, not of {', '.join(RESOURCES)}")
        return ""

    def _recognise(self, document: dict[str, Any], record: int) -> str:
        """Return the resource of an object, by its members."""
        for mark, resource in _MARKS.items():
            if mark in document:
                return resource
        raise self._wrong(f"has a record {record} that is not of {', '.join(RESOURCES)}")
