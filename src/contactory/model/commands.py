"""What may be asked of the core beside BulkWrite, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from contactory.model.attributes import AttributeDefinition
from contactory.model.bulk import BulkWrite, Keys
from contactory.model.caller import Author
from contactory.model.directory import (
    DeleteEntry,
    FindEntries,
    FindOrganization,
    FindUsers,
    ListEntries,
    PutEntries,
    SaveEntry,
)
from contactory.model.fields import Kind
from contactory.model.jobs import AcceptJob, CheckQuota, FailJob, FindJob, ListJobs, QueueJob, RunChunk
from contactory.model.problems import Code

KEYS: Final = "keys"  # an order of records


class Identity(msgspec.Struct, frozen=True):
    """A key by which an outside system knows a record."""

    system: str
    scheme: str
    qualifier: str
    key: str


class Record(msgspec.Struct, kw_only=True):
    """A stored record. Values are as FieldType says, but dates are `datetime.date` or None, JSON is decoded,
    and attributes are keyed by attribute id. `identities`, `parent` and the names of authors are there when
    asked for, and so are secret texts, of which one that cannot be read is None."""

    id: int
    created_at: datetime
    updated_at: datetime
    created_by: Author
    updated_by: Author
    values: dict[str, Any]
    identities: Sequence[Identity] = ()
    parent: Record | None = None


class Find(msgspec.Struct, kw_only=True):
    """One record, by id or by key; `scheme` and `qualifier` narrow a key that several have. Answers a
    Record, or refuses with SEVERAL_FOUND or `missing`. `to_change`: nobody else changes it meanwhile."""

    kind: Kind
    key_name: str
    id: int | None = None
    system: str = ""
    key: str = ""
    scheme: str | None = None
    qualifier: str | None = None
    with_identities: bool = False
    with_authors: bool = False
    with_parent: Kind | None = None
    with_secrets: bool = False
    to_change: bool = False
    missing: Code = Code.NOT_FOUND


class FindIdentities(msgspec.Struct, kw_only=True):
    """The keys by which outside systems know some records. Answers Identities by the ids of records; one that
    has none, or is not there, is left out."""

    kind: Kind
    ids: Sequence[int]


class Named(msgspec.Struct, kw_only=True):
    """Records by what names them; None: not asked for. `keys` are of any scheme of the system."""

    ids: Sequence[int] | None = None
    system: str = ""
    keys: Sequence[str] | None = None
    group_ids: Sequence[int] | None = None


class Search(msgspec.Struct, kw_only=True):
    """A page of records, by id or in the `order` of a field (KEYS: by key; `updated_at`: by the last change).
    Answers a Page. A record meets `named` by all parts that are given, or by `any_part`. `after`: only those
    of a higher id. Unless they are to be `counted`, `found` of the page is 0."""

    kind: Kind
    page: int
    size: int
    equal: dict[str, Sequence[str]] = {}  # field -> accepted values; "" is that of an empty one
    within: dict[str, tuple[datetime, datetime]] = {}  # field -> the first and the last moment
    refers: dict[str, int] = {}  # field -> the id in it
    containing: str = ""  # somewhere in the name
    created: tuple[datetime | None, datetime | None] = (None, None)
    updated: tuple[datetime | None, datetime | None] = (None, None)
    named: Named | None = None
    any_part: bool = False
    after: int | None = None
    counted: bool = True
    order: str = ""
    descending: bool = False
    with_secrets: bool = False
    with_identities: bool = False
    with_authors: bool = False
    with_parent: Kind | None = None


class Page(msgspec.Struct):
    """Records, and how many there are on all pages."""

    records: Sequence[Record]
    found: int


class Delete(msgspec.Struct, kw_only=True):
    """Delete records, named by `ids`, by `keys` or by one `find`: they stay in the database and are found
    no more, and their keys are free for others. Answers Outcomes, with NOT_FOUND where a row names no
    record; `whole` refuses with the first such problem instead, and deletes nothing."""

    kind: Kind
    key_name: str = "id"
    ids: Sequence[int] | None = None
    keys: Keys | None = None
    find: Find | None = None
    whole: bool = False


class DefineAttributes(msgspec.Struct, kw_only=True):
    """Define attributes, or change the details of those that exist. `by_id`: rows are known by id (0 and
    unknown ids are problems, or new with 0); otherwise by class and name. Answers Outcomes.

    with_ids: known by class and name, and new ones get the ids that they have, if any. An id that another
    definition has is a problem, and so is one of a definition that has another id or another type.
    """

    definitions: Sequence[AttributeDefinition]
    by_id: bool = False
    with_ids: bool = False
    may_exist: bool = True


class FindAttribute(msgspec.Struct, kw_only=True):
    """One definition, by id or by name. Answers an AttributeDefinition."""

    id: int | None = None
    name: str = ""
    attribute_class: str = ""


class DeleteAttribute(FindAttribute, kw_only=True):
    """Delete that definition and every value of it."""


class ListAttributes(msgspec.Struct, kw_only=True):
    """The next definitions behind an id. Answers AttributeDefinitions."""

    after: int
    size: int


class ListValues(msgspec.Struct, kw_only=True):
    """The attribute values of a record, and those that it inherits from its parents. Answers (definition,
    value, inherited) by the order of definition."""

    record: Find


class Leave(msgspec.Struct, kw_only=True):
    """Take one id out of a field of ids: of the records that are named as in Delete, or of all records where
    none is. Answers Outcomes: UPDATED, or FAILED with NOT_FOUND."""

    kind: Kind
    field: str
    value: int
    key_name: str = "id"
    ids: Sequence[int] | None = None
    keys: Keys | None = None


class Chain(msgspec.Struct):
    """A command, and what follows from its result, in the same transaction. Answers what the last one does.
    `then` may be asked again, when another transaction was first."""

    first: Command
    then: Callable[[Any], Command]


class Answer(msgspec.Struct):
    """The end of a chain: what is known already."""

    result: Any


Command = (
    BulkWrite
    | Delete
    | Leave
    | Find
    | FindIdentities
    | Search
    | DefineAttributes
    | FindAttribute
    | DeleteAttribute
    | ListAttributes
    | ListValues
    | FindEntries
    | ListEntries
    | SaveEntry
    | PutEntries
    | DeleteEntry
    | FindUsers
    | FindOrganization
    | AcceptJob
    | CheckQuota
    | FindJob
    | ListJobs
    | QueueJob
    | RunChunk
    | FailJob
    | Chain
    | Answer
)
Result = Any
"""What the docstring of the command says that it answers."""
