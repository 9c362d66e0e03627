"""The v2 way of saying where a row comes from: `"sources": [{"name": .., "id": ..}]` in the place of source
and sourceId (guide "Import companies, contacts and customers"). Such a body is put into the other form."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from contactory.dialects.base import UNREADABLE
from contactory.dialects.propeller.documents import read_document
from contactory.dialects.propeller.everit import MAX_VIOLATIONS
from contactory.dialects.propeller.resources import Bulk
from contactory.dialects.propeller.violations import check_size, refuse_document
from contactory.model.problems import Code, Problem, Refusal

_MARK: Final = b'"sources"'


def with_plain_sources(bulk: Bulk, body: bytes, max_rows: int) -> bytes:
    """The same body with source and sourceId. Raises Refusal where `sources` is not one of each."""
    if _MARK not in body:
        return body
    rows_key, is_readable = bulk.rows_key, True
    check_size(body, rows_key=rows_key, most=max_rows)
    try:
        document = msgspec.json.decode(body)
    except UNREADABLE:
        document, is_readable = read_document(body), False
    rows = document.get(rows_key) if isinstance(document, dict) else None
    wrong: list[str] = []
    for place, row in enumerate(rows if isinstance(rows, list) else ()):
        if isinstance(row, dict) and "sources" in row:
            wrong += _rewrite(row, f"#/{rows_key}/{place}")
    if wrong:
        raise Refusal(Problem(code=Code.INVALID, texts=tuple(wrong[:MAX_VIOLATIONS])))
    if not is_readable:
        refuse_document(bulk.schema, document)
    return msgspec.json.encode(document)


def _rewrite(row: dict[str, Any], place: str) -> list[str]:
    """What is wrong with the row's sources; where nothing is, they are taken apart."""
    sources = row["sources"]
    if not isinstance(sources, list) or len(sources) != 1:
        found = len(sources) if isinstance(sources, list) else 0
        return [f"{place}/sources: expected exactly one source, found: {found}"]
    (source,) = sources
    if not isinstance(source, dict) or source.keys() != {"name", "id"}:
        return [f"{place}/sources/0: expected the keys [name] and [id]"]
    if "source" in row or "sourceId" in row:
        return [f"{place}: [sources] stands in the place of [source] and [sourceId]"]
    row |= {"source": source["name"], "sourceId": source["id"]}
    del row["sources"]
    return []
