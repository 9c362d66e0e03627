"""Dispatch: a large request that one process has read is worked at by the process whose slot it took."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from contactory.dialects.base import Dialect, Endpoint, Request
from contactory.model.problems import Code, Problem, Refusal
from contactory.serving.channel import Channel, Listener
from contactory.serving.service import Service
from contactory.serving.work import Done, problem_of, work
from contactory.telemetry.logs import call_context, call_fields
from contactory.telemetry.metrics import count_dispatched
from contactory.telemetry.traces import continue_trace, trace_headers

_RETRY_SECONDS: Final = 1.0  # after an error in accepting requests

logger = logging.getLogger(__name__)


class _Task(NamedTuple):
    """A request without its body, which follows. `about`: the fields of its lines in the log."""

    api: str
    method: str
    path: str
    request: Request
    about: Mapping[str, object]
    trace: Mapping[str, str]


async def dispatch(remote: Channel, api: str, endpoint: Endpoint, request: Request) -> Done:
    """Have a request worked at by another process.

    Raises Refusal with what the other process refused the request for, or with UNAVAILABLE when that process
    dies, since then nobody knows whether the request was committed.
    """
    bare = request._replace(body=b"")
    task = _Task(api, endpoint.method, endpoint.path, bare, call_fields(), trace_headers())

    def exchange() -> Done | Problem:
        remote.send(task, request.body)
        answer: Done | Problem = remote.receive()[0]
        return answer

    count_dispatched()
    try:
        # Not in the service's own threads: two processes that wait for each other's would wait for ever.
        answer = await asyncio.to_thread(exchange)
    except (OSError, EOFError):
        logger.error("the process that worked at a call has ended")
        raise Refusal(Problem(code=Code.UNAVAILABLE)) from None
    if isinstance(answer, Problem):
        raise Refusal(answer)
    return answer


class RemoteWorker:
    """The side that works at requests of other processes, one at a time."""

    def __init__(self, service: Service, dialects: Sequence[Dialect], address: Path) -> None:
        self._service = service
        self._address = address
        self._endpoints = {
            (dialect.name, endpoint.method, endpoint.path): endpoint
            for dialect in dialects
            for endpoint in dialect.endpoints
        }

    def run(self, loop: asyncio.AbstractEventLoop) -> None:
        """Serve in the calling thread for as long as the process lives."""
        try:
            listener = Listener(self._address)
        except OSError as error:  # Its path may be too long for a socket.
            logger.warning("this process cannot work for others: %s", error)
            return
        while True:
            try:
                with closing(listener.accept()) as channel:
                    self._serve(channel, loop)
            except (EOFError, ConnectionError):
                pass  # The process that took the slot released it without a request, or has ended.
            except Exception:
                logger.exception("a call could not be taken over")
                time.sleep(_RETRY_SECONDS)

    def _serve(self, channel: Channel, loop: asyncio.AbstractEventLoop) -> None:
        task, body = channel.receive()
        request = task.request._replace(body=body)
        batch: list[object] = []
        answer = asyncio.run_coroutine_threadsafe(self._work(task, request, batch), loop).result()
        channel.send(answer)

    async def _work(self, task: _Task, request: Request, batch: list[object]) -> Done | Problem:
        endpoint = self._endpoints[task.api, task.method, task.path]
        reserved = self._service.admission.dispatched(request.caller.organization_id, len(request.body))
        with call_context(**task.about), continue_trace(task.trace):
            try:
                with reserved:
                    return await self._service.run(
                        partial(work, self._service, task.api, endpoint, request, batch)
                    )
            except Exception as error:
                return problem_of(error)
