"""Bodies that are read before it is known who calls: small ones, and few at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final
from urllib.parse import parse_qs

from contactory.http.bodies import OF_STRANGERS, AnyRequest, Take, read_body
from contactory.http.tally import Tally
from contactory.model.limits import STRANGER_FIELDS, STRANGER_LEAST, STRANGERS_BYTES, STRANGERS_SHARE
from contactory.model.problems import Code, Problem, Refusal

_RETRY_SECONDS: Final = "2"


class Strangers:
    """Memory for what all strangers of a process have sent and not been answered for, of which none has more
    than a share."""

    def __init__(self) -> None:
        self._held: Tally[str] = Tally()  # bytes, by address

    @contextmanager
    def place(self, address: str) -> Iterator[Take]:
        """Yield a function that takes the size of what has come. It raises Refusal (TOO_MANY)."""
        held = 0

        async def take(size: int) -> None:
            nonlocal held
            more = max(size, STRANGER_LEAST) - held
            if self._held.total() + more > STRANGERS_BYTES or self._held[address] + more > STRANGERS_SHARE:
                raise Refusal(Problem(code=Code.TOO_MANY, value=_RETRY_SECONDS))
            self._held.add(address, more)
            held += more

        try:
            yield take
        finally:
            self._held.add(address, -held)


async def read_unknown(strangers: Strangers, request: AnyRequest) -> bytes:
    """The body of a call of nobody known, which is a form. Raises Refusal, or ClientGone."""
    with strangers.place(request.client.host if request.client else "") as take:
        await take(0)
        body = await read_body(request, OF_STRANGERS, take)
    if body.count(b"&") >= STRANGER_FIELDS:
        raise Refusal(Problem(code=Code.TOO_LARGE, value=f"{STRANGER_FIELDS} fields"))
    return body


async def read_form(strangers: Strangers, request: AnyRequest) -> Mapping[str, Sequence[str]]:
    """NUL, which no database takes, is left out."""
    body = await read_unknown(strangers, request)
    return parse_qs(body.decode("utf-8", "replace").replace("%00", "").replace("\0", ""))
