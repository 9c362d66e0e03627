"""Delivery paths of a contact, in the order of preference."""

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

# By pathType of the delivery method. Values of any other type are texts.
EMAILS: Final = frozenset({"EMAIL", "PLAINTEXTEMAIL"})
PHONES: Final = frozenset({"PHONE", "EXTPHONE", "SMS", "ONEWAYSMS", "FAX", "TTYTDD"})


def read_paths(paths: Sequence[Path], directory: Directory) -> list[dict[str, Any]]:
    """The paths as they are kept. One with an empty value is none: clients send every path that they know,
    also those for which a person has nothing. Where nothing was said of quiet times the key is left out,
    and the write keeps those that are stored; null removes them."""
    kept = []
    for place, path in enumerate(paths):
        if path.value is UNSET:
            wrong(f"paths[{place}].value", "is required")
        if written := text(path.value, f"paths[{place}].value", LONGEST_TEXT).strip():
            kept.append(_read_path(path, written, f"paths[{place}]", directory))
    return kept


def _read_path(path: Path, written: str, place: str, directory: Directory) -> dict[str, Any]:
    entry = find_path(path, place, directory)
    country = text(path.countryCode, f"{place}.countryCode")
    skips = flag(path.skipValidation, f"{place}.skipValidation")
    type_ = entry.details.get("pathType", "")
    text(written, f"{place}.value", LONGEST_EMAIL if type_ in EMAILS else LONGEST_NAME)
    if type_ in PHONES:
        if skips and not has_digits(written):
            wrong(f"{place}.value", f"[{written[:80]}] has no digits")
        written, country = read_phone(written, country, f"{place}.value", validated=not skips)
    elif type_ in EMAILS:
        written = key(written, f"{place}.value")
        if not skips and not _is_email(written):
            wrong(f"{place}.value", f"[{written[:80]}] is not an e-mail address")
    kept: dict[str, Any] = {"pathId": entry.number, "value": written}
    if country:
        kept["countryCode"] = country
    if extension := text(path.phoneExt, f"{place}.phoneExt"):
        kept["phoneExt"] = extension
    kept["waitTime"] = number(path.waitTime, f"{place}.waitTime") if given(path.waitTime) else 0
    kept["pathEnable"] = flag(path.pathEnable, f"{place}.pathEnable", default=True)
    kept["skipValidation"] = skips
    frames = path.quietTimeFrames
    if given(frames):
        kept["quietTimeFrames"] = read_frames(many(frames), f"{place}.quietTimeFrames") or None
    return kept


def _is_email(text: str) -> bool:
    local, at, domain = text.rpartition("@")
    return bool(at and local and "." in domain and not text.count(" ") and "@" not in local)
