"""Jobs: accepted as a whole, run in chunks. Rows, counts, errors and quotas of a chunk are committed
together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from contactory.columns.column import BytesColumn
from contactory.core.plan import make_plan
from contactory.core.resolve import find_names, resolve
from contactory.core.scheme_matches import SchemeMatches
from contactory.core.write import write
from contactory.model.bulk import BulkWrite, Outcomes, Status
from contactory.model.jobs import (
    CONNECT,
    TOTAL,
    AcceptJob,
    CheckQuota,
    Event,
    FailJob,
    Job,
    Payload,
    RowError,
    RunChunk,
    encode_payload,
)
from contactory.model.limits import BUSY_SECONDS, MOST_ERRORS, OPEN_JOB_BYTES, OPEN_JOBS
from contactory.model.problems import Code, Problem, Refusal
from contactory.store import access, directory, jobs, records
from contactory.store.access import Organization
from contactory.store.database import Transaction

CHUNK_ROWS: Final = 2500


def accept(transaction: Transaction, wanted: AcceptJob) -> Job:
    """Accept a job as its command describes, or return the one that was accepted before under its retry
    key."""
    earlier = jobs.find_retry(transaction, wanted.user_id, wanted.retry_key) if wanted.retry_key else None
    if earlier is not None:
        job, fingerprint = earlier
        if fingerprint != wanted.fingerprint:
            raise Refusal(Problem(code=Code.RETRIED_DIFFERENTLY))
        return msgspec.structs.replace(job, is_new=False)
    if wanted.errors and wanted.whole:
        raise _refuse_all(transaction, wanted)
    if _matters(transaction, wanted):
        creates, from_connect, problems = _preview(transaction, wanted.bulk)
        if problems and wanted.whole:
            raise _refusal(_errors(problems))
        _check(transaction, wanted.user_id, creates, from_connect)
    else:
        _find_schemes(transaction, wanted.bulk)
        creates, from_connect, problems = *_most_created(wanted.bulk), {}
    refused = wanted.bulk.refused | problems
    payload = encode_payload(Payload.of(wanted.content, refused, transaction.actor))
    _check_open_jobs(transaction, len(payload))
    return jobs.add(transaction, wanted, payload, creates, from_connect)


def _matters(transaction: Transaction, wanted: AcceptJob) -> bool:
    """Tell whether it matters for the answer what is stored: for a quota, or where all rows are refused for
    one whose contact has another owner, whose id and key are of two contacts, or whose map would be too
    large."""
    organization, bulk = _organization(transaction), wanted.bulk
    if organization.total_contacts_quota or organization.daily_connect_quota:
        return True
    has_maps = any(not _is_empty(bulk.columns.get(field, ())) for field in bulk.largest)
    return wanted.whole and (transaction.actor.contacts_of is not None or bulk.ids is not None or has_maps)


def _is_empty(column: Sequence[Any]) -> bool:
    return not (column.has_any() if isinstance(column, BytesColumn) else any(column))


def _find_schemes(transaction: Transaction, bulk: BulkWrite) -> None:
    """Raise Refusal (TOO_MANY_SCHEMES) where the keys of rows could not be stored."""
    scheme_matches = SchemeMatches(transaction, bulk.kind)
    for keys in (bulk.keys, *bulk.fallback_keys):
        scheme_matches.find(keys.schemes if keys else ())


def _most_created(bulk: BulkWrite) -> tuple[int, int]:
    """Return how many contacts the write would create at most, and how many of them from connect."""
    sources = enumerate(bulk.columns.get("source", ()))
    from_connect = sum(source == "connect" and row not in bulk.refused for row, source in sources)
    return bulk.count - len(bulk.refused), from_connect


def _refuse_all(transaction: Transaction, wanted: AcceptJob) -> Refusal:
    """Return a refusal with the errors that the dialect found and those found here, of all rows."""
    problems: dict[int, Problem] = {}
    if _matters(transaction, wanted):
        _, _, problems = _preview(transaction, msgspec.structs.replace(wanted.bulk, refused={}))
    return _refusal(sorted([*wanted.errors, *_errors(problems)], key=lambda error: error.i))


def _refusal(errors: Sequence[RowError]) -> Refusal:
    texts = tuple(msgspec.json.encode(error).decode() for error in errors[:MOST_ERRORS])
    return Refusal(Problem(code=Code.INVALID, texts=texts, value=str(len(errors))))


def check_quota(transaction: Transaction, wanted: CheckQuota, *, exclusive: bool) -> BulkWrite:
    creates, from_connect, _ = _preview(transaction, wanted.bulk, exclusive=exclusive)
    _check(transaction, wanted.user_id, creates, from_connect)
    if from_connect:
        jobs.use_connect(transaction, wanted.user_id, from_connect)
    return wanted.bulk


def run_chunk(transaction: Transaction, wanted: RunChunk, *, exclusive: bool) -> Job:
    """Write the next rows of a job. Two workers cannot write the same rows: the job is locked, and stores how
    far it has come."""
    job = jobs.lock(transaction, wanted.id)
    if job.is_over:
        return job
    if job.state == "accepted":
        # The process that accepted the job has not published that it begins.
        jobs.publish(transaction, job.beginning(transaction.organization_id))
    first, last = job.processed, min(job.processed + CHUNK_ROWS, job.total)
    refused = {row - first: wanted.refused[row] for row in range(first, last) if row in wanted.refused}
    bulk = msgspec.structs.replace(wanted.rows.chunk(first, last), refused=refused)
    outcomes = write(transaction, bulk, exclusive=exclusive)
    problems = {first + row: problem for row, problem in outcomes.problems.items()}
    warnings = {first + row: warning for row, warning in outcomes.warnings.items()}
    created = sum(status is Status.CREATED for status in outcomes.statuses)
    from_connect = _from_connect(bulk, outcomes)
    if from_connect:
        jobs.use_connect(transaction, job.user_id, from_connect)
    done = jobs.advance(
        transaction,
        job.id,
        processed=last,
        created=created,
        updated=last - first - created - len(problems),
        failed=len(problems),
        from_connect=from_connect,
        errors=_errors(problems) + _errors(warnings, warn=True),
    )
    jobs.publish(transaction, done.progress(transaction.organization_id, first, last))
    return done


def fail(transaction: Transaction, wanted: FailJob) -> None:
    """Give a job up, and publish how far it came. Rows that were written stay."""
    over = jobs.fail(transaction, wanted.id, wanted.reason)
    if over is not None:
        event = Event(
            transaction.organization_id,
            over.user_id,
            wanted.id,
            over.list_id,
            over.total,
            first=over.processed,
            last=over.processed,
            over=True,
            created=over.created,
            updated=over.updated,
            failed=over.failed,
        )
        jobs.publish(transaction, event)


def _preview(
    transaction: Transaction, bulk: BulkWrite, *, exclusive: bool = False
) -> tuple[int, int, dict[int, Problem]]:
    """Return how many contacts the write would create now, how many of them from connect, and the problems of
    its rows."""
    records.lock_organization(transaction, exclusive=exclusive)
    resolved = resolve(transaction, bulk, find_names(transaction, bulk), None)
    plan = make_plan(bulk, resolved)
    sources = bulk.columns.get("source")
    from_connect = sum(sources[row] == "connect" for row in plan.creates) if sources else 0
    return len(plan.creates), from_connect, plan.problems


def _check_open_jobs(transaction: Transaction, size: int) -> None:
    """Raise Refusal (JOBS_BUSY) when the organization has too many open jobs, or would have too many bytes of
    them; a single job may have more bytes."""
    jobs.lock_quota(transaction)
    amount, held = jobs.count_waiting(transaction)
    if amount >= OPEN_JOBS or (amount and held + size > OPEN_JOB_BYTES):
        raise Refusal(Problem(code=Code.JOBS_BUSY, value=str(BUSY_SECONDS)))


def _check(transaction: Transaction, user_id: int, creates: int, from_connect: int) -> None:
    """Raise Refusal (QUOTA_EXCEEDED) when the contacts to create exceed a quota. A lock makes calls check one
    after another, so that two cannot both use the last of it."""
    organization = _organization(transaction)
    total, connect = organization.total_contacts_quota, organization.daily_connect_quota
    if not creates or not (total or connect):
        return
    jobs.lock_quota(transaction)
    reserved, reserved_connect = jobs.find_reserved(transaction, user_id)
    if total and directory.count_all_contacts(transaction) + reserved + creates > total:
        raise Refusal(Problem(code=Code.QUOTA_EXCEEDED, value=TOTAL))
    if connect and from_connect:
        used = jobs.find_connect_used(transaction, user_id)
        if used + reserved_connect + from_connect > connect:
            raise Refusal(Problem(code=Code.QUOTA_EXCEEDED, value=CONNECT))


def _organization(transaction: Transaction) -> Organization:
    organization = access.find_organization(transaction)
    assert organization is not None  # noqa: S101 (the caller belongs to it)
    return organization


def _from_connect(bulk: BulkWrite, outcomes: Outcomes) -> int:
    sources = bulk.columns.get("source", ())
    return sum(
        status is Status.CREATED and source == "connect"
        for status, source in zip(outcomes.statuses, sources, strict=False)
    )


def _errors(problems: dict[int, Problem], *, warn: bool = False) -> list[RowError]:
    return [
        RowError(row, problem.code.name, problem.field, problem.texts[0] if problem.texts else "", warn)
        for row, problem in sorted(problems.items())
    ]
