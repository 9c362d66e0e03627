"""Records of an account's file as writes of many, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from msgspec.structs import replace

from contactory.dialects.base import json_encode
from contactory.dialects.propeller.columns import KeyOptions
from contactory.dialects.propeller.decode import BodyRows
from contactory.dialects.propeller.directives import apply_directives
from contactory.dialects.propeller.moved import Moved, by_id
from contactory.dialects.propeller.resources import SYSTEM
from contactory.model.bulk import BulkWrite, Outcomes, Status
from contactory.model.characters import trim_key
from contactory.model.commands import Chain, Command, FindIdentities, Identity, Return
from contactory.model.limits import LARGEST_GIVEN_ID, MOST_PARENTS
from contactory.model.problems import Code, Problem, Refusal

_MEANINGS: Final = (Status.FAILED, Status.CREATED, Status.UPDATED)  # the first of its rows that has one


class _Part(NamedTuple):
    """Records that are written at once: their places among all, the row of each key, and the place of each
    row."""

    rows: Sequence[Moved]
    places: Sequence[int]
    write: BulkWrite


def write_moved(records: Sequence[Moved], default_language: str) -> Command:
    """Create or update the records of the ids that they have; what one does not have stays as it is.
    Answers Outcomes. Raises Refusal, also where it is executed: for a record of several sources of which not
    all can be written, and where more companies stand above each other than are done at once. Each half of
    the records may then be tried."""
    named = [record for record in records if record.sources]
    if not named:
        return _write_parts(records, {}, default_language)
    ids = [record.row.id for record in named if 0 < record.row.id <= LARGEST_GIVEN_ID]
    wanted = FindIdentities(kind=named[0].resource.kind, ids=ids)
    return Chain(wanted, lambda stored: _write_parts(records, _find_taken(records, stored), default_language))


def _write_parts(records: Sequence[Moved], taken: Mapping[int, Problem], default_language: str) -> Command:
    parts = [_part(records, places, taken, default_language) for places in _in_turn(records)]

    def go(done: tuple[Outcomes, ...]) -> Command:
        if len(done) == len(parts):
            return Return(_whole(parts, done, len(records)))
        return Chain(parts[len(done)].write, lambda outcomes: go((*done, outcomes)))

    return go(())


def _find_taken(records: Sequence[Moved], stored: Mapping[int, Sequence[Identity]]) -> dict[int, Problem]:
    """Find the records whose id is that of another one, here or earlier among them: of one that has sources,
    and none of the same."""
    known = {id_: {(each.system, each.scheme, each.key) for each in keys} for id_, keys in stored.items()}
    taken = {}
    for place, record in enumerate(records):
        own = {(SYSTEM, trim_key(source), trim_key(str(key))) for source, key in record.sources}
        others = known.setdefault(record.row.id, set())
        if own and others and not own & others:
            label = record.resource.kind.label
            taken[place] = Problem(code=Code.ID_TAKEN, kind=label, value=str(record.row.id))
        else:
            others |= own
    return taken


def _in_turn(records: Sequence[Moved]) -> Iterable[Sequence[int]]:
    """Group the places of records that can be written together: those of one resource, and of companies those
    whose parent is not among them."""
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


def _part(
    records: Sequence[Moved], places: Sequence[int], taken: Mapping[int, Problem], default_language: str
) -> _Part:
    """A further source is a row of its own, which names nothing else."""
    rows, row_places = list[Moved](), list[int]()
    for place in places:
        record = records[place]
        bare = {"id": record.row.id, "language": record.row.language}
        others = [
            record._replace(row=type(record.row)(source=source, sourceId=key, **bare), login=None)
            for source, key in record.sources[1:]
        ]
        rows += [record, *others]
        row_places += [place] * (1 + len(others))
    refused = {row: taken[place] for row, place in enumerate(row_places) if place in taken}
    return _Part(rows, row_places, _write(rows, refused, default_language))


def _write(records: Sequence[Moved], refused: dict[int, Problem], default_language: str) -> BulkWrite:
    resource, rows = records[0].resource, [record.row for record in records]
    bulk = by_id(resource)
    body = json_encode({bulk.rows_key: rows})
    read = BodyRows(resource, bulk, body, KeyOptions(default_language), len(rows), None).read_all(rows)
    logins = [record.login for record in records]
    read = replace(
        read,
        given_ids=[row.id for row in rows],
        columns=read.columns | ({"login": logins} if any(login is not None for login in logins) else {}),
        refused=read.refused | refused,
    )
    write = BulkWrite(kind=resource.kind, may_create=not records[0].only_changes, rows=read)
    apply_directives(write, resource)
    return write


def _whole(parts: Sequence[_Part], done: Sequence[Outcomes], count: int) -> Outcomes:
    """Say what became of records, of which some are several rows."""
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
