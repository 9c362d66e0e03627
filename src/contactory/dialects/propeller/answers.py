"""Answers of the vendor's calls, read from a stream: those of GET and of searches, one after another or in an
array or under the names of their resources, or bare objects, one a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from contactory.dialects.accounts import Item, Place
from contactory.dialects.documents import Stream
from contactory.dialects.propeller.company_order import parents_first
from contactory.dialects.propeller.resources import COMPANY, CONTACT
from contactory.dialects.reply_stream import ReplyStream
from contactory.model.limits import MOST_KEYS

ATTRIBUTES: Final = "attributes"
COMPANIES: Final = "companies"
CONTACTS: Final = "contacts"
CUSTOMERS: Final = "customers"
VALUES: Final = "values"
RESOURCES: Final = (ATTRIBUTES, COMPANIES, CONTACTS, CUSTOMERS)
RECORDS: Final = (COMPANIES, CONTACTS, CUSTOMERS)
_SHARED: Final = CONTACT.texts.keys() | CONTACT.numbers.keys() | {"name"}
_OF_COMPANIES: Final = ((COMPANY.texts.keys() | COMPANY.numbers.keys()) - _SHARED) | {"company"}
_OF_PERSONS: Final = ("firstName", "lastName", "gender", "dateOfBirth")
_OF_DEFINITIONS: Final = ({"class", "name", "type"}, {"attributeClass", "name", "type"})
_ONLY_VALUES: Final = {"id", "attributes"}


class Answers(ReplyStream):
    """The objects of a stream, in their order, but a company after the one that it belongs to. Attribute
    values that stand apart from their record are items of VALUES, with `resource` for that of the record.
    `totals`: how many there are of a resource at the vendor's, as the pages that were read so far say."""

    def __init__(self, stream: Stream) -> None:
        super().__init__(stream)
        self._record = 0

    def __iter__(self) -> Iterator[Item]:
        return parents_first(COMPANIES, super().__iter__())

    def _read_reply(self) -> Iterator[Item]:
        self._record = 0
        yield from self._object("")

    def _object(self, resource: str) -> Iterator[Item]:
        """Read an answer, a bare object, or what stands under the names of resources (`resource`: that of
        what is read, "" where it is not known)."""
        documents, line = self._documents, self._documents.line
        rest, named, is_answer = dict[str, Any](), "", False
        for name in documents.members():
            following = documents.peek()
            if name == "data" and following in ("[", "{"):
                is_answer = True
                for item in self._some(resource):
                    named = item.resource
                    yield item
            elif name in RESOURCES and following in ("[", "{") and not resource and not rest:
                is_answer, named = True, name
                yield from self._object(name) if following == "{" else self._some(name)
            else:
                rest[name] = documents.value()
            if len(rest) > MOST_KEYS:
                raise self._wrong(f"has more than {MOST_KEYS} members")
        if is_answer:
            self._note_total(named or resource, rest.get("itemsFound"))
        if not is_answer:
            self._refuse_error(rest)
            yield self._item(line, resource, rest)
        elif named == ATTRIBUTES and "id" in rest:  # A record, of which the values come first.
            raise self._wrong(f"has [id] beside [{ATTRIBUTES}]: {_how(RECORDS)}")

    def _some(self, resource: str) -> Iterator[Item]:
        """Read one object or an array of some, which may be pages of them."""
        documents = self._documents
        if documents.peek() == "{":
            yield self._item(documents.line, resource, documents.value())
            return
        for _ in documents.items():
            line, value = documents.line, documents.value()
            within = value.get("data") if isinstance(value, dict) else None
            for document in within if isinstance(within, list) else [value]:
                yield self._item(line, resource, document)

    def _item(self, line: int, resource: str, document: Any) -> Item:
        self._record += 1
        if not isinstance(document, dict):
            raise self._wrong(f"has a record {self._record} that is no object")
        if _is_value(document):
            raise self._wrong(
                f"has values of a record that it does not name: put them under it,"
                f' as {{"{CONTACTS}": {{"id": 1, "{ATTRIBUTES}": ..}}}}'
            )
        place, resource = Place(line, self._answer, self._record), resource or self._tell(document)
        if resource in RECORDS and document.keys() == _ONLY_VALUES:
            return Item(place, VALUES, document | {"resource": resource})
        return Item(place, resource, document)

    def _tell(self, document: dict[str, Any]) -> str:
        """Tell the resource that an object is of, by members that only objects of that resource have."""
        if any(marks <= document.keys() for marks in _OF_DEFINITIONS):
            return ATTRIBUTES
        if _OF_COMPANIES & document.keys():
            return COMPANIES
        if any(name in document for name in _OF_PERSONS):
            reason = f"may be a contact or a customer: {_how((CONTACTS, CUSTOMERS))}"
            raise self._wrong(f"has a record {self._record} that {reason}")
        raise self._wrong(f"has a record {self._record} that is not of {', '.join(RESOURCES)}")

    def _refuse_error(self, document: dict[str, Any]) -> None:
        error, fault = document.get("error"), document.get("fault")
        if isinstance(error, dict) and "code" in error:
            raise self._wrong(
                f"is an error that the vendor answered: {error['code']} {error.get('messages', '')}"
            )
        if isinstance(fault, dict):
            raise self._wrong(f"is an error that the vendor answered: {fault.get('faultstring', '')}")


def _is_value(document: dict[str, Any]) -> bool:
    """Tell whether an object is an attribute value, in one language or in several."""
    parts = document.get("value")
    inside = parts if isinstance(parts, list) else ()
    return any(isinstance(each, dict) and "inherited" in each for each in (document, *inside))


def _how(resources: tuple[str, ...]) -> str:
    """Say how to mark what an answer is of."""
    forms = " or ".join(f'{{"{resource}": ..}}' for resource in resources)
    return f"put the answer under the name of its resource, as {forms}"
