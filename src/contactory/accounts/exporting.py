"""The export of an organization to a file: the replies of the vendor's GET calls, one per line."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from contactory.accounts.spool import STANDARD
from contactory.dialects.accounts import Account
from contactory.dialects.base import Call
from contactory.model.problems import Refusal


def export(
    account: Account, organization_id: int, run: Callable[[Call], tuple[Any, bytes]], out: BinaryIO
) -> None:
    """Write all replies. `run` executes a call, and returns the result and the body of the reply."""
    calls = account.show(organization_id)
    call = next(calls, None)
    while call is not None:
        try:
            result, body = run(call)
        except Refusal as refusal:
            call = calls.throw(refusal)
            continue
        out.write(body + b"\n")
        with suppress(StopIteration):
            call = calls.send(result)
            continue
        call = None


@contextmanager
def open_target(name: str) -> Iterator[BinaryIO]:
    """Open a file, which gets its name once it is complete, or the standard output."""
    if name == STANDARD:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    target = Path(name)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as file:
            yield file
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
