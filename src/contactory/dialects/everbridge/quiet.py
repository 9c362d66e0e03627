"""Reader of quiet times, in which a path is not used (the vendor's page, "quietTimeFrames")."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any
from zlib import crc32
from zoneinfo import available_timezones

from contactory.dialects.everbridge.items import Frame
from contactory.dialects.everbridge.values import at_most, given, many, number, text, wrong
from contactory.model.limits import MOST_FRAMES

Kept = dict[str, Any]


def read_frames(frames: Sequence[Frame], field: str) -> list[Kept]:
    """Read frames. Days are 1 (Sunday) to 7; names are unique, since partial updates use them. Raises
    ItemError."""
    at_most(MOST_FRAMES, frames, field)
    kept = [_read_frame(frame, f"{field}[{index}]") for index, frame in enumerate(frames)]
    names = [frame["name"] for frame in kept if frame["name"]]
    if len(set(names)) < len(names):
        wrong(field, "has two frames of the same name")
    return kept


def is_time_zone(name: str) -> bool:
    """Tell whether a name is one of IANA's, obsolete ones included."""
    return name in _zones()


@cache
def number_of_zones() -> int:
    """A number for the zones that there are: another one where these are others."""
    return crc32(" ".join(sorted(_zones())).encode())


@cache
def _zones() -> set[str]:
    return available_timezones()


def _read_frame(frame: Frame, field: str) -> Kept:
    days = sorted({number(day, f"{field}.days", 1, 7) for day in many(frame.days)})
    if not days:
        wrong(f"{field}.days", "is required")
    hours = {
        name: _time(getattr(frame, name), f"{field}.{name}", 23 if name.endswith("Hour") else 59)
        for name in ("fromHour", "fromMin", "toHour", "toMin")
    }
    return {"name": text(frame.name, f"{field}.name"), "days": days, **hours}


def _time(value: Any, field: str, most: int) -> int:
    if not given(value):
        wrong(field, "is required")
    return number(value, field, 0, most)
