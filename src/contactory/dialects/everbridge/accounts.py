"""Import and export of an account: the replies of GET calls become entries of the directory and contacts with
the same numbers."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any, Final

import msgspec

from contactory.dialects.accounts import Item, ItemsError
from contactory.dialects.base import Call
from contactory.dialects.documents import Stream
from contactory.dialects.everbridge import items, problems
from contactory.dialects.everbridge.answers import CONTACTS, DEFINITIONS, ORGANIZATIONS, Answers
from contactory.dialects.everbridge.bodies import mismatch
from contactory.dialects.everbridge.exports import show_account
from contactory.dialects.everbridge.methods import complete_moved, without_unknown
from contactory.dialects.everbridge.names import GROUP
from contactory.dialects.everbridge.resources import PATHS, RECORD_TYPES, RESOURCES, read_save
from contactory.dialects.everbridge.targets import WriteOptions
from contactory.dialects.everbridge.values import ItemError, wrong
from contactory.dialects.everbridge.write import write_contacts
from contactory.model.bulk import Outcomes, Status
from contactory.model.commands import Chain, Command, Return
from contactory.model.directory import PATH, Directory, Entry, FindEntries, PutEntries
from contactory.model.limits import MOST_METHODS
from contactory.model.problems import Code, Problem, Refusal

_RESOURCES: Final = {resource.path: resource for resource in RESOURCES}
_KINDS: Final = {resource.kind for resource in RESOURCES}
_RECORD_TYPES: Final = ("CUSTOMIZE", "DEFAULT", "TRM_DEFAULT")
_WORDS: Final = {
    Code.ID_TAKEN: "id [{}] is that of another contact.",
    Code.ID_DIFFERS: "id [{}] is not the one that the contact of this externalId has here.",
}
_IMPORT: Final = WriteOptions(creates=True, changes=True, moves=True)


class EverbridgeAccount:
    definitions = DEFINITIONS
    records = (CONTACTS,)
    has_secrets = False

    def read(self, stream: Stream) -> Answers:
        return Answers(stream)

    def organization_of(self, item: Item) -> int | None:
        number = item.document.get("organizationId")
        return number if isinstance(number, int) and item.resource != ORGANIZATIONS else None

    def define(self, items: Sequence[Item]) -> Command:
        """Define entries. Groups may come before their parents. An object that is repeated with the same
        content is left out."""
        entries = _read_entries(items)
        own = {entry.number for entry in entries.values() if entry.kind == GROUP}
        others = {parent for entry in entries.values() if (parent := _parent_of(entry)) and parent not in own}

        def put(directory: Directory) -> Command:
            missing = {parent for parent in others if directory.numbered(GROUP, parent) is None}
            orphans = [row for row, entry in entries.items() if _parent_of(entry) in missing]
            if orphans:
                reason = "parentId [{}] is no group of the file or the organization."
                raise ItemsError([(items[row], reason.format(_parent_of(entries[row]))) for row in orphans])
            return Chain(PutEntries(entries=list(entries.values())), lambda done: Return(whole(done)))

        def whole(done: Outcomes) -> Outcomes:
            row_of = dict(enumerate(entries))
            statuses = dict(zip(entries, done.statuses, strict=True))
            return Outcomes(
                [statuses.get(row, Status.UNCHANGED) for row in range(len(items))],
                [],
                {row_of[index]: problem for index, problem in done.problems.items()},
            )

        return Chain(FindEntries(numbers=[(GROUP, parent) for parent in others]), put)

    def read_record(self, item: Item) -> items.Contact:
        try:
            return items.from_document(item.document)
        except msgspec.ValidationError as error:
            raise ItemsError([(item, problems.to_message(mismatch(error).problem))]) from error

    def write(self, resource: str, records: Sequence[Any]) -> Command:  # noqa: ARG002 (there is one)
        """Write contacts. Their groups are replaced."""
        return write_contacts(records, _IMPORT)

    def show(self, organization_id: int) -> Generator[Call, Any, None]:
        return show_account(organization_id)

    def name(self, item: Item) -> str:
        label = _RESOURCES[item.resource].label if item.resource in _RESOURCES else "contact"
        key = "externalId" if label == "contact" else "name"
        shown = f"{label} {item.document.get('pathId') or item.document.get('id', '')}"
        called = item.document.get("prompt" if item.resource == PATHS.path else key)
        return shown if called is None else f"{shown} ({str(called)[:60]})"

    def describe(self, problem: Problem, item: Item | None = None) -> str:
        if item and problem.code is Code.ALREADY_EXISTS and problem.kind in _KINDS:
            label = _RESOURCES[item.resource].label
            return f"the name is that of {label} {problem.value} of the organization, which has contacts."
        if problem.code in _WORDS:
            return _WORDS[problem.code].format(problem.value)
        return problems.to_message(problem)


def _read_entries(items: Sequence[Item]) -> dict[int, Entry]:
    """Read definitions, by row. Raises ItemsError with all errors, also for two with the same number or
    name."""
    entries: dict[int, Entry] = {}
    rows: dict[tuple[str, int | str], int] = {}
    faults = []
    for row, item in enumerate(items):
        try:
            entry = _read_entry(item)
        except ItemError as error:
            faults.append((item, str(error)))
            continue
        except Refusal as error:
            faults.append((item, problems.to_message(error.problem)))
            continue
        if (same := rows.setdefault((entry.kind, entry.number), row)) != row:
            if entries.get(same) != entry:
                faults.append((item, f"the number is also that of {items[same].place}."))
        elif (same := rows.setdefault((entry.kind, entry.name), row)) != row:
            faults.append((item, f"the name is also that of {items[same].place}."))
        else:
            entries[row] = entry
    methods = [row for row, entry in entries.items() if entry.kind == PATH]
    if len(methods) > MOST_METHODS:
        faults.append((items[methods[-1]], f"the file has more than {MOST_METHODS} contact paths."))
    if faults:
        raise ItemsError(faults)
    return entries


def _read_entry(item: Item) -> Entry:
    """Read a definition with the details that only the vendor sets: the number, and the kind of a record
    type. Raises ItemError or Refusal."""
    resource, document = _RESOURCES[item.resource], item.document
    if resource is PATHS:
        document = without_unknown(document)
    save = read_save(resource, document)
    if save.as_number is None:
        wrong("id", "is required")
    details = save.details
    if resource is PATHS:
        details = complete_moved(save.name, details, document.get("type"))
    if resource is RECORD_TYPES and document.get("recordType") in _RECORD_TYPES:
        details = details | {"recordType": document["recordType"]}
    return Entry(kind=resource.kind, number=save.as_number, name=save.name, details=details)


def _parent_of(entry: Entry) -> int | None:
    parent = entry.details.get("parentId", -1) if entry.kind == GROUP else -1
    return None if parent == -1 else int(parent)
