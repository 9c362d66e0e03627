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
    skips = flag(path.skipValidation, f"{field}.skipValidation")
    type_ = entry.details.get("pathType", "")
    text(written, f"{field}.value", LONGEST_EMAIL if type_ in EMAILS else LONGEST_NAME)
    if type_ in PHONES:
        if skips and not has_digits(written):
            wrong(f"{field}.value", f"[{written[:80]}] has no digits")
        written, country = read_phone(written, country, f"{field}.value", validated=not skips)
    elif type_ in EMAILS:
        written = key(written, f"{field}.value")
        if not skips and not _is_email(written):
            wrong(f"{field}.value", f"[{written[:80]}] is not an e-mail address")
    kept: dict[str, Any] = {"pathId": entry.number, "value": written}
    if country:
        kept["countryCode"] = country
    if extension := text(path.phoneExt, f"{field}.phoneExt"):
        kept["phoneExt"] = extension
    kept["waitTime"] = number(path.waitTime, f"{field}.waitTime") if given(path.waitTime) else 0
    kept["pathEnable"] = flag(path.pathEnable, f"{field}.pathEnable", default=True)
    kept["skipValidation"] = skips
    frames = path.quietTimeFrames
    if given(frames):
        kept["quietTimeFrames"] = read_frames(many(frames), f"{field}.quietTimeFrames") or None
    return kept


def _is_email(text: str) -> bool:
    local, at, domain = text.rpartition("@")
    return bool(at and local and "." in domain and not text.count(" ") and "@" not in local)
