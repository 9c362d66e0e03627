"""The work on a request once its body is read: decode, execute, encode. It runs in a thread."""

from __future__ import annotations

import logging
from typing import Any, Final, NamedTuple

from contactory.core.execute import execute, execute_encoded
from contactory.dialects.base import Call, Endpoint, Reply, Request
from contactory.model.bulk import Outcomes
from contactory.model.commands import Command
from contactory.model.jobs import Event
from contactory.model.problems import Code, Problem, Refusal
from contactory.serving.row_times import time_rows
from contactory.serving.service import Service
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
from contactory.telemetry.metrics import Stages, count_rows

logger = logging.getLogger(__name__)

_CODES: Final[dict[type[StoreError], Code]] = {
    Contended: Code.UNAVAILABLE,
    Unavailable: Code.UNAVAILABLE,
    Unfit: Code.UNAVAILABLE,
    StorageFull: Code.STORAGE_FULL,
}


class Done(NamedTuple):
    """A request that is committed. `announce`: an event to publish before the reply is sent. `afterwards`: a
    command to run after it."""

    reply: Reply
    announce: Event | None = None
    afterwards: Command | None = None


def work(service: Service, api: str, endpoint: Endpoint, request: Request, batch: list[object]) -> Done:
    """Decode, execute, encode and commit a request.

    The objects that it consists of are put into `batch`, so that the caller can free them after the reply is
    sent. Raises Refusal, StoreError, or any error that is a defect.
    """
    with service.database.in_time():
        return _work(service, api, endpoint, request, batch)


def _work(service: Service, api: str, endpoint: Endpoint, request: Request, batch: list[object]) -> Done:
    stages = Stages(api)
    try:
        return _work_in_stages(service, api, endpoint, request, batch, stages)
    finally:
        stages.observe()


def _work_in_stages(
    service: Service, api: str, endpoint: Endpoint, request: Request, batch: list[object], stages: Stages
) -> Done:
    with stages.enter("decode"):
        call = endpoint.decode(request)
    batch += [request, call]
    if endpoint.all_organizations:
        return Done(call.encode(_execute_everywhere(service, endpoint, request, call)))

    def encode(result: Any) -> tuple[Any, Reply]:
        with stages.enter("encode"):
            return result, call.encode(result)

    command = time_rows(call.command, stages)
    with stages.enter("write"):
        actor, supports_owners = request.caller.actor_for(endpoint.scope), endpoint.supports_owners
        database, encryption = service.database, service.encryption
        result, reply = execute_encoded(
            database, encryption, actor, command, encode, supports_owners=supports_owners
        )
    if isinstance(result, Outcomes):
        count_rows(api, result.statuses)
    return Done(
        reply,
        call.make_event(result) if call.make_event else None,
        call.afterwards(result) if call.afterwards else None,
    )


def _execute_everywhere(service: Service, endpoint: Endpoint, request: Request, call: Call) -> list[Any]:
    """Execute a command in one organization after another, each in a transaction of its own."""
    return [
        execute(
            service.database,
            service.encryption,
            caller.actor_for(endpoint.scope),
            call.command,
            supports_owners=endpoint.supports_owners,
        )
        for caller in request.callers
    ]


def problem_of(error: Exception) -> Problem:
    """Return the problem that a request is answered with when its work raised `error`."""
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
