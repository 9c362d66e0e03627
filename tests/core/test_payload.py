"""Payloads of jobs: stored ones can be read by later versions."""

from __future__ import annotations

import msgspec

from contactory.model.bulk import Keys, Rows, Scheme, WriteOptions
from contactory.model.caller import Actor
from contactory.model.fields import CONTACTS
from contactory.model.jobs import decode_payload, encode_payload, make_payload


def test_a_stored_payload_keeps_the_names_of_its_fields() -> None:
    keys = Keys([Scheme("datananas", "email")], [0], ["a@b.c"])
    options, rows = WriteOptions(kind=CONTACTS), Rows(count=1, keys=keys, fallback_keys=[keys])
    encoded = encode_payload(make_payload(options, rows, Actor(1, reaches_all=False, contacts_of=7)))
    stored = msgspec.msgpack.decode(encoded)
    assert len(stored["alternates"]) == 1
    assert stored["only_of"] == ["owner_id", 7]
    payload = decode_payload(encoded)
    assert (payload.fallback_keys, payload.owner_filter) == ([keys], ("owner_id", 7))
