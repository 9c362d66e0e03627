"""Folding of the rows for a record: all at once with the result of pair by pair, in linear time."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from functools import reduce
from typing import Any

import msgspec
import psutil
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contactory.core.write.folding import fold_all
from contactory.core.write.merge import fold, merge
from contactory.dialects.propeller import schemas
from contactory.dialects.propeller.everit import violations
from contactory.dialects.sizes import find_excess
from contactory.model.fields import FieldType, Mode

MAPS = st.dictionaries(st.sampled_from("abc"), st.none() | st.integers(0, 2), max_size=3).map(
    msgspec.json.encode
)
PATHS = st.lists(
    st.fixed_dictionaries(
        {"pathId": st.integers(1, 2), "value": st.sampled_from("xy")},
        optional={"quietTimeFrames": st.none() | st.just([{"name": "n"}])},
    ),
    max_size=3,
).map(msgspec.json.encode)
VALUES: dict[FieldType, st.SearchStrategy[Any]] = {
    FieldType.MAP: MAPS,
    FieldType.PATHS: PATHS,
    FieldType.IDS: st.sets(st.integers(1, 5)).map(lambda ids: tuple(sorted(ids))),
    FieldType.TEXT: st.sampled_from(["", "a", "b"]),
    FieldType.REFERENCE: st.integers(0, 2),
}


def as_read(type_: FieldType, value: Any) -> Any:
    return msgspec.json.decode(value) if value and type_ in (FieldType.MAP, FieldType.PATHS) else value


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("type_", VALUES)
def test_folding_all_values_at_once_equals_folding_them_pair_by_pair(type_: FieldType, mode: Mode) -> None:
    @given(st.lists(st.none() | VALUES[type_], min_size=1, max_size=6))
    def check(values: list[Any]) -> None:
        by_pairs = reduce(lambda earlier, value: fold(type_, mode, earlier, value), values)
        assert as_read(type_, fold_all(type_, mode, values)) == as_read(type_, by_pairs)

    check()


def growth(work: Callable[[int], Callable[[], object]], size: int) -> float:
    """Return how many times longer four times the size takes: 4 for linear time, 16 for quadratic."""

    small, large = work(size), work(4 * size)

    def measure(run: Callable[[], object]) -> float:
        begun = time.thread_time()
        run()
        return time.thread_time() - begun

    # The garbage collector would traverse all objects of the test process, and only in the longer of the two.
    gc.disable()
    try:
        times = [(measure(small), measure(large)) for _ in range(9)]
    finally:
        gc.enable()
    return min(long for _, long in times) / min(short for short, _ in times)


def maps(count: int) -> Callable[[], object]:
    rows = [msgspec.json.encode({f"key {number}": number}) for number in range(count)]
    return lambda: fold_all(FieldType.MAP, Mode.SET, rows)


def fillers(count: int) -> Callable[[], object]:
    rows = [msgspec.json.encode(dict.fromkeys(map(str, range(count)), 1)), *[b'{"a":1}'] * count]
    return lambda: fold_all(FieldType.MAP, Mode.FILL, rows)


def sets(count: int) -> Callable[[], object]:
    return lambda: fold_all(FieldType.IDS, Mode.SET, [(number,) for number in range(count)])


def quiet_paths(count: int) -> Callable[[], object]:
    paths = [{"pathId": 1, "value": str(number), "quietTimeFrames": [1]} for number in range(count)]
    later = msgspec.json.encode([{"pathId": 1, "value": str(-number)} for number in range(count)])
    earlier = msgspec.json.encode(paths)
    return lambda: merge(FieldType.PATHS, Mode.SET, earlier, later)


def tiny_rows(count: int) -> Callable[[], object]:
    body = b"[" + b"{}," * count + b"{}]"
    return lambda: find_excess(body, rows=10, depth=1)


def wrong_rows(count: int) -> Callable[[], object]:
    rows = {"contacts": [{"source": 1, str(number): 1} for number in range(count)]}
    return lambda: violations(schemas.CONTACTS.by_source_id, rows)


@pytest.mark.parametrize("work", [maps, fillers, sets, quiet_paths, tiny_rows, wrong_rows])
def test_work_grows_with_the_rows_and_not_with_their_square(
    work: Callable[[int], Callable[[], object]],
) -> None:
    assert growth(work, 2000) < 9


def test_rows_of_another_type_are_checked_until_there_are_enough_violations() -> None:
    def scalars(count: int) -> Callable[[], object]:
        rows = {"contacts": [1] * count}
        return lambda: violations(schemas.CONTACTS.by_source_id, rows)

    assert growth(scalars, 20_000) < 2
    rows: list[Any] = [{}] * 300 + [1] * 5 + [{}] * 300
    found = violations(schemas.CONTACTS.by_source_id, {"contacts": rows})
    assert found[:6] == [
        *(f"#/contacts/{index}: expected type: JSONObject, found: Integer" for index in range(300, 305)),
        "#/contacts/0: required key [source] not found",
    ]
    assert len(found) == 100


def test_the_database_keeps_quiet_times_in_time_that_grows_with_the_paths(url: str) -> None:
    paths = (
        "SELECT jsonb_agg(jsonb_build_object('pathId', 1, 'value', {})) FROM generate_series(1, %(n)s) AS n"
    )
    quiet = paths.format("n, 'quietTimeFrames', '[1]'::jsonb")
    query = f"SELECT keep_quiet_times(({quiet}), ({paths.format('-n')}))".encode()
    with psycopg.connect(url) as connection:
        session = psutil.Process(connection.info.backend_pid)

        def spent(count: int) -> float:
            """Seconds of a processor, which nobody else's work makes more."""
            before = session.cpu_times()
            for _ in range(8):
                (kept,) = connection.execute(query, {"n": count}).fetchone() or ()
                assert all(path["quietTimeFrames"] == [1] for path in kept)
            after = session.cpu_times()
            return after.user + after.system - before.user - before.system

        assert spent(4000) / spent(1000) < 9
