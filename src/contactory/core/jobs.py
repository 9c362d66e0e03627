"""Jobs: accepted as a whole, run in chunks. Rows, counts, errors and quotas of a chunk are committed
together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from contactory.columns.column import BytesColumn, StringColumn
from contactory.core.write import write
from contactory.core.write.preview import preview
from contactory.core.write.scheme_matches import SchemeMatches
from contactory.model.bulk import BulkWrite, Outcomes, Rows, RowSource, Status, read_all
from contactory.model.fields import Kind
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
from contactory.store import access, directory, jobs
from contactory.store.access import Organization
from contactory.store.database import Transaction

CHUNK_ROWS: Final = 5000
_CONNECT: Final = "connect"  # the source whose contacts have a quota


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
    rows = read_all(wanted.bulk.rows)
    if _needs_preview(transaction, wanted, rows):
        _, plan = preview(transaction, wanted.bulk, rows)
        if plan.problems and wanted.whole:
            raise _refusal(_errors(plan.problems))
        creates, from_connect = _count_creates(rows, plan.creates.tolist())
        _check(transaction, wanted.user_id, creates, from_connect)
        refused = rows.refused | plan.problems
    else:
        _find_schemes(transaction, wanted.bulk.kind, rows)
        refused = rows.refused
        creates, from_connect = _count_creates(rows, [row for row in range(rows.count) if row not in refused])
    payload = encode_payload(Payload.of(wanted.content, refused, transaction.actor))
    _check_open_jobs(transaction, len(payload))
    return jobs.add(transaction, wanted, payload, rows.count, creates, from_connect)


def _needs_preview(transaction: Transaction, wanted: AcceptJob, rows: Rows) -> bool:
    """Tell whether the answer depends on what is stored: where there is a quota, or where one row refuses all
    and may do so for its contact, which has another owner, or another key than its id, or a map that would be
    too large."""
    organization = _organization(transaction)
    if organization.total_contacts_quota or organization.daily_connect_quota:
        return True
    has_maps = any(_has_any(rows.columns.get(field, ())) for field in wanted.bulk.largest)
    return wanted.whole and (transaction.actor.contacts_of is not None or rows.ids is not None or has_maps)


def _has_any(column: Sequence[Any]) -> bool:
    return column.has_any() if isinstance(column, BytesColumn) else any(column)


def _find_schemes(transaction: Transaction, kind: Kind, rows: Rows) -> None:
    """Raise Refusal (TOO_MANY_SCHEMES) where the keys of rows could not be stored."""
    scheme_matches = SchemeMatches(transaction, kind)
    for keys in (rows.keys, *rows.fallback_keys):
        scheme_matches.find(keys.schemes if keys else ())


def _refuse_all(transaction: Transaction, wanted: AcceptJob) -> Refusal:
    """Return a refusal with the errors that the dialect found and those found here, of all rows."""
    found: list[RowError] = []
    rows = msgspec.structs.replace(read_all(wanted.bulk.rows), refused={})
    if _needs_preview(transaction, wanted, rows):
        found = _errors(preview(transaction, wanted.bulk, rows).plan.problems)
    return _refusal(sorted([*wanted.errors, *found], key=lambda error: error.i))


def _refusal(errors: Sequence[RowError]) -> Refusal:
    texts = tuple(msgspec.json.encode(error).decode() for error in errors[:MOST_ERRORS])
    return Refusal(Problem(code=Code.INVALID, texts=texts, value=str(len(errors))))


def check_quota(transaction: Transaction, wanted: CheckQuota, *, exclusive: bool) -> BulkWrite:
    rows, plan = preview(transaction, wanted.bulk, wanted.bulk.rows, exclusive=exclusive)
    creates, from_connect = _count_creates(rows, plan.creates.tolist())
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
    bulk = wanted.rows.chunk(first, last, wanted.refused)
    outcomes = write(transaction, bulk, bulk.rows, exclusive=exclusive)
    problems = {first + row: problem for row, problem in outcomes.problems.items()}
    warnings = {first + row: warning for row, warning in outcomes.warnings.items()}
    created = outcomes.statuses.count(Status.CREATED)
    from_connect = _from_connect(bulk.rows, outcomes)
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


def _count_creates(rows: Rows, creates: Sequence[int]) -> tuple[int, int]:
    """Count the contacts that rows create, and those of them that come from connect."""
    sources = rows.columns.get("source")
    from_connect = sum(sources[row] == _CONNECT for row in creates) if sources else 0
    return len(creates), from_connect


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


def _from_connect(rows: RowSource, outcomes: Outcomes) -> int:
    sources: Sequence[Any] = rows.columns.get("source", ()) if isinstance(rows, Rows) else ()
    if isinstance(sources, StringColumn) and not (sources.lengths == len(_CONNECT)).any():
        return 0
    return sum(
        status is Status.CREATED and source == _CONNECT
        for status, source in zip(outcomes.statuses, sources, strict=False)
    )


def _errors(problems: dict[int, Problem], *, warn: bool = False) -> list[RowError]:
    return [
        RowError(row, problem.code.name, problem.field, problem.texts[0] if problem.texts else "", warn)
        for row, problem in sorted(problems.items())
    ]
