"""Reading of records: by id, by key, by search."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final

from psycopg.sql import SQL, Composable, Composed, Identifier

from contactory.model.caller import Author
from contactory.model.characters import trim_key
from contactory.model.commands import KEYS, Find, Identity, Named, Record, Search
from contactory.model.fields import FieldType, Kind
from contactory.model.limits import LARGEST_PAGE
from contactory.store import loading
from contactory.store.columns import size_of, stored_value
from contactory.store.database import Transaction
from contactory.store.pages import check_page
from contactory.store.queries import QUERIES, compose

_READ: Final[dict[FieldType, Callable[..., Any]]] = {
    FieldType.JSON: loading.mapping,
    FieldType.MAP: loading.mapping,
    FieldType.LIST: loading.listing,
    FieldType.PATHS: loading.listing,
    FieldType.TIMESTAMP: loading.whole,
    FieldType.DATE: loading.whole,
}


def read_records(
    transaction: Transaction, kind: Kind, ids: Collection[int], *, to_change: bool = False
) -> list[Record]:
    """Read the records that are stored. `to_change` locks them until the transaction ends.

    Raises Refusal (PAGE_TOO_LARGE) where several records exceed a page.
    """
    if len(ids) > 1:
        query = compose("read_several", kind, fields=_fields(kind), bytes=size_of(kind))
        return _records(kind, transaction.rows(query, ids=list(ids), most=LARGEST_PAGE))
    lock = SQL("FOR NO KEY UPDATE" if to_change else "")
    rows = transaction.rows(compose("read_records", kind, fields=_fields(kind), lock=lock), ids=list(ids))
    return [_record(kind, row) for row in rows]


def find_key_owners(transaction: Transaction, find: Find) -> list[int]:
    """Return the ids of the records that have a key; at most one where its scheme and qualifier are given."""
    rows = transaction.rows(
        "find_key_owners",
        kind=find.kind.name,
        system=find.system,
        key=trim_key(find.key),
        scheme=find.scheme,
        qualifier=find.qualifier,
    )
    return [row[0] for row in rows]


def read_identities(transaction: Transaction, kind: Kind, ids: Collection[int]) -> dict[int, list[Identity]]:
    """Read the identities of records, by record id."""
    found: dict[int, list[Identity]] = {}
    query = compose("read_identities", kind)
    for record_id, *identity in transaction.rows(query, kind=kind.name, ids=list(ids)):
        found.setdefault(record_id, []).append(Identity(*identity))
    return found


def search_records(transaction: Transaction, search: Search) -> tuple[list[Record], int]:
    """Return the records of the page, and the number of records on all pages if they are to be counted."""
    kind, conditions, values = search.kind, *_conditions(search)
    count = (0,)
    if search.counted:
        count = transaction.row(compose("count_records", kind, conditions=conditions), **values)
    query = compose(
        "search_records",
        kind,
        fields=_fields(kind),
        bytes=size_of(kind),
        conditions=conditions,
        order=_order(search),
    )
    skip = (search.page - 1) * search.size
    rows = transaction.rows(query, size=search.size, skip=skip, most=LARGEST_PAGE, **values)
    return _records(kind, rows), count[0]


def _fields(kind: Kind) -> Composed:
    return SQL(", ").join(
        SQL("{} AS {}").format(stored_value(kind, field), Identifier(field)) for field in kind.fields
    )


def _records(kind: Kind, rows: Sequence[Any]) -> list[Record]:
    check_page(rows)
    return [_record(kind, row[:-2]) for row in rows]


def _record(kind: Kind, row: Sequence[Any]) -> Record:
    id_, created_at, updated_at, created_by, updated_by, *values = row
    named = dict(zip(kind.fields, values, strict=True))
    for field, type_ in kind.fields.items():
        if type_ in _READ:
            named[field] = _READ[type_](named[field], kind.name, id_, field)
    return Record(
        id=id_,
        created_at=loading.whole(created_at, kind.name, id_, "created_at"),
        updated_at=loading.whole(updated_at, kind.name, id_, "updated_at"),
        created_by=Author(created_by),
        updated_by=Author(updated_by),
        values=named,
    )


def _conditions(search: Search) -> tuple[Composed, dict[str, Any]]:
    values: dict[str, Any] = {}
    parts = []
    for field, accepted in search.equal.items():
        values[f"equal_{field}"] = list(accepted)
        text = "AND ({0} = ANY(%({1})s) OR {0} IS NULL)" if "" in accepted else "AND {0} = ANY(%({1})s)"
        parts.append(SQL(text).format(Identifier(field), SQL(f"equal_{field}")))
    for field, id_ in search.refers.items():
        values[f"refers_{field}"] = id_
        parts.append(SQL("AND {} = %({})s").format(Identifier(field), SQL(f"refers_{field}")))
    ranges = {"created_at": search.created, "updated_at": search.updated, **search.within}
    for field, bounds in ranges.items():
        for operator, bound in zip((">=", "<="), bounds, strict=True):
            if bound is not None:
                name = f"{field}_{len(values)}"
                values[name] = bound
                parts.append(SQL("AND {} {} %({})s").format(Identifier(field), SQL(operator), SQL(name)))
    if search.named is not None:
        named = _named(search.kind, search.named, values)
        joined = SQL(" OR " if search.any_part else " AND ").join(named)
        parts += [SQL("AND ({})").format(joined)] if named else []
    if search.after is not None:
        values["after"] = search.after
        parts.append(SQL("AND id > %(after)s").format())
    if search.containing:
        escaped = search.containing.translate({ord(c): f"\\{c}" for c in "\\%_"})
        values["containing"] = f"%{escaped}%"
        parts.append(SQL("AND {} ILIKE %(containing)s").format(_full_name(search.kind)))
    return SQL(" ").join(parts), values


def _named(kind: Kind, named: Named, values: dict[str, Any]) -> list[Composed]:
    parts = []
    if named.ids is not None:
        values["named_ids"] = list(named.ids)
        parts.append(SQL("id = ANY(%(named_ids)s::bigint[])").format())
    if named.keys is not None:
        keys = [trim_key(key) for key in named.keys]
        values |= {"kind": kind.name, "named_keys": keys, "named_system": named.system}
        parts.append(SQL("id IN ({})").format(SQL(QUERIES["find_owners"])))
    if named.group_ids is not None:
        values["named_groups"] = list(named.group_ids)
        parts.append(SQL("(group_ids <> '{{}}' AND group_ids && %(named_groups)s::bigint[])").format())
    return parts


def _order(search: Search) -> Composed:
    if not search.order:
        return SQL("id").format()
    direction = SQL(" DESC" if search.descending else "")
    by: Composable = Identifier(search.order)
    if search.order == KEYS:
        by = SQL("array_remove(first_key || identity_keys, '')")
    return SQL("{}{}, id").format(by, direction)


def _full_name(kind: Kind) -> Composed:
    if "first_name" not in kind.fields:
        return SQL("{}").format(Identifier("name"))
    names = ("first_name", "middle_name", "last_name")
    return SQL("concat_ws(' ', {})").format(
        SQL(", ").join(SQL("nullif({}, '')").format(Identifier(name)) for name in names)
    )
