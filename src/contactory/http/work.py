"""What is done with a call once its body is read, in a thread of whichever process works at it."""

from __future__ import annotations

import logging
from typing import Any, Final, NamedTuple

from contactory.core.execute import execute, execute_encoded
from contactory.dialects.base import Call, Endpoint, Reply, Request
from contactory.http.service import Service
from contactory.model.bulk import Outcomes
from contactory.model.commands import Command
from contactory.model.jobs import Event
from contactory.model.problems import Code, Problem, Refusal
from contactory.store.errors import (
    Contended,
    Overdue,
    StorageFull,
    StoreError,
    Taken,
    Unavailable,
    Unfit,
    Unstorable,
)
from contactory.telemetry.metrics import count_rows, stage

logger = logging.getLogger(__name__)

_CODES: Final[dict[type[StoreError], Code]] = {
    Contended: Code.UNAVAILABLE,
    Unavailable: Code.UNAVAILABLE,
    Unfit: Code.UNAVAILABLE,
    StorageFull: Code.STORAGE_FULL,
}


class Done(NamedTuple):
    """Committed. `announce` and `afterwards`: what is still to be told and done, as in Call."""

    reply: Reply
    announce: Event | None = None
    afterwards: Command | None = None


def work(service: Service, api: str, endpoint: Endpoint, asked: Request, batch: list[object]) -> Done:
    """Decode, execute (resolve, plan, apply), encode, commit. What it is made of goes into `batch`."""
    with service.database.in_time():
        return _work(service, api, endpoint, asked, batch)


def _work(service: Service, api: str, endpoint: Endpoint, asked: Request, batch: list[object]) -> Done:
    with stage(api, "decode"):
        call = endpoint.decode(asked)
    batch += [asked, call]
    if endpoint.everywhere:
        return Done(call.encode(_execute_everywhere(service, endpoint, asked, call)))

    def encode(result: Any) -> tuple[Any, Reply]:
        with stage(api, "encode"):
            return result, call.encode(result)

    with stage(api, "write"):
        actor, knows_owners = asked.caller.acting(endpoint.scope), endpoint.knows_owners
        database, vault = service.database, service.vault
        result, reply = execute_encoded(
            database, vault, actor, call.command, encode, knows_owners=knows_owners
        )
    if isinstance(result, Outcomes):
        count_rows(api, result.statuses)
    return Done(
        reply,
        call.announce(result) if call.announce else None,
        call.afterwards(result) if call.afterwards else None,
    )


def _execute_everywhere(service: Service, endpoint: Endpoint, asked: Request, call: Call) -> list[Any]:
    """One organization after another, each in a transaction of its own."""
    return [
        execute(
            service.database,
            service.vault,
            caller.acting(endpoint.scope),
            call.command,
            knows_owners=endpoint.knows_owners,
        )
        for caller in asked.callers
    ]


def problem_of(error: Exception) -> Problem:
    """What a call that ended with `error` is refused for."""
    if isinstance(error, Refusal):
        return error.problem
    if isinstance(error, Unstorable):
        return Problem(code=Code.BAD_VALUE, texts=(f"#: {error}",))
    if isinstance(error, StoreError) and (code := _CODES.get(type(error))):
        logger.error("the database refused: %s", error.__cause__ or error)
        return Problem(code=code)
    if isinstance(error, Taken):  # For good, since it has been tried again.
        logger.warning("a call asked for what is taken: %s", error.__cause__)
        return Problem(code=Code.ALREADY_EXISTS, kind="Record")
    if isinstance(error, Overdue):
        logger.warning("a call took too long: %s", error.__cause__ or "its deadline has passed")
        return error.problem
    logger.error("a call failed", exc_info=error)
    return Problem(code=Code.INTERNAL)
