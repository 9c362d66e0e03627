"""Resources that are kept in the directory: what is kept of each, and what it is called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from contactory.dialects.everbridge.definitions import (
    NO_PARENT,
    read_attribute,
    read_group,
    read_record_type,
    show_attribute,
    show_group,
    show_record_type,
)
from contactory.dialects.everbridge.methods import complete, read_method, show_method
from contactory.dialects.everbridge.names import ATTRIBUTE, GROUP, RECORD_TYPE
from contactory.dialects.everbridge.problems import bad
from contactory.model.commands import Chain, Command
from contactory.model.directory import PATH, Directory, Entry, FindEntries, SaveEntry
from contactory.model.limits import LONGEST_KEY


class Resource(NamedTuple):
    """`read` makes details of a body, without a name; `complete` judges them by what there is. `start`: of
    the pages in the vendor's examples. `named`: what clients call the name."""

    kind: str
    path: str
    label: str
    show: Callable[[Entry, int], dict[str, Any]]
    read: Callable[[dict[str, Any]], dict[str, Any]]
    complete: Callable[[SaveEntry], Command] = lambda save: save
    start: int = 1
    most: int = LONGEST_KEY  # characters of a name
    named: str = "name"


def _check_parent(save: SaveEntry) -> Command:
    """A group's parent must be there."""
    parent = save.details.get("parentId", NO_PARENT)
    if parent == NO_PARENT:
        return save

    def check(directory: Directory) -> Command:
        if parent == save.number or directory.numbered(GROUP, parent) is None:
            raise bad(f"parentId [{parent}] is not another group of the organization.")
        return save

    return Chain(FindEntries(numbers=[(GROUP, parent)]), check)


GROUPS = Resource(GROUP, "groups", "group", show_group, read_group, _check_parent, start=0)
PATHS = Resource(PATH, "contactPaths", "contact path", show_method, read_method, complete, named="prompt")
RESOURCES = (
    GROUPS,
    Resource(RECORD_TYPE, "recordTypes", "record type", show_record_type, read_record_type),
    Resource(ATTRIBUTE, "contactAttributes", "contact attribute", show_attribute, read_attribute, most=40),
    PATHS,
)
