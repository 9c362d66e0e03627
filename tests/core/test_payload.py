"""Payloads of jobs: stored ones can be read by later versions."""

from __future__ import annotations

import msgspec

from contactory.core.write import write
from contactory.dialects.datananas.job_rows import open_job
from contactory.model.bulk import Status
from contactory.model.caller import Actor
from contactory.model.jobs import Payload, decode_payload, encode_payload
from contactory.model.problems import Code, Problem
from contactory.store.database import Database


def test_a_stored_payload_keeps_the_names_of_its_fields() -> None:
    refused = {3: Problem(code=Code.BAD_VALUE)}
    actor = Actor(1, reaches_all=False, contacts_of=7, lists_of=7, author_id=5)
    encoded = encode_payload(Payload.of(b"rows", refused, actor))
    stored = msgspec.msgpack.decode(encoded, strict=False)
    assert stored["content"] == b"rows"
    assert stored["only_of"] == ["owner_id", 7]
    payload = decode_payload(encoded)
    assert (payload.content, payload.refused, payload.actor_for(1)) == (b"rows", refused, actor)


def test_a_payload_of_an_earlier_version_is_written(database: Database, organization: int) -> None:
    def keys(scheme: str, given: list[str]) -> object:
        name = {"system": "datananas", "name": scheme, "qualifier": "", "default_qualifier": ""}
        return {"schemes": [name], "scheme_of": [0] * 3, "keys": given, "field": scheme}

    earlier = {
        "count": 3,
        "keys": keys("email", ["a@b.c", "d@e.f", ""]),
        "alternates": [keys("linkedin", ["", "", ""])],
        "columns": {"email": ["a@b.c", "d@e.f", None], "first_name": ["Ada", "Bo", "Cem"]},
        "defaults": {"source": "manual", "work_language": "en"},
        "modes": {"owner_id": "initial"},
        "refused": {1: Problem(code=Code.BAD_VALUE, field="email")},
        "only_of": None,
        "largest": {"vars": 65536},
        "ids": None,
        "author_id": 4,
    }
    stored = encode_payload(earlier)
    payload = decode_payload(stored)
    assert payload.content == stored
    rows = open_job(payload.content)
    assert rows is not None
    outcomes = list[Status]()
    for chunk in (rows.chunk(0, 2, payload.refused), rows.chunk(2, 3, payload.refused)):
        with database.transaction(organization) as transaction:
            outcomes += write(transaction, chunk, chunk.rows).statuses
    assert outcomes == [Status.CREATED, Status.FAILED, Status.CREATED]
