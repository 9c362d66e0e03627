"""Reader of a stream of replies of GET calls: pages of lists and contacts, single ones, or bare objects, one
a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from contactory.dialects.accounts import Item, Place
from contactory.dialects.reply_stream import ReplyStream
from contactory.model.limits import MOST_KEYS

LISTS: Final = "lists"
CONTACTS: Final = "contacts"
USERS: Final = "users"
RESOURCES: Final = (LISTS, CONTACTS, USERS)
_SINGLE: Final = {"list": LISTS, "contact": CONTACTS, "user": USERS}
_OF_CONTACTS: Final = ("vars", "collectedAt", "linkedin")  # members of every contact in replies


class Answers(ReplyStream):
    """The objects of a stream, in their order."""

    def _read_reply(self) -> Iterator[Item]:
        """Read one reply, whose resource is the name of the member with the objects."""
        documents = self._documents
        line, named, rest = documents.line, "", dict[str, Any]()
        for name in documents.members():
            following = documents.peek()
            if name in RESOURCES and following == "[":
                named = name
                for record, _ in enumerate(documents.items(), 1):
                    yield self._item(record, name)
            elif name in _SINGLE and following == "{" and not rest:
                named = _SINGLE[name]
                yield self._item(1, named)
            else:
                rest[name] = documents.value()
            if len(rest) > MOST_KEYS:
                raise self._wrong(f"has more than {MOST_KEYS} members")
        if named:
            page = rest.get("page")
            if isinstance(page, dict):
                self._note_total(named, page.get("total"))
            return
        if isinstance(status := rest.get("statusCode"), int):
            raise self._wrong(f"is an error that the vendor answered: {status} {rest.get('reason', '')}")
        yield Item(Place(line, self._answer, 1), self._find_resource(rest), rest)

    def _item(self, record: int, resource: str) -> Item:
        place = Place(self._documents.line, self._answer, record)
        document = self._documents.value()
        if not isinstance(document, dict):
            raise self._wrong(f"has a record {record} that is no object")
        return Item(place, resource, document)

    def _find_resource(self, document: dict[str, Any]) -> str:
        """Return the resource of a bare object, by its members."""
        if any(name in document for name in _OF_CONTACTS):
            return CONTACTS
        if "role" in document:
            return USERS
        if "_id" in document and "name" in document:
            return LISTS
        raise self._wrong(f"is not of {', '.join(RESOURCES)}")
