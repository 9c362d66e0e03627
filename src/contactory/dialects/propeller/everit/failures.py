"""What a validation found wrong, as a tree, and its flattening to the messages of everit-org/json-schema."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

MAX_VIOLATIONS: Final = 100  # that are told of a document


class Failure:
    """One thing that is wrong, or a knot of several. `path` leads down to it from its parent in the tree."""

    __slots__ = ("causes", "path", "text")

    def __init__(self, text: str, causes: Sequence[Failure] = ()) -> None:
        self.text = text
        self.causes = causes
        self.path: tuple[str, ...] = ()

    def under(self, key: str) -> Failure:
        """The same failure, seen from one level further up: the value it is about stands under this key."""
        self.path = (key, *self.path)
        return self


def knot(failures: Sequence[Failure]) -> Failure | None:
    """What one schema reports of a value: nothing, the only failure, or a knot of all."""
    if not failures:
        return None
    return failures[0] if len(failures) == 1 else Failure("", failures)


def messages(failure: Failure) -> list[str]:
    """The first texts of the leaves with their pointers; at each level the leaves come first, then the
    knots."""
    found: list[str] = []
    _collect([failure], ("#",), found)
    return found[:MAX_VIOLATIONS]


def _collect(failures: Sequence[Failure], above: Iterable[str], found: list[str]) -> None:
    place = "/".join(above)
    for failure in failures:
        if len(found) >= MAX_VIOLATIONS:
            return
        if not failure.causes:
            found.append(f"{'/'.join((place, *map(_escape, failure.path)))}: {failure.text}")
    for failure in failures:
        if failure.causes:
            # Everit escapes the keys anew at every level of causes that it prepends them to.
            pointer = (*above, *map(_escape, failure.path))
            _collect(failure.causes, [_escape(key) for key in pointer], found)


class Keeper:
    """The failures of an array's items or an object's keys that can be among the first ones told. Leaves are
    told before knots, and a knot has two texts at least."""

    def __init__(self, failures: list[Failure]) -> None:
        self._failures = failures
        self._leaves = self._knots = 0

    def keep(self, failure: Failure) -> bool:
        """Keep a failure, and tell whether another one can still matter."""
        if failure.causes:
            self._knots += 1
            if self._knots > MAX_VIOLATIONS:
                return True
        else:
            self._leaves += 1
        self._failures.append(failure)
        return self._leaves < MAX_VIOLATIONS


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1").replace("\\", "\\\\").replace('"', '\\"')
