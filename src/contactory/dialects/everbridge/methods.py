"""The delivery methods of an organization, which the API calls contact paths (spec, section 4). The vendor's
API only shows them; calls that write them are this service's own.

The number of a method is its pathId, to which contacts refer; its name is the prompt.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from msgspec.structs import replace

from contactory.dialects.everbridge.definitions import common, scalar
from contactory.dialects.everbridge.disabled import is_disabled
from contactory.dialects.everbridge.paths import EMAILS
from contactory.dialects.everbridge.problems import bad
from contactory.dialects.everbridge.values import flag, given, number, text, wrong
from contactory.model.commands import Chain, Command, Return
from contactory.model.directory import PATH, DeleteEntry, Directory, Entry, FindEntries, SaveEntry
from contactory.model.limits import MOST_METHODS

# pathType -> type, of which the vendor's document has fewer values.
TYPES: Final = {
    "EMAIL": "EMAIL",
    "PLAINTEXTEMAIL": "EMAIL",
    "PHONE": "PHONE",
    "EXTPHONE": "PHONE",
    "SMS": "SMS",
    "ONEWAYSMS": "SMS",
    "FAX": "FAX",
    "TTYTDD": "TTYTDD",
    "NUMERICPAGER": "PAGER",
    "TAPPAGER": "PAGER",
    "RECIP": "RECIP",
    "SECUREPUSH": "SECUREPUSH",
    "ONEBRIDGE": "ONEBRIDGE",
}

CHOICES: Final = {
    "status": ("A", "D"),
    "confirmType": ("REPLY_TO", "PHONE", "HTTP"),
    "formatFlag": ("P", "N", "E"),
    "messageCode": ("P", "T", "E", "F"),
    "pathDeliveryType": ("T",),
    "extFlag": ("Y", "N"),
    "extPrompt": ("Pin", "Ext", "Provider", "System"),
}
_TEXTS: Final = ("code", "sysPrompt", "extValue")
FLAGS: Final = ("extRequired", "default", "isDefault", "displayFlag", "editable", "expose", "mandatory")
_LARGEST_SEQ: Final = 2**31 - 1


def read_method(body: dict[str, Any]) -> dict[str, Any]:
    """Read the details that a body has; the others stay as they are, or are filled in by `complete`. Raises
    ItemError."""
    details: dict[str, Any] = {}
    for name, choices in CHOICES.items():
        if given(body.get(name)):
            details[name] = _choice(body[name], name, choices)
    for name in _TEXTS:
        if given(body.get(name)):
            details[name] = text(scalar(body[name], name), name)
    details |= {name: flag(scalar(body[name], name), name) for name in FLAGS if given(body.get(name))}
    if given(body.get("seq")):
        details["seq"] = number(scalar(body["seq"], "seq"), "seq", 1, _LARGEST_SEQ)
    # A client may use only the shorter list of types.
    name = "pathType" if given(body.get("pathType")) else "type"
    if given(body.get(name)):
        details["pathType"] = _choice(body[name], name, TYPES)
    return details


def complete(save: SaveEntry) -> Command:
    """Return a command that checks a method against the stored ones, fills in its details, and saves it.
    Raises Refusal (BAD_VALUE)."""

    def check(directory: Directory) -> Command:
        stored = None if save.number is None else directory.numbered(PATH, save.number)
        details = dict(save.details)
        place = details.pop("seq", None)
        if stored is not None:
            place = None if place == stored.details.get("seq") else place
            return replace(save, name=save.name or stored.name, details=_diff(details, stored), place=place)
        if save.number is not None:
            return save  # No such method: SaveEntry will refuse it.
        details = _fill_in(save.name, details, list(directory))
        return replace(save, details=details, place=place or _LARGEST_SEQ)

    return Chain(FindEntries(kinds=(PATH,)), check)


def without_unknown(document: dict[str, Any]) -> dict[str, Any]:
    """Return a method of an imported account without values that are not in the vendor's document and have no
    effect here, so that they do not prevent the import."""
    return {
        name: value
        for name, value in document.items()
        if name == "status" or name not in CHOICES or value in CHOICES[name]
    }


def complete_moved(name: str, details: dict[str, Any], type_: Any) -> dict[str, Any]:
    """Complete the details of an imported method. `type_` is its `type`, for which the vendor has values that
    follow from no pathType. Raises ItemError."""
    if "pathType" not in details:
        wrong("pathType", "is required")
    kept = {"type": text(scalar(type_, "type"), "type")} if given(type_) else {}
    return {"sysPrompt": name, "type": TYPES[details["pathType"]]} | details | kept


def remove(number: int) -> Command:
    """Delete a method, which must be disabled, so that no contact can get it while contacts are searched for
    it. Raises Refusal (BAD_VALUE, IN_USE)."""

    def delete(directory: Directory) -> Command:
        for entry in directory:
            check(entry)
        return Chain(DeleteEntry(kind=PATH, number=number), check)

    def check(entry: Entry) -> Command:
        if not is_disabled(entry):
            raise bad(f"Contact path {number} cannot be deleted: it must be disabled before.")
        return Return(entry)

    return Chain(FindEntries(numbers=[(PATH, number)]), delete)


def show_method(entry: Entry, organization_id: int) -> dict[str, Any]:
    """Encode a method in the vendor's form; `id` and `pathId` are the same number here."""
    type_ = str(entry.details.get("pathType", ""))
    email, app = type_ in EMAILS, type_ == "RECIP"
    shown = {
        "pathId": entry.number,
        "prompt": entry.name,
        "type": TYPES.get(type_, type_),
        "confirmType": "HTTP" if email else "REPLY_TO" if app else "PHONE",
        "formatFlag": "E" if email else "P",
        "messageCode": "E" if email or app else "P",
        "pathDeliveryType": "T",
        "pathFlag": 0,
        "extRequired": type_ == "EXTPHONE",
        "default": True,
        "isDefault": False,
        "displayFlag": True,
        "editable": True,
        "expose": True,
        "mandatory": False,
    }
    return common(entry, organization_id) | shown | entry.details


def _diff(details: dict[str, Any], stored: Entry) -> dict[str, Any]:
    """Return the details that differ from those shown. The type cannot be changed, since the values of
    contacts were checked by its rules. Raises Refusal (BAD_VALUE)."""
    type_ = stored.details.get("pathType")
    if details.get("pathType", type_) not in (type_, TYPES.get(str(type_))):
        raise bad(f"pathType of a contact path cannot be changed: it is {type_}.")
    details.pop("pathType", None)
    shown = show_method(stored, 0)
    return {name: value for name, value in details.items() if shown.get(name) != value}


def _fill_in(name: str, details: dict[str, Any], others: list[Entry]) -> dict[str, Any]:
    """Return the details of a new method, with a code that is unique among the `others`."""
    if len(others) >= MOST_METHODS:
        raise bad(f"The organization has {len(others)} contact paths, and may have no more.")
    if "pathType" not in details:
        raise bad("pathType is required.")
    type_ = details["pathType"]
    codes = {entry.details.get("code") for entry in others}
    code = next(code for index in range(1, len(codes) + 2) if (code := f"{type_}{index}") not in codes)
    return {"code": code, "sysPrompt": name} | details


def _choice(value: Any, name: str, choices: Iterable[str]) -> str:
    written = text(scalar(value, name), name)
    if written not in choices:
        wrong(name, f"[{written[:40]}] is not one of {', '.join(choices)}")
    return written
