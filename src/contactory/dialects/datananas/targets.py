"""The list that a call names, for one contact or for many."""

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


def with_list(given: Any, caller: Caller, then: Callable[[int], Command]) -> Command:
    """A list by id, or by name: made when there is none of that name. 0, as nothing given: no list."""
    id_, name = _named(given)

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


def is_list(given: Any, number: int) -> bool:
    """Tell whether a value gives a list by its id, and that id is `number`."""
    return bool(number) and decode_id(_named(given)[0]) == number


def _named(given: Any) -> tuple[str, Any]:
    """The id, which wins, and the name. "", 0, null and PHP's [] stand for none."""
    if isinstance(given, str):
        return (given, None) if is_id(given) else ("", given.strip() or None)
    if not given and not isinstance(given, bool):
        return "", None
    if not isinstance(given, Mapping):
        raise wrong("list", "is neither an object nor a text")
    id_ = given.get("_id") or given.get("id")
    if id_ and id_ != "0":
        return str(id_), None
    if not {"_id", "id", "name"} & given.keys():
        raise wrong("list", "has neither an _id nor a name")
    name = given.get("name")
    return "", None if name is None or name == "" else name
