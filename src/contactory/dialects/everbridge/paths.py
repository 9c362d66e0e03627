"""Reader of the delivery paths of a contact, which are in the order of preference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from msgspec import UNSET

from contactory.dialects.everbridge.items import Path
from contactory.dialects.everbridge.names import find_path
from contactory.dialects.everbridge.phones import has_digits, read_phone
from contactory.dialects.everbridge.quiet import read_frames
from contactory.dialects.everbridge.values import flag, given, key, many, number, text, wrong
from contactory.model.directory import Directory
from contactory.model.limits import LONGEST_EMAIL, LONGEST_NAME, LONGEST_TEXT

# Path types of delivery methods. Values of other types are texts.
EMAILS: Final = frozenset({"EMAIL", "PLAINTEXTEMAIL"})
PHONES: Final = frozenset({"PHONE", "EXTPHONE", "SMS", "ONEWAYSMS", "FAX", "TTYTDD"})


def read_paths(paths: Sequence[Path], directory: Directory) -> list[dict[str, Any]]:
    """Read paths. Raises ItemError.

    A path with an empty value is left out: clients send all paths of the organization, also those for which a
    person has no value. Without quietTimeFrames the key is left out, and the write keeps the stored ones;
    null removes them.
    """
    kept = []
    for index, path in enumerate(paths):
        if path.value is UNSET:
            wrong(f"paths[{index}].value", "is required")
        if written := text(path.value, f"paths[{index}].value", LONGEST_TEXT).strip():
            kept.append(_read_path(path, written, f"paths[{index}]", directory))
    return kept


def _read_path(path: Path, written: str, field: str, directory: Directory) -> dict[str, Any]:
    entry = find_path(path, field, directory)
    country = text(path.countryCode, f"{field}.countryCode")
    switches = read_switches(path, field)
    type_, skips = entry.details.get("pathType", ""), switches["skipValidation"]
    written, country = read_value(written, country, type_, f"{field}.value", validated=not skips)
    kept: dict[str, Any] = {"pathId": entry.number, "value": written}
    if country:
        kept["countryCode"] = country
    if extension := text(path.phoneExt, f"{field}.phoneExt"):
        kept["phoneExt"] = extension
    return kept | switches | read_quiet_times(path, field)


def read_value(written: str, country: str, type_: str, field: str, *, validated: bool) -> tuple[str, str]:
    """Return the value of a path of some type, and its country, as they are stored. Raises ItemError."""
    text(written, field, LONGEST_EMAIL if type_ in EMAILS else LONGEST_NAME)
    if type_ in PHONES:
        if not validated and not has_digits(written):
            wrong(field, f"[{written[:80]}] has no digits")
        return read_phone(written, country, field, validated=validated)
    if type_ in EMAILS:
        written = key(written, field)
        if validated and not _is_email(written):
            wrong(field, f"[{written[:80]}] is not an e-mail address")
    return written, country


def read_switches(path: Path, field: str) -> dict[str, Any]:
    """Read what a path has with or without being given. Raises ItemError."""
    wait = number(path.waitTime, f"{field}.waitTime") if given(path.waitTime) else 0
    return {
        "waitTime": wait,
        "pathEnable": flag(path.pathEnable, f"{field}.pathEnable", default=True),
        "skipValidation": flag(path.skipValidation, f"{field}.skipValidation"),
    }


def read_quiet_times(path: Path, field: str) -> dict[str, Any]:
    frames = path.quietTimeFrames
    if not given(frames):
        return {}
    return {"quietTimeFrames": read_frames(many(frames), f"{field}.quietTimeFrames") or None}


def _is_email(text: str) -> bool:
    local, at, domain = text.rpartition("@")
    return bool(at and local and "." in domain and not text.count(" ") and "@" not in local)
