"""The keys of rows in the form of v2: `"sources": [{"name": .., "id": ..}]` instead of source and sourceId
(guide "Import companies, contacts and customers"). Such a body is rewritten to the latter."""

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


def flatten_sources(bulk: Bulk, body: bytes, max_rows: int) -> bytes:
    """Return the same body with source and sourceId. Raises Refusal (INVALID) when `sources` is not one pair
    of name and id."""
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
    for index, row in enumerate(rows if isinstance(rows, list) else ()):
        if isinstance(row, dict) and "sources" in row:
            wrong += _rewrite(row, f"#/{rows_key}/{index}")
    if wrong:
        raise Refusal(Problem(code=Code.INVALID, texts=tuple(wrong[:MAX_VIOLATIONS])))
    if not is_readable:
        refuse_document(bulk.schema, document)
    return msgspec.json.encode(document)


def _rewrite(row: dict[str, Any], pointer: str) -> list[str]:
    """Replace the sources of a row. Return the errors; a row with errors stays as it is."""
    sources = row["sources"]
    if not isinstance(sources, list) or len(sources) != 1:
        found = len(sources) if isinstance(sources, list) else 0
        return [f"{pointer}/sources: expected exactly one source, found: {found}"]
    (source,) = sources
    if not isinstance(source, dict) or source.keys() != {"name", "id"}:
        return [f"{pointer}/sources/0: expected the keys [name] and [id]"]
    if "source" in row or "sourceId" in row:
        return [f"{pointer}: [sources] stands in the place of [source] and [sourceId]"]
    row |= {"source": source["name"], "sourceId": source["id"]}
    del row["sources"]
    return []
