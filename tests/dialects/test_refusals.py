"""Encoding a refusal never fails, for any problem."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contactory.dialects.base import Dialect, Reply
from contactory.dialects.datananas import Datananas
from contactory.dialects.everbridge import Everbridge
from contactory.dialects.propeller import Propeller
from contactory.http.handler import to_response
from contactory.model.problems import Code, Problem, Refusal

DIALECTS: list[Dialect] = [Propeller(default_language="NL", max_rows=10), Everbridge(), Datananas()]
ODD = st.one_of(
    st.text(max_size=30),
    st.text(st.characters(categories=["Cs", "Cc", "Lu"]), max_size=5),
    st.sampled_from(
        [
            *("", "5", "²", "9" * 5000, "-1", "null", "[]", "{}", '{"op": 1}', '{"i": [[]]}', "#: a"),
            *('{"code": "?"}', "[" * 5000, '{"message": "\\ud800"}', "x" * 100_000, "a\r\nset-cookie: b"),
            '{"code": 5, "i": {}}',
        ]
    ),
)
PROBLEMS = st.builds(
    Problem,
    code=st.sampled_from(Code),
    kind=st.sampled_from(["", "Contact", "Company", "list", "group", "job"]) | ODD,
    field=ODD,
    key=ODD,
    value=ODD,
    texts=st.lists(ODD, max_size=3).map(tuple),
)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_every_problem_has_a_reply_in_every_dialect(dialect: Dialect) -> None:
    @given(PROBLEMS)
    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def say(problem: Problem) -> None:
        reply = dialect.refuse(problem)
        assert 300 <= reply.status < 600
        assert isinstance(json.loads(reply.body), dict)
        assert all("\n" not in value and value.isascii() for value in reply.headers.values())

    say()


class Speechless(Propeller):
    """A dialect that fails to encode one problem."""

    def refuse(self, problem: Problem) -> Reply:
        if problem.code is Code.NOT_FOUND:
            raise KeyError(problem.value)
        return super().refuse(problem)


def test_failing_refusal_is_logged_and_replied_as_the_vendors_500(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def call() -> Reply:
        raise Refusal(Problem(code=Code.NOT_FOUND, kind="Contact"))

    def answer(call: Awaitable[Reply]) -> tuple[int, bytes]:
        response = asyncio.run(_answer(call))
        return response

    async def _answer(call: Awaitable[Reply]) -> tuple[int, bytes]:
        response = await to_response(Speechless(default_language="NL", max_rows=1), call)
        return response.status_code or 0, response.content

    with caplog.at_level(logging.ERROR):
        status, body = answer(call())
    assert status == 500
    assert json.loads(body)["error"]["type"] == "InternalServerError"
    assert [record.levelname for record in caplog.records] == ["ERROR"]
