"""Failures of a validation as a tree, and its messages in the form of everit-org/json-schema."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

MAX_VIOLATIONS: Final = 100  # messages about one document


class Failure:
    """A leaf with the text of one violation, or a group of several. `path` are the keys from its parent in
    the tree down to the value."""

    __slots__ = ("causes", "path", "text")

    def __init__(self, text: str, causes: Sequence[Failure] = ()) -> None:
        self.text = text
        self.causes = causes
        self.path: tuple[str, ...] = ()

    def under(self, key: str) -> Failure:
        """Put a key before the path, and return the failure itself."""
        self.path = (key, *self.path)
        return self


def combine(failures: Sequence[Failure]) -> Failure | None:
    """Return None, the only failure, or a group of all."""
    if not failures:
        return None
    return failures[0] if len(failures) == 1 else Failure("", failures)


def messages(failure: Failure) -> list[str]:
    """Return the texts of the first leaves with their pointers. At each level leaves come before groups."""
    found: list[str] = []
    _collect([failure], ("#",), found)
    return found[:MAX_VIOLATIONS]


def _collect(failures: Sequence[Failure], above: Iterable[str], found: list[str]) -> None:
    parent = "/".join(above)
    for failure in failures:
        if len(found) >= MAX_VIOLATIONS:
            return
        if not failure.causes:
            found.append(f"{'/'.join((parent, *map(_escape, failure.path)))}: {failure.text}")
    for failure in failures:
        if failure.causes:
            # Everit escapes a key once more at each level of causes to which it prepends it.
            pointer = (*above, *map(_escape, failure.path))
            _collect(failure.causes, [_escape(key) for key in pointer], found)


class Collector:
    """The failures of an array's items or an object's keys, as far as they can be among the first
    MAX_VIOLATIONS. Leaves come before groups, and a group has two texts at least."""

    def __init__(self, failures: list[Failure]) -> None:
        self._failures = failures
        self._leaves = self._groups = 0

    def add(self, failure: Failure) -> bool:
        """Add a failure, and tell whether a further one can still be among the first."""
        if failure.causes:
            self._groups += 1
            if self._groups > MAX_VIOLATIONS:
                return True
        else:
            self._leaves += 1
        self._failures.append(failure)
        return self._leaves < MAX_VIOLATIONS


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1").replace("\\", "\\\\").replace('"', '\\"')
