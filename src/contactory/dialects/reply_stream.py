"""Base of the readers of account files: a stream of replies, one after another or in an array."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

from contactory.dialects.accounts import Item
from contactory.dialects.documents import DocumentError, Documents, Stream


class ReplyStream(ABC):
    """The objects of a stream, in their order. `totals`: the number of objects of a resource in the account,
    by the replies that were read so far."""

    def __init__(self, stream: Stream) -> None:
        self._documents = Documents(stream)
        self._answer = 0
        self.totals: dict[str, int] = {}

    def __iter__(self) -> Iterator[Item]:
        """Yield the objects. Raises DocumentError for anything but replies of the account's resources."""
        documents = self._documents
        while following := documents.peek():
            if following != "[":
                yield from self._read()
                continue
            for _ in documents.items():
                yield from self._read()

    def _read(self) -> Iterator[Item]:
        self._answer += 1
        if self._documents.peek() != "{":
            raise self._wrong("is no object")
        yield from self._read_reply()

    @abstractmethod
    def _read_reply(self) -> Iterator[Item]:
        """Yield the objects of the reply that follows, which is an object."""

    def _note_total(self, resource: str, total: Any) -> None:
        if isinstance(total, int):
            self.totals[resource] = max(total, self.totals.get(resource, 0))

    def _wrong(self, reason: str) -> DocumentError:
        return DocumentError(self._documents.line, f"answer {self._answer} {reason}")
