"""Large calls that one process of the service has read and another, whose lane it has taken, works at."""

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
from contactory.http.service import Service
from contactory.http.wire import Listener, Wire
from contactory.http.work import Done, problem_of, work
from contactory.model.problems import Code, Problem, Refusal
from contactory.telemetry.logs import about_call, said_of_call
from contactory.telemetry.metrics import count_handed_over
from contactory.telemetry.traces import as_part_of, place_in_trace

_PAUSE: Final = 1.0  # seconds, when no call can be taken

logger = logging.getLogger(__name__)


class _Task(NamedTuple):
    """A call, but for its body, which follows. `about` is what its lines in the log bear."""

    api: str
    method: str
    path: str
    asked: Request
    about: Mapping[str, object]
    trace: Mapping[str, str]


async def hand_over(there: Wire, api: str, endpoint: Endpoint, asked: Request) -> Done:
    """Have it worked at by the process at the other end, of which nobody knows how far it came if it dies."""
    bare = asked._replace(body=b"")
    task = _Task(api, endpoint.method, endpoint.path, bare, said_of_call(), place_in_trace())

    def exchange() -> Done | Problem:
        there.send(task, asked.body)
        answer: Done | Problem = there.receive()[0]
        return answer

    count_handed_over()
    try:
        # In none of the service's own threads: two processes that wait for each other's would wait for ever.
        answer = await asyncio.to_thread(exchange)
    except (OSError, EOFError):
        logger.error("the process that worked at a call has ended")
        raise Refusal(Problem(code=Code.UNAVAILABLE)) from None
    if isinstance(answer, Problem):
        raise Refusal(answer)
    return answer


class Helper:
    """Works at what other processes hand over, one call at a time."""

    def __init__(self, service: Service, dialects: Sequence[Dialect], address: Path) -> None:
        self._service = service
        self._address = address
        self._endpoints = {
            (dialect.name, endpoint.method, endpoint.path): endpoint
            for dialect in dialects
            for endpoint in dialect.endpoints
        }

    def run(self, loop: asyncio.AbstractEventLoop) -> None:
        """As long as the process lives, in a thread of its own."""
        try:
            listener = Listener(self._address)
        except OSError as error:  # Its path may be too long for a socket.
            logger.warning("this process cannot work for others: %s", error)
            return
        while True:
            try:
                with closing(listener.accept()) as asking:
                    self._answer(asking, loop)
            except (EOFError, ConnectionError):
                pass  # Who took the lane has left it without a call, or has ended.
            except Exception:
                logger.exception("a call could not be taken over")
                time.sleep(_PAUSE)

    def _answer(self, asking: Wire, loop: asyncio.AbstractEventLoop) -> None:
        task, body = asking.receive()
        asked = task.asked._replace(body=body)
        batch: list[object] = []
        answer = asyncio.run_coroutine_threadsafe(self._work(task, asked, batch), loop).result()
        asking.send(answer)

    async def _work(self, task: _Task, asked: Request, batch: list[object]) -> Done | Problem:
        endpoint = self._endpoints[task.api, task.method, task.path]
        lent = self._service.admission.lend(asked.caller.organization_id, len(asked.body))
        with about_call(**task.about), as_part_of(task.trace):
            try:
                with lent:
                    return await self._service.run(
                        partial(work, self._service, task.api, endpoint, asked, batch)
                    )
            except Exception as error:
                return problem_of(error)
