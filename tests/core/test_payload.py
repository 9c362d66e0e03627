"""Payloads of jobs: stored ones can be read by later versions."""

from __future__ import annotations

import msgspec

from contactory.model.caller import Actor
from contactory.model.jobs import Payload, decode_payload, encode_payload
from contactory.model.problems import Code, Problem


def test_a_stored_payload_keeps_the_names_of_its_fields() -> None:
    refused = {3: Problem(code=Code.BAD_VALUE)}
    actor = Actor(1, reaches_all=False, contacts_of=7, lists_of=7, author_id=5)
    encoded = encode_payload(Payload.of(b"rows", refused, actor))
    stored = msgspec.msgpack.decode(encoded, strict=False)
    assert stored["content"] == b"rows"
    assert stored["only_of"] == ["owner_id", 7]
    payload = decode_payload(encoded)
    assert (payload.content, payload.refused, payload.actor_for(1)) == (b"rows", refused, actor)
