"""The report that the benchmark makes of its measurements."""

from __future__ import annotations

from bench.cases import Case, Crowd
from bench.comparisons import compare, find_growth
from bench.options import parse
from bench.rows import ROWS
from bench.runs import Result


def result(case: Case, ours: float, ceiling: float, alone: float) -> Result:
    # The median, not the mean.
    return Result(
        "everbridge",
        case,
        {"ours": [ours, ours, 90.0], "ceiling": [ceiling, ceiling, 0.1], "alone": [alone, alone, 0.1]},
    )


def test_ratios_are_to_the_ceiling_of_one_caller() -> None:
    one, four = compare(
        [
            result(Case("update", ROWS, 0, 1), 2.0, 1.0, 0.5),
            result(Case("update", ROWS, 0, 4), 5.0, 3.0, 2.0),
        ]
    )
    assert (one.to_ceiling, one.floor, one.met) == (0.5, 0.7, False)
    assert (one.to_alone, one.goal) == (0.25, 1.2)
    assert (four.to_ceiling, four.floor, four.met) == (0.8, 0.8, True)
    assert (four.to_alone, four.goal) == (0.4, None)


def test_small_batches_have_no_floor() -> None:
    (one,) = compare([result(Case("create", 100, 0, 1), 1.0, 1.0, 1.0)])
    assert (one.floor, one.goal, one.met) == (None, None, None)
    assert one.ours == 100


def test_growth_is_of_one_caller_between_the_fewest_and_the_most_held() -> None:
    few, many = Case("create", ROWS, 0, 1), Case("create", ROWS, 1_000_000, 1)
    results = [result(few, 1.0, 1.0, 1.0), result(many, 1.5, 1.0, 1.0)]
    (grown,) = find_growth(results)
    assert (grown.ratio, grown.met) == (1.5, False)
    assert find_growth(results[:1]) == []


def test_callers_change_other_contacts_everywhere_in_what_is_held() -> None:
    crowd, case = Crowd(), Case("update", ROWS, 80_000, 4)
    while crowd.grow(4, case.population):
        pass
    parts = crowd.rows(case)
    numbers = [number for spans in parts for span in spans for number in span.numbers]
    assert len(numbers) == len(set(numbers)) == 4 * ROWS
    assert max(numbers) - min(numbers) > 0.98 * case.held
    assert {span.revision for spans in crowd.rows(case) for span in spans} == {2}


def test_options_choose_what_is_measured() -> None:
    asked = parse(["--apis", "datananas", "propeller", "--callers", "2", "--scenarios", "update"])
    assert asked.apis == ["propeller", "datananas"]
    assert asked.cases() == [
        Case("update", ROWS, 0, 1),
        Case("update", ROWS, 0, 2),
        Case("update", 100, 0, 1),
        Case("update", 1, 0, 1),
    ]
    assert parse(["--quick"]).cases() == [
        Case(scenario, ROWS, 0, 1) for scenario in ("create", "update", "unchanged")
    ]
