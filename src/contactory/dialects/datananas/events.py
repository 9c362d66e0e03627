"""Frames that are pushed about a bulk call (the vendor's page, "WebSocket payload format")."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from contactory.dialects.base import json_encode
from contactory.dialects.datananas.ids import encode_id
from contactory.model.jobs import Event

_PREFIX: Final = "contact_bulk_create_"
_FIRST: Final = '"i":0'

Envelope = Callable[[str, dict[str, Any]], dict[str, Any]]
ENVELOPES: Final[Mapping[str, Envelope]] = {
    "payload": lambda type_, payload: {"type": type_, "payload": payload},
    "flat": lambda type_, payload: {"type": type_, **payload},
    "event": lambda type_, payload: {"event": type_, "data": payload},
}


def make_ping(envelope: str) -> str:
    """Make the frame that keeps a quiet connection open and detects a dead one. It is not the vendor's."""
    return json_encode(ENVELOPES[envelope]("ping", {})).decode()


def make_frames(envelope: str, event: Event) -> Sequence[str]:
    """Encode an event: a frame for the start, one for each finished row, one for the end."""
    wrap, job = ENVELOPES[envelope], str(event.job)

    def frame(name: str, payload: dict[str, Any]) -> str:
        return json_encode(wrap(_PREFIX + name, payload)).decode()

    frames = []
    if event.begins:
        frames.append(frame("starting", {"listId": encode_id(event.list_id), "uuid": job}))
    # These are encoded once for all rows, since there may be thousands.
    before, after = frame("running", {"uuid": job, "i": 0, "total": event.total}).split(_FIRST)
    frames += [f'{before}"i":{i}{after}' for i in range(event.first, event.last)]
    if event.over:
        counts = {"created": event.created, "updated": event.updated, "failed": event.failed}
        frames.append(frame("ending", {"uuid": job, **counts}))
    return frames
