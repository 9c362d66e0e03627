"""The keys by which rows are recognised: e-mails in one spelling, and profiles of LinkedIn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import numpy as np

from contactory.columns.column import StringColumn
from contactory.columns.values import find_odd
from contactory.dialects.datananas.profiles import find_keys, linkedin_key
from contactory.dialects.datananas.values import email_key


def email_keys(emails: Sequence[str | None]) -> Sequence[str]:
    """Return the key of each e-mail, "" for None."""
    if not isinstance(emails, StringColumn):
        return [email_key(text) if text else "" for text in emails]
    given = emails.fill_null()
    keys = StringColumn.from_buffer(given.join(b"\0").lower(), given.lengths, gap=1)
    odd = find_odd(keys.source, keys.starts, keys.lengths)
    return _replace(keys, odd.tolist(), emails, email_key)


def linkedin_keys(urls: Sequence[str | None]) -> Sequence[str]:
    """Return the key of each URL, "" for None and for a page that is nobody's."""
    if not isinstance(urls, StringColumn):
        return [linkedin_key(url) if url else "" for url in urls]
    keys = find_keys(urls)
    odd = np.flatnonzero((keys.lengths < 0) & (urls.lengths > 0))
    return _replace(keys.fill_null(), odd.tolist(), urls, linkedin_key)


def _replace(
    keys: StringColumn, rows: list[int], given: StringColumn, read: Callable[[str], str]
) -> Sequence[str]:
    """Read the keys of some rows one by one."""
    if rows:
        keys = keys.replace_rows(rows, StringColumn.from_values([*map(read, filter(None, given.take(rows)))]))
    return cast("Sequence[str]", keys)
