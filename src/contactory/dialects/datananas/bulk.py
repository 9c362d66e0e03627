"""POST /contacts/bulk: up to ten thousand contacts, accepted at once and written afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import msgspec

from contactory.dialects.base import Call, Reply, Request, bearer, json_encode
from contactory.dialects.datananas.bodies import read_object
from contactory.dialects.datananas.contacts import READ
from contactory.dialects.datananas.ids import encode_id
from contactory.dialects.datananas.names import plain
from contactory.dialects.datananas.paging import page_of, paged
from contactory.dialects.datananas.problems import JSON, encode_error, wrong
from contactory.dialects.datananas.records import encode_moment
from contactory.dialects.datananas.rows import read_rows
from contactory.dialects.datananas.targets import with_list
from contactory.dialects.datananas.write import How, find_errors, needed, write_rows
from contactory.model.caller import Caller
from contactory.model.commands import Answer, Chain, Command
from contactory.model.jobs import AcceptJob, Event, FindJob, Job, ListJobs, QueueJob
from contactory.model.problems import Code, Problem, Refusal

MAX_CONTACTS: Final = 10_000
MAX_RETRY_KEY: Final = 255
_MOVES: Final = frozenset(
    map(plain, ("moveExisting", "move", "moveContacts", "moveToList", "moveExistingContacts"))
)
_REPLACES: Final = frozenset(
    map(plain, ("replaceOwner", "updateOwner", "changeOwner", "overrideOwner", "overwriteOwner"))
)
_PARTIAL: Final = frozenset({"partial"})


def decode_bulk(request: Request) -> Call:
    """Everything that can refuse the call is decided before its job begins."""
    caller, body = request.caller, read_object(request.body, most=MAX_CONTACTS, depth=2)
    rows = read_rows(_contacts(body))
    partial = _flag(request.query, _PARTIAL)
    moves, replaces = _flag(request.query, _MOVES), _flag(request.query, _REPLACES)
    retry_key = request.headers.get("idempotency-key", "")
    if len(retry_key) > MAX_RETRY_KEY or "\0" in retry_key:
        raise wrong("Idempotency-Key", f"has more than {MAX_RETRY_KEY} characters")
    query = sorted((plain(name), list(values)) for name, values in request.query.items())
    fingerprint = sha256(json_encode(query) + request.body).digest()

    def accept(list_id: int) -> Command:
        def command(users: Any) -> Command:
            how, errors = How(list_id, moves, replaces), find_errors(rows, users)
            return AcceptJob(
                bulk=write_rows(rows, users, caller, how, errors=errors),
                errors=errors,
                user_id=caller.user_id or 0,
                list_id=list_id,
                whole=not partial,
                retry_key=retry_key and f"{_who(request)} {retry_key}",
                fingerprint=fingerprint,
            )

        return Chain(needed(rows), command)

    def encode(job: Job) -> Reply:
        body = {"uuid": str(job.id), "listId": encode_id(job.list_id), "total": job.total}
        return Reply(200, json_encode(body), JSON)

    def announce(job: Job) -> Event | None:
        return job.beginning(caller.organization_id) if job.is_new else None

    return Call(
        with_list(body.get("list"), caller, accept),
        encode,
        announce=announce,
        afterwards=lambda job: QueueJob(job.id),
    )


def _who(request: Request) -> str:
    """Says whose key of a retry it is: the token's, or its client's and user's, since those tokens change."""
    caller, shown = request.caller, bearer(request)
    if caller.client_id:
        return f"{caller.client_id} {caller.user_id or 0}"
    return sha256((shown.token if shown else "").encode()).hexdigest()


def decode_job(request: Request) -> Call:
    """What became of a bulk call, for seven days after its end."""
    try:
        id_ = UUID(request.path["id"])
    except ValueError as error:
        raise Refusal(Problem(code=Code.NOT_FOUND, kind="job")) from error

    def check(job: Job) -> Command:
        if _sees_own_only(request.caller) and job.user_id != (request.caller.user_id or 0):
            raise Refusal(Problem(code=Code.NOT_FOUND, kind="job"))
        return Answer(job)

    def encode(job: Job) -> Reply:
        told = {
            name: [encode_error(msgspec.to_builtins(error)) for error in job.errors if error.warns is warns]
            for name, warns in (("errors", False), ("warnings", True))
        }
        return Reply(200, json_encode(_show(job) | told), JSON)

    return Call(Chain(FindJob(id_), check), encode)


def decode_jobs(request: Request) -> Call:
    """Without the errors of each, of which there may be ten thousand."""
    number, size = page_of(request.query)
    user_id = request.caller.user_id or 0 if _sees_own_only(request.caller) else None

    def encode(found: tuple[Sequence[Job], int]) -> Reply:
        jobs, count = found
        shown = [_show(job) for job in jobs]
        return Reply(200, json_encode({"bulks": shown, "page": paged(number, size, count)}), JSON)

    return Call(ListJobs(page=number, size=size, user_id=user_id), encode)


def _sees_own_only(caller: Caller) -> bool:
    """A token that may write only is told of its own user's calls, and not of those of nobody."""
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


def _contacts(body: dict[str, Any]) -> list[Any]:
    contacts = body.get("contacts")
    if not isinstance(contacts, list) or not 1 <= len(contacts) <= MAX_CONTACTS:
        raise wrong("contacts", f"is not an array of 1 to {MAX_CONTACTS} contacts")
    return contacts


def _flag(query: Mapping[str, Sequence[str]], names: frozenset[str]) -> bool:
    """An empty value is true."""
    for name, values in query.items():
        if plain(name) in names:
            word = (values[-1] if values else "").lower()
            if word not in ("", "true", "1", "false", "0"):
                raise wrong(name, "is neither true nor false")
            return word not in ("false", "0")
    return False
