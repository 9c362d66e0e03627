"""The time in which a write reads its rows: it belongs to the stage "decode", although the write goes on."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from contactory.columns.column import RowSelection
from contactory.model.bulk import BulkWrite, RowDigests, RowKeys, Rows, RowSource
from contactory.model.commands import Chain, Command
from contactory.telemetry.metrics import Stages


def time_rows(command: Command, stages: Stages) -> Command:
    """Return the same command, with the reading of unread rows in the stage "decode"."""
    if isinstance(command, Chain):
        then = command.then
        return Chain(time_rows(command.first, stages), lambda result: time_rows(then(result), stages))
    if isinstance(command, BulkWrite) and not isinstance(command.rows, Rows):
        return replace(command, rows=_TimedRows(command.rows, stages))
    return command


class _TimedRows:
    """Rows that are read in the stage "decode"."""

    def __init__(self, source: RowSource, stages: Stages) -> None:
        self.has_attributes = source.has_attributes
        self.renews_digests = source.renews_digests
        self._source = source
        self._stages = stages

    def scan_keys(self) -> Iterator[tuple[RowKeys, RowDigests | None]]:
        slices = iter(self._source.scan_keys())
        while True:
            with self._stages.enter("decode"):
                found = next(slices, None)
            if found is None:
                return
            keys, digests = found
            yield keys, digests and self._timed(digests)

    def _timed(self, digests: RowDigests) -> RowDigests:
        def timed(rows: RowSelection) -> bytes:
            with self._stages.enter("decode"):
                return digests(rows)

        return timed

    def digests(self, rows: RowSelection) -> bytes:
        with self._stages.enter("decode"):
            return self._source.digests(rows)

    def read(self, rows: RowSelection, keys: RowKeys) -> Rows:
        with self._stages.enter("decode"):
            return self._source.read(rows, keys)
