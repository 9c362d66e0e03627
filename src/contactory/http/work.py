"""What is done with a call once its body is read, in a thread of whichever process works at it."""

from __future__ import annotations

import logging
from typing import Any, NamedTuple

from contactory.core.execute import execute_encoded
from contactory.dialects.base import Endpoint, Reply, Request
from contactory.http.service import Service
from contactory.model.bulk import Outcomes
from contactory.model.commands import Command
from contactory.model.jobs import Event
from contactory.model.problems import Code, Problem, Refusal
from contactory.store.errors import StorageFull, StoreError, Unstorable
from contactory.telemetry.metrics import count_rows, stage

logger = logging.getLogger(__name__)


class Done(NamedTuple):
    """Committed. `announce` and `afterwards`: what is still to be told and done, as in Call."""

    reply: Reply
    announce: Event | None = None
    afterwards: Command | None = None


def work(service: Service, api: str, endpoint: Endpoint, asked: Request, batch: list[object]) -> Done:
    """Decode, execute (resolve, plan, apply), encode, commit. What it is made of goes into `batch`."""
    with stage(api, "decode"):
        call = endpoint.decode(asked)
    batch += [asked, call]

    def encode(result: Any) -> tuple[Any, Reply]:
        with stage(api, "encode"):
            return result, call.encode(result)

    with stage(api, "write"):
        organization_id = asked.caller.organization_id
        database, vault = service.database, service.vault
        result, reply = execute_encoded(database, vault, organization_id, call.command, encode)
    if isinstance(result, Outcomes):
        count_rows(api, result.statuses)
    return Done(
        reply,
        call.announce(result) if call.announce else None,
        call.afterwards(result) if call.afterwards else None,
    )


def problem_of(error: Exception) -> Problem:
    """What a call that ended with `error` is refused for."""
    if isinstance(error, Refusal):
        return error.problem
    if isinstance(error, Unstorable):
        return Problem(code=Code.BAD_VALUE, texts=(f"#: {error}",))
    if isinstance(error, StoreError):
        logger.error(
            "the database refused: %s", error.__cause__ or error
        )  # described by telemetry/failures.py
        return Problem(code=Code.STORAGE_FULL if isinstance(error, StorageFull) else Code.UNAVAILABLE)
    logger.error("a call failed", exc_info=error)
    return Problem(code=Code.INTERNAL)
