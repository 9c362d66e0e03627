"""The list that a request names for its contacts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from contactory.dialects.datananas.ids import decode_id, is_id
from contactory.dialects.datananas.lists import WRITE, check_name, find_list
from contactory.dialects.datananas.problems import wrong
from contactory.model.caller import Caller
from contactory.model.commands import Chain, Command
from contactory.model.directory import LIST, Directory, Entry, FindEntries, SaveEntry
from contactory.model.problems import Code, Problem, Refusal


def resolve_list(target: Any, caller: Caller, then: Callable[[int], Command]) -> Command:
    """Return a command that finds a list by id, or by name and creates it if needed, and goes on
    with then(its id). 0 or nothing is no list. Raises Refusal (INVALID, NOT_FOUND, FORBIDDEN)."""
    id_, name = _read_target(target)

    def use(entry: Entry) -> Command:
        return then(entry.number)

    if id_:
        return Chain(find_list(id_), use)
    if name is None:
        return then(0)
    checked = check_name(name, "list")

    def find_or_make(directory: Directory) -> Command:
        entry = directory.named(LIST, checked)
        if entry is not None:
            return use(entry)
        if not caller.may(WRITE):
            raise Refusal(Problem(code=Code.FORBIDDEN, value=WRITE))
        details = {"owner": caller.user_id or 0}
        made = SaveEntry(kind=LIST, name=checked, details=details, may_exist=True)
        return Chain(made, lambda entry: then(entry.number))

    return Chain(FindEntries(names=[(LIST, checked)]), find_or_make)


def is_list(target: Any, number: int) -> bool:
    """Tell whether a value names the list `number` by its id."""
    return bool(number) and decode_id(_read_target(target)[0]) == number


def _read_target(target: Any) -> tuple[str, Any]:
    """Read the id and the name of a list; a name is ignored beside an id. "", 0, null and PHP's [] are
    none."""
    if isinstance(target, str):
        return (target, None) if is_id(target) else ("", target.strip() or None)
    if not target and not isinstance(target, bool):
        return "", None
    if not isinstance(target, Mapping):
        raise wrong("list", "is neither an object nor a text")
    id_ = target.get("_id") or target.get("id")
    if id_ and id_ != "0":
        return str(id_), None
    if not {"_id", "id", "name"} & target.keys():
        raise wrong("list", "has neither an _id nor a name")
    name = target.get("name")
    return "", None if name is None or name == "" else name
