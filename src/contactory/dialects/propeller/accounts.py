"""An account of the vendor's, moved with its ids: attribute definitions, companies, contacts, customers."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any, Final

from contactory.dialects.accounts import Item, ItemsError
from contactory.dialects.base import Call
from contactory.dialects.documents import Stream
from contactory.dialects.propeller.answers import (
    ATTRIBUTES,
    COMPANIES,
    CONTACTS,
    CUSTOMERS,
    VALUES,
    Answers,
)
from contactory.dialects.propeller.exports import show_account
from contactory.dialects.propeller.moved import OF_PATH, Moved, read_moved
from contactory.dialects.propeller.moved_definitions import read_definitions
from contactory.dialects.propeller.moved_writes import write_moved
from contactory.dialects.propeller.problems import to_message
from contactory.model.bulk import Outcomes, Status
from contactory.model.commands import Chain, Command, DefineAttributes, Return
from contactory.model.limits import LARGEST_GIVEN_ID
from contactory.model.problems import Code, Problem, Refusal

_WORDS: Final = {
    Code.ID_TAKEN: "id [{value}] is that of another {kind}.",
    Code.ID_DIFFERS: "id [{value}] is not the one that the {kind} has here.",
    Code.BAD_ID: f"id [{{value}}] is not between 1 and {LARGEST_GIVEN_ID}.",
    Code.NOT_FOUND: "there is no such {kind}.",
}


class PropellerAccount:
    """`default_language`: of records that show none."""

    definitions = (ATTRIBUTES,)
    records = (COMPANIES, CONTACTS, CUSTOMERS, VALUES)
    has_secrets = True

    def __init__(self, default_language: str) -> None:
        self._default_language = default_language

    def read(self, stream: Stream) -> Answers:
        return Answers(stream)

    def organization_of(self, item: Item) -> int | None:  # noqa: ARG002 (answers do not say)
        return None

    def define(self, items: Sequence[Item]) -> Command:
        definitions = read_definitions(items)
        row_of = list(definitions)

        def whole(done: Outcomes) -> Command:
            if done.problems:
                faults = [
                    (items[row_of[place]], self.describe(problem, items[row_of[place]]))
                    for place, problem in sorted(done.problems.items())
                ]
                raise ItemsError(faults)
            statuses = dict(zip(row_of, done.statuses, strict=True))
            rows = range(len(items))
            return Return(Outcomes([statuses.get(row, Status.UNCHANGED) for row in rows], [], {}))

        return Chain(DefineAttributes(definitions=list(definitions.values()), with_ids=True), whole)

    def read_record(self, item: Item) -> Moved:
        try:
            return read_moved(_path(item), item.document, only_changes=item.resource == VALUES)
        except Refusal as refusal:
            texts = refusal.problem.texts or (self.describe(refusal.problem, item),)
            raise ItemsError([(item, text) for text in texts]) from refusal

    def write(self, resource: str, records: Sequence[Any]) -> Command:  # noqa: ARG002 (each says its own)
        return write_moved(records, self._default_language)

    def show(self, organization_id: int) -> Generator[Call, Any, None]:  # noqa: ARG002 (answers do not say)
        return show_account()

    def name(self, item: Item) -> str:
        document = item.document
        shown = f"{_label(item)} {document.get('id', '')}"
        called = document.get("name") if item.resource == ATTRIBUTES else _source_id(document)
        shown = f"{shown} ({str(called)[:60]})" if called else shown
        return f"values of {shown}" if item.resource == VALUES else shown

    def describe(self, problem: Problem, item: Item | None = None) -> str:
        if problem.code is Code.ATTRIBUTE_TYPE_MISMATCH:
            if item and item.resource == ATTRIBUTES:
                return f"type is not the one that the attribute has here: {problem.value}."
            return f"attribute with {problem.key} [{problem.field}]: {to_message(problem)}"
        if item and problem.code in _WORDS:
            return _WORDS[problem.code].format(value=problem.value, kind=_label(item))
        return problem.texts[0] if problem.texts else to_message(problem)


def _path(item: Item) -> str:
    return str(item.document["resource"]) if item.resource == VALUES else item.resource


def _label(item: Item) -> str:
    return "attribute" if item.resource == ATTRIBUTES else OF_PATH[_path(item)].kind.label.lower()


def _source_id(document: dict[str, Any]) -> Any:
    """Return the first key of a record, by which people know it."""
    sources = document.get("sources")
    first = sources[0] if isinstance(sources, list) and sources else document
    if first is document or not isinstance(first, dict):
        return document.get("sourceId")
    return first.get("sourceId") or first.get("id")
