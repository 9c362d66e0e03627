"""Delivery paths of a contact, in the order of preference."""

from __future__ import annotations

from typing import Any, Final

from msgspec import UNSET

from contactory.dialects.everbridge.items import Path
from contactory.dialects.everbridge.names import find_path
from contactory.dialects.everbridge.phones import read_phone
from contactory.dialects.everbridge.quiet import read_frames
from contactory.dialects.everbridge.values import flag, given, key, number, text, wrong
from contactory.model.directory import Directory

_PHONES: Final = frozenset({"PHONE", "EXTPHONE", "SMS", "ONEWAYSMS", "FAX", "TTYTDD"})


def read_paths(paths: list[Path], directory: Directory) -> tuple[list[dict[str, Any]], bool]:
    """The paths as they are kept, and whether one of them has quiet times. Where nothing was said of quiet
    times the key is left out, and the write keeps those that are stored; null removes them."""
    kept = [_read_path(path, f"paths[{place}]", directory) for place, path in enumerate(paths)]
    return kept, any(path.get("quietTimeFrames") for path in kept)


def _read_path(path: Path, place: str, directory: Directory) -> dict[str, Any]:
    entry = find_path(path, place, directory)
    written = text(path.value, f"{place}.value").strip()
    if not written:
        wrong(f"{place}.value", "is required")
    country = text(path.countryCode, f"{place}.countryCode")
    skips = flag(path.skipValidation, f"{place}.skipValidation")
    type_ = entry.details.get("type", "")
    if type_ in _PHONES:
        written, country = read_phone(written, country, validated=not skips)
    elif type_ == "EMAIL":
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
    if frames is not UNSET and frames is not None:
        kept["quietTimeFrames"] = read_frames(frames, f"{place}.quietTimeFrames") or None
    return kept


def _is_email(text: str) -> bool:
    local, at, domain = text.rpartition("@")
    return bool(at and local and "." in domain and not text.count(" ") and "@" not in local)
