"""POST /contacts/bulk: up to 10,000 contacts, accepted at once and written afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import msgspec

from contactory.dialects.base import Call, Reply, Request, bearer, json_encode
from contactory.dialects.datananas.bodies import check_sizes
from contactory.dialects.datananas.contacts import READ
from contactory.dialects.datananas.ids import encode_id
from contactory.dialects.datananas.job_rows import compress, encode_job
from contactory.dialects.datananas.names import normalize
from contactory.dialects.datananas.paging import page_info, read_page
from contactory.dialects.datananas.problems import JSON, encode_error, wrong
from contactory.dialects.datananas.records import encode_moment
from contactory.dialects.datananas.sent import DEPTH, MAX_CONTACTS, open_body
from contactory.dialects.datananas.targets import resolve_list
from contactory.dialects.datananas.write import (
    Rules,
    WriteOptions,
    find_errors,
    find_refused,
    make_rows,
    make_write,
    required_lookups,
)
from contactory.model.caller import Caller
from contactory.model.commands import Chain, Command, Return
from contactory.model.jobs import AcceptJob, Event, FindJob, Job, ListJobs, QueueJob
from contactory.model.problems import Code, Problem, Refusal

MAX_RETRY_KEY: Final = 255
_MOVES: Final = frozenset(
    map(normalize, ("moveExisting", "move", "moveContacts", "moveToList", "moveExistingContacts"))
)
_REPLACES: Final = frozenset(
    map(normalize, ("replaceOwner", "updateOwner", "changeOwner", "overrideOwner", "overwriteOwner"))
)
_PARTIAL: Final = frozenset({"partial"})


def decode_bulk(request: Request) -> Call:
    """Decode a bulk call. Everything that can refuse it is checked before its job is accepted."""
    check_sizes(request.body, most=MAX_CONTACTS, depth=DEPTH)
    compressed = compress(request.body)
    caller, sent = request.caller, open_body(request.body)
    rows = sent.rows.read(range(len(sent.rows)))
    is_whole = not _flag(request.query, _PARTIAL)
    moves, replaces = _flag(request.query, _MOVES), _flag(request.query, _REPLACES)
    options = partial(WriteOptions, moves=moves, replaces_owner=replaces)
    retry_key = request.headers.get("idempotency-key", "")
    if len(retry_key) > MAX_RETRY_KEY or "\0" in retry_key:
        raise wrong("Idempotency-Key", f"has more than {MAX_RETRY_KEY} characters")
    fingerprint = _fingerprint(request) if retry_key else b""

    def accept(list_id: int) -> Command:
        def command(users: Any) -> Command:
            rules, errors = Rules.of(users, caller, options(list_id)), find_errors(rows, users)
            return AcceptJob(
                bulk=make_write(make_rows(rows, rules, find_refused(errors)), rules),
                content=encode_job(compressed(), rules),
                errors=errors,
                user_id=caller.user_id or 0,
                list_id=list_id,
                whole=is_whole,
                retry_key=retry_key and f"{_retry_scope(request)} {retry_key}",
                fingerprint=fingerprint,
            )

        return Chain(required_lookups(rows), command)

    def encode(job: Job) -> Reply:
        body = {"uuid": str(job.id), "listId": encode_id(job.list_id), "total": job.total}
        return Reply(200, json_encode(body), JSON)

    def make_event(job: Job) -> Event | None:
        return job.beginning(caller.organization_id) if job.is_new else None

    return Call(
        resolve_list(sent.target, caller, accept),
        encode,
        make_event=make_event,
        afterwards=lambda job: QueueJob(job.id),
    )


def _fingerprint(request: Request) -> bytes:
    """Return a hash of all that a request says, by which another one with its Idempotency-Key is told."""
    query = sorted((normalize(name), list(values)) for name, values in request.query.items())
    return sha256(json_encode(query) + request.body).digest()


def _retry_scope(request: Request) -> str:
    """Return the scope in which an Idempotency-Key is unique: the token, or the client and its user, whose
    tokens change."""
    caller, credentials = request.caller, bearer(request)
    if caller.client_id:
        return f"{caller.client_id} {caller.user_id or 0}"
    return sha256((credentials.token if credentials else "").encode()).hexdigest()


def decode_job(request: Request) -> Call:
    """Decode a request for one bulk call, which is kept for seven days after its end."""
    try:
        id_ = UUID(request.path["id"])
    except ValueError as error:
        raise Refusal(Problem(code=Code.NOT_FOUND, kind="job")) from error

    def check(job: Job) -> Command:
        if _sees_own_only(request.caller) and job.user_id != (request.caller.user_id or 0):
            raise Refusal(Problem(code=Code.NOT_FOUND, kind="job"))
        return Return(job)

    def encode(job: Job) -> Reply:
        details = {
            name: [encode_error(msgspec.to_builtins(error)) for error in job.errors if error.warns is warns]
            for name, warns in (("errors", False), ("warnings", True))
        }
        return Reply(200, json_encode(_show(job) | details), JSON)

    return Call(Chain(FindJob(id_), check), encode)


def decode_jobs(request: Request) -> Call:
    """Decode a request for a page of bulk calls, without their errors: each may have 10,000."""
    number, size = read_page(request.query)
    user_id = request.caller.user_id or 0 if _sees_own_only(request.caller) else None

    def encode(found: tuple[Sequence[Job], int]) -> Reply:
        jobs, count = found
        shown = [_show(job) for job in jobs]
        return Reply(200, json_encode({"bulks": shown, "page": page_info(number, size, count)}), JSON)

    return Call(ListJobs(page=number, size=size, user_id=user_id), encode)


def _sees_own_only(caller: Caller) -> bool:
    """Tell whether the caller sees its own user's bulk calls only, since its token may only write."""
    return not caller.may(READ)


def _show(job: Job) -> dict[str, Any]:
    reason = {"reason": job.reason} if job.reason else {}
    return reason | {
        "uuid": str(job.id),
        "listId": encode_id(job.list_id),
        "state": "queued" if job.state == "accepted" else job.state,
        "total": job.total,
        "processed": job.processed,
        "created": job.created,
        "updated": job.updated,
        "failed": job.failed,
        "acceptedAt": encode_moment(job.accepted_at),
        "startedAt": encode_moment(job.started_at),
        "endedAt": encode_moment(job.ended_at),
    }


def _flag(query: Mapping[str, Sequence[str]], names: frozenset[str]) -> bool:
    """Read a flag of the query; an empty value is true. Raises Refusal (INVALID)."""
    for name, values in query.items():
        if normalize(name) in names:
            word = (values[-1] if values else "").lower()
            if word not in ("", "true", "1", "false", "0"):
                raise wrong(name, "is neither true nor false")
            return word not in ("false", "0")
    return False
