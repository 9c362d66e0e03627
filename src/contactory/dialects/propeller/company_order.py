"""Companies of a file in an order in which each can be made: after the one that it belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from contactory.dialects.accounts import Item
from contactory.model.limits import MOST_HELD_BACK


def parents_first(companies: str, items: Iterable[Item]) -> Iterator[Item]:
    """Yield all items, those of the resource `companies` not before their parent where the file has it. The
    others stay in their order."""
    order = _Order()
    for item in items:
        if item.resource == companies:
            yield from order.take(item)
        else:
            yield item
    yield from order.rest()


class _Order:
    """Companies that wait for a parent, by its id. When there are too many to be kept, they wait no longer:
    where a parent still comes, they are refused when they are written."""

    def __init__(self) -> None:
        self._given: set[int] = set()
        self._waiting: dict[int, list[Item]] = {}
        self._count = 0

    def take(self, item: Item) -> Iterator[Item]:
        """Yield the item and those that waited for it, or keep it."""
        parent = find_id(item.document.get("parent"))
        if parent is None or parent in self._given:
            yield from self._release([item])
            return
        self._waiting.setdefault(parent, []).append(item)
        self._count += 1
        if self._count > MOST_HELD_BACK:
            yield from self.rest()

    def rest(self) -> Iterator[Item]:
        """Yield all that wait: first those whose parent does not wait, and those below them."""
        waiting = {find_id(item.document) for items in self._waiting.values() for item in items}
        for parent in [parent for parent in self._waiting if parent not in waiting]:
            yield from self._release(self._waiting.pop(parent))
        for parent in list(self._waiting):  # A circle has no first.
            yield from self._release(self._waiting.pop(parent, []))
        self._count = 0

    def _release(self, items: list[Item]) -> Iterator[Item]:
        ready = items[::-1]
        while ready:
            item = ready.pop()
            yield item
            if (number := find_id(item.document)) is not None:
                self._given.add(number)
                freed = self._waiting.pop(number, [])
                self._count -= len(freed)
                ready += reversed(freed)


def find_id(document: Any) -> int | None:
    """Return the id in an object, if there is one."""
    given = document.get("id") if isinstance(document, dict) else None
    return given if type(given) is int else None
