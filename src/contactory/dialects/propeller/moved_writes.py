"""Records of an account's file as writes of many, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from contactory.dialects.base import json_encode
from contactory.dialects.propeller.columns import Identity
from contactory.dialects.propeller.decode import Rows
from contactory.dialects.propeller.moved import Moved, by_id
from contactory.model.bulk import BulkWrite, Outcomes, Status
from contactory.model.commands import Answer, Chain, Command
from contactory.model.limits import MOST_PARENTS
from contactory.model.problems import Code, Problem, Refusal

_MEANINGS: Final = (Status.FAILED, Status.CREATED, Status.UPDATED)  # the first of its rows that has one


class _Part(NamedTuple):
    """Records that are written at once: their places among all, the row of each key, and the place of each
    row."""

    rows: Sequence[Moved]
    places: Sequence[int]
    write: BulkWrite


def write_moved(records: Sequence[Moved], default_language: str) -> Command:
    """Create or update records, which get the ids that they have; what a record does not have stays as it is.
    Answers Outcomes. Raises Refusal, also where it is executed: for a record of several sources of which not
    all can be written, and where more companies stand above each other than are done at once. Each half of
    the records may then be tried."""
    parts = [_part(records, places, default_language) for places in _in_turn(records)]

    def go(done: tuple[Outcomes, ...]) -> Command:
        if len(done) == len(parts):
            return Answer(_whole(parts, done, len(records)))
        return Chain(parts[len(done)].write, lambda outcomes: go((*done, outcomes)))

    return go(())


def _in_turn(records: Sequence[Moved]) -> Iterable[Sequence[int]]:
    """The places of records that can be written together: those of one resource, and of companies those whose
    parent is not among the later ones."""
    turns: dict[tuple[str, int], list[int]] = {}
    depths: dict[int, int] = {}
    for place, record in enumerate(records):
        path, row, depth = record.resource.path, record.row, 0
        if path == "companies":
            above = depths.get(row.parent.id, -1) if row.parent else -1
            depth = depths[row.id] = max(above + 1, depths.get(row.id, 0))
        turns.setdefault((path, depth), []).append(place)
        if depth > MOST_PARENTS:
            raise Refusal(Problem(code=Code.TOO_LARGE, value=f"{MOST_PARENTS} companies above each other"))
    return [turns[turn] for turn in sorted(turns)]


def _part(records: Sequence[Moved], places: Sequence[int], default_language: str) -> _Part:
    """A further source is a row of its own, which names nothing else."""
    rows, row_places = list[Moved](), list[int]()
    for place in places:
        record = records[place]
        bare = {"id": record.row.id, "language": record.row.language}
        others = [
            record._replace(row=type(record.row)(source=source, sourceId=key, **bare), login=None)
            for source, key in record.others
        ]
        rows += [record, *others]
        row_places += [place] * (1 + len(others))
    return _Part(rows, row_places, _write(rows, default_language))


def _write(records: Sequence[Moved], default_language: str) -> BulkWrite:
    resource, rows = records[0].resource, [record.row for record in records]
    bulk = by_id(resource)
    body = json_encode({bulk.rows_key: rows})
    write = Rows(resource, bulk, body, Identity(default_language), len(rows), None).whole(rows)
    logins = [record.login for record in records]
    return replace(
        write,
        given_ids=[row.id for row in rows],
        columns=write.columns | ({"login": logins} if any(login is not None for login in logins) else {}),
        may_create=not records[0].only_changes,
    )


def _whole(parts: Sequence[_Part], done: Sequence[Outcomes], count: int) -> Outcomes:
    """What became of records, of which some are several rows."""
    found: list[set[Status]] = [set() for _ in range(count)]
    problems: dict[int, Problem] = {}
    for part, outcomes in zip(parts, done, strict=True):
        for row, place in enumerate(part.places):
            found[place].add(outcomes.statuses[row])
        for row, problem in outcomes.problems.items():
            problems.setdefault(part.places[row], _name_key(problem, part.rows[row]))
    for place, problem in problems.items():
        if len(found[place]) > 1:
            raise Refusal(problem)  # So that nothing of the record is written.
    statuses = [next((status for status in _MEANINGS if status in each), Status.UNCHANGED) for each in found]
    return Outcomes(statuses, [0] * count, problems)


def _name_key(problem: Problem, record: Moved) -> Problem:
    """Say which key it is that another record has."""
    if problem.code is not Code.ALREADY_EXISTS:
        return problem
    shown = f"sourceId [{record.row.sourceId}] of source [{record.row.source}]"
    label = record.resource.kind.label.lower()
    return replace(problem, code=Code.BAD_VALUE, texts=(f"{shown} is that of another {label}.",))
