"""Commands of the core besides BulkWrite, and their results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from contactory.model.attributes import AttributeDefinition
from contactory.model.bulk import BulkWrite
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
from contactory.model.keys import Keys
from contactory.model.problems import Code

KEYS: Final = "keys"  # order of records by key


class Identity(msgspec.Struct, frozen=True):
    """Key by which an outside system identifies a record."""

    system: str
    scheme: str
    qualifier: str
    key: str


class Record(msgspec.Struct, kw_only=True):
    """Stored record.

    Values are as in FieldType, except that dates are `datetime.date` or None, JSON is decoded, and attributes
    are keyed by attribute id. `identities`, `parent`, the names of authors and secret texts are set only if
    requested; a secret text that cannot be read is None.
    """

    id: int
    created_at: datetime
    updated_at: datetime
    created_by: Author
    updated_by: Author
    values: dict[str, Any]
    identities: Sequence[Identity] = ()
    parent: Record | None = None


class Find(msgspec.Struct, kw_only=True):
    """Find one record, by id or by key; `scheme` and `qualifier` narrow the search for a key. `to_change`
    locks the record. The result is a Record.

    Raises Refusal (SEVERAL_FOUND, or `missing` where there is none).
    """

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
    """Conditions on the ids, keys and groups of records; None is no condition. `keys` are in any scheme of
    the system."""

    ids: Sequence[int] | None = None
    system: str = ""
    keys: Sequence[str] | None = None
    group_ids: Sequence[int] | None = None


class Search(msgspec.Struct, kw_only=True):
    """Search for records; the result is a Page.

    order: a field, KEYS (by key) or updated_at (by the last change); "" is by id.
    any_part: a record need meet only one of the conditions of `named`.
    after: only records with a higher id are found.
    counted: False leaves `found` of the page at 0.
    """

    kind: Kind
    page: int
    size: int
    equal: dict[str, Sequence[str]] = {}  # field -> accepted values; "" accepts an empty one
    within: dict[str, tuple[datetime, datetime]] = {}  # field -> the first and the last time
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
    """Records of a page, and the number of records on all pages."""

    records: Sequence[Record]
    found: int


class Delete(msgspec.Struct, kw_only=True):
    """Delete records, by `ids`, by `keys` or by one `find`. They stay in the database, are no longer found,
    and other records may get their keys. The result is Outcomes, with NOT_FOUND where a row has no record.

    Raises Refusal with the first such problem where `whole`, and deletes nothing.
    """

    kind: Kind
    key_name: str = "id"
    ids: Sequence[int] | None = None
    keys: Keys | None = None
    find: Find | None = None
    whole: bool = False


class DefineAttributes(msgspec.Struct, kw_only=True):
    """Define attributes, or change the details of stored definitions. The result is Outcomes.

    by_id: rows are found by id: 0 is a new definition, and an id that is not stored is a problem; otherwise
    by class and name.
    with_ids: rows are found by class and name, and new definitions get the ids that are given, if any. A
    problem is an id that another definition has, or one for a definition that has another id or type.
    """

    definitions: Sequence[AttributeDefinition]
    by_id: bool = False
    with_ids: bool = False
    may_exist: bool = True


class FindAttribute(msgspec.Struct, kw_only=True):
    """Find one definition, by id or by name. The result is an AttributeDefinition."""

    id: int | None = None
    name: str = ""
    attribute_class: str = ""


class DeleteAttribute(FindAttribute, kw_only=True):
    """Delete a definition and all its values."""


class ListAttributes(msgspec.Struct, kw_only=True):
    """The next definitions behind an id. Answers AttributeDefinitions."""

    after: int
    size: int


class ListValues(msgspec.Struct, kw_only=True):
    """List the attribute values of a record, and those that it inherits from its parents. The result is a
    list of (definition, value, inherited), ordered by definition id."""

    record: Find


class RemoveFromSet(msgspec.Struct, kw_only=True):
    """Remove one id from a field of ids: of records given as in Delete, or of all records where none are
    given. The result is Outcomes: UPDATED, or FAILED with NOT_FOUND."""

    kind: Kind
    field: str
    value: int
    key_name: str = "id"
    ids: Sequence[int] | None = None
    keys: Keys | None = None


class Chain(msgspec.Struct):
    """Command, and a function that makes the next command from its result, in the same transaction. The
    result is that of the last command. `then` is called again when the transaction is retried."""

    first: Command
    then: Callable[[Any], Command]


class Return(msgspec.Struct):
    """End of a chain: a command whose result is known already."""

    result: Any


Command = (
    BulkWrite
    | Delete
    | RemoveFromSet
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
    | Return
)
Result = Any
"""Result of a command, as told by its docstring."""
