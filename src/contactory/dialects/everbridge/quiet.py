"""Quiet times: when a path is not to be used (the vendor's page, "quietTimeFrames")."""

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


def read_frames(frames: Sequence[Frame], place: str) -> list[Kept]:
    """Days are 1 (Sunday) to 7; a name is given once, because partial updates go by it."""
    at_most(MOST_FRAMES, frames, place)
    kept = [_read_frame(frame, f"{place}[{position}]") for position, frame in enumerate(frames)]
    names = [frame["name"] for frame in kept if frame["name"]]
    if len(set(names)) < len(names):
        wrong(place, "has two frames of the same name")
    return kept


def is_time_zone(name: str) -> bool:
    """IANA names, those of long ago among them."""
    return name in _zones()


@cache
def number_of_zones() -> int:
    """A number for the zones that there are: another one where these are others."""
    return crc32(" ".join(sorted(_zones())).encode())


@cache
def _zones() -> set[str]:
    return available_timezones()


def _read_frame(frame: Frame, place: str) -> Kept:
    days = sorted({number(day, f"{place}.days", 1, 7) for day in many(frame.days)})
    if not days:
        wrong(f"{place}.days", "is required")
    hours = {
        name: _time(getattr(frame, name), f"{place}.{name}", 23 if name.endswith("Hour") else 59)
        for name in ("fromHour", "fromMin", "toHour", "toMin")
    }
    return {"name": text(frame.name, f"{place}.name"), "days": days, **hours}


def _time(value: Any, place: str, most: int) -> int:
    if not given(value):
        wrong(place, "is required")
    return number(value, place, 0, most)
