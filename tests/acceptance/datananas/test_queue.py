"""Organizations take turns in the queue of jobs, it is bounded, and no job stops the others."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from threading import Thread
from uuid import uuid4

import httpx
import psycopg
import pytest

from contactory.access.secrets import hash_secret
from contactory.access.tokens import new_token
from contactory.core.execute import Encryption
from contactory.dialects.datananas import Datananas
from contactory.jobs.sweeper import Sweeper
from contactory.jobs.worker import Worker
from contactory.model.limits import JOB_ATTEMPTS, OPEN_JOB_BYTES, OPEN_JOBS
from contactory.store import access, embedded
from contactory.store.administration import Administration
from contactory.store.database import Database
from contactory.store.jobs import Claims
from tests.acceptance.server import Server

from .client import Api
from .conftest import MakeApi
from .test_bulk import finish, people, send
from .watching import ENDING, watching

OPEN = (
    "INSERT INTO jobs (organization_id, id, user_id, list_id, state, total, reserved, reserved_connect,"
    " payload) VALUES (%s, %s, %s, 0, %s, %s, 0, 0, %s)"
)


class Place:
    """A service that accepts jobs and has no workers, so that a test can arrange its queue, and its
    database."""

    def __init__(self, server: Server, url: str, http: httpx.Client) -> None:
        self.server, self.url, self._http = server, url, http

    def api(self) -> Api:
        with Administration(self.url) as administration:
            organization = administration.create_organization("Acme")
            token = new_token(organization)
            with administration.organization(organization) as (transaction, _):
                access.create_token(transaction, hash_secret(token), scopes=["*"])
        return Api(self._http, self.server.url, organization, token)

    def forget_jobs(self) -> None:
        with psycopg.connect(self.url) as owner:
            owner.execute("DELETE FROM jobs")


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory, http: httpx.Client) -> Iterator[Place]:
    server = Server(tmp_path_factory.mktemp("idle"), SERVE_WORKS="false")
    with embedded.running(server.data_dir, exclusive=False) as url:
        yield Place(server, url, http)
    server.stop()


def test_job_of_one_row_does_not_wait_for_another_organizations_thousands(
    idle: Place, tmp_path: Path
) -> None:
    greedy, modest = idle.api(), idle.api()
    first = [send(greedy, *people(10_000, number * 10_000))["uuid"] for number in range(3)]
    small = send(modest, *people(1))["uuid"]
    server = Server(tmp_path, DATABASE_URL=idle.url)
    try:
        done = finish(modest, small)
        assert done["created"] == 1
        jobs = [greedy.ask("GET", f"/contacts/bulk/{uuid}") for uuid in first]
        # Each organization had one turn: a chunk that was being written, and perhaps one more.
        assert sum(job["processed"] for job in jobs) <= 10_000
        ended = [finish(greedy, uuid) for uuid in first]
        assert [job["created"] for job in ended] == [10_000] * 3
        # The jobs of one user are done in their order.
        moments = [(job["startedAt"], job["endedAt"]) for job in ended]
        assert moments == sorted(moments)
        assert all(before[1] <= after[0] for before, after in pairwise(moments))
    finally:
        server.stop()
        idle.forget_jobs()


def test_waiting_jobs_are_bounded(idle: Place) -> None:
    api, other = idle.api(), idle.api()
    with psycopg.connect(idle.url) as owner:
        for _ in range(OPEN_JOBS - 1):
            owner.execute(OPEN, [api.organization, uuid4(), 0, "queued", 1, b""])
    again = {"json": {"contacts": people(1)}, "headers": {"idempotency-key": "again"}}
    last = api.call("POST", "/contacts/bulk", **again).json()
    refused = api.call("POST", "/contacts/bulk", json={"contacts": people(1)})
    assert (refused.status_code, refused.json()["reason"]) == (429, "bulk_busy")
    assert int(refused.headers["retry-after"]) > 0
    assert api.call("POST", "/contacts/bulk", **again).json() == last  # It was accepted before.
    assert send(other, *people(1))
    with psycopg.connect(idle.url) as owner:
        owner.execute("UPDATE jobs SET state = 'ended', ended_at = now() WHERE id = %s", [last["uuid"]])
    assert send(api, *people(1))
    idle.forget_jobs()


def test_bytes_of_waiting_jobs_are_bounded(idle: Place) -> None:
    api = idle.api()
    assert send(api, *people(1))
    with psycopg.connect(idle.url) as owner:
        (size,) = owner.execute("SELECT octet_length(payload) FROM jobs").fetchone() or (0,)
        owner.execute(OPEN, [api.organization, uuid4(), 0, "queued", 1, bytes(OPEN_JOB_BYTES - 2 * size)])
    assert send(api, *people(1))
    refused = api.call("POST", "/contacts/bulk", json={"contacts": people(1)})
    assert (refused.status_code, refused.json()["reason"]) == (429, "bulk_busy")
    idle.forget_jobs()


@pytest.mark.parametrize("payload", [b"", b"\xc1", b"\x80", b"\x81\xa5count\xa1x", b"\xff" * 100])
def test_unreadable_job_fails_and_the_next_one_runs(
    make_datananas: MakeApi, owner: psycopg.Connection, payload: bytes
) -> None:
    """The job is older than all others, and of the same user as the next."""
    api = make_datananas()
    poisoned = uuid4()
    with watching(api) as sockets:
        owner.execute(OPEN, [api.organization, poisoned, 0, "queued", 5, payload])
        assert sockets.next() == {
            "type": ENDING,
            "payload": {"uuid": str(poisoned), "created": 0, "updated": 0, "failed": 0},
        }
        assert finish(api, send(api, *people(3))["uuid"])["created"] == 3
    job = api.ask("GET", f"/contacts/bulk/{poisoned}")
    assert (job["state"], job["processed"]) == ("failed", 0)
    assert job["reason"] == "what was accepted cannot be read any more"
    with watching(api, f"?replay={poisoned}") as sockets:
        assert sockets.until_end()[-1]["payload"]["uuid"] == str(poisoned)


def test_reason_of_a_failed_job_is_logged(idle: Place, caplog: pytest.LogCaptureFixture) -> None:
    api, poisoned = idle.api(), uuid4()
    with psycopg.connect(idle.url) as owner:
        owner.execute(OPEN, [api.organization, poisoned, 0, "queued", 5, b""])
    database = Database(idle.url, size=2)
    database.open()
    worker = Worker(database, Encryption(None, lambda *_: ""), Datananas(), Sweeper(database, 0))
    working = Thread(target=worker.run)
    working.start()
    try:
        assert finish(api, str(poisoned))["state"] == "failed"
    finally:
        worker.stop()
        working.join()
        database.close()
        idle.forget_jobs()
    said = f"job {poisoned} of organization {api.organization} has failed: what was accepted cannot be read"
    assert any(said in record.getMessage() for record in caplog.records)


def test_rows_of_earlier_chunks_stay_when_a_later_chunk_fails(
    make_datananas: MakeApi, owner: psycopg.Connection
) -> None:
    """The database refuses a row of the second chunk in every attempt."""
    api = make_datananas()
    forbid = (
        "CREATE OR REPLACE FUNCTION forbid() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN IF NEW.last_name = 'forbidden' THEN RAISE numeric_value_out_of_range; END IF;"
        " RETURN NEW; END $$;"
        " CREATE OR REPLACE TRIGGER forbid BEFORE INSERT ON contacts_rows"
        " FOR EACH ROW EXECUTE FUNCTION forbid()"
    )
    owner.execute(forbid.encode())
    try:
        rows = [*people(5100), {"email": "last@example.org", "lastName": "forbidden"}]
        job = finish(api, send(api, *rows)["uuid"])
        assert finish(api, send(api, *people(3))["uuid"])["updated"] == 3
    finally:
        owner.execute("DROP TRIGGER forbid ON contacts_rows; DROP FUNCTION forbid()")
    assert (job["state"], job["processed"], job["created"]) == ("failed", 5000, 5000)
    assert job["reason"].startswith("the database cannot hold what was sent")
    assert api.ask("GET", "/contacts")["page"]["total"] == 5000


def test_chunk_that_kills_every_worker_is_given_up(
    make_datananas: MakeApi, owner: psycopg.Connection
) -> None:
    """A worker that dies leaves nothing but the number of attempts."""
    api = make_datananas()
    uuid = uuid4()
    owner.execute(OPEN, [api.organization, uuid, 0, "running", 5, b""])
    owner.execute("UPDATE jobs SET attempts = %s WHERE id = %s", [JOB_ATTEMPTS, uuid])
    assert finish(api, str(uuid))["reason"] == f"given up after {JOB_ATTEMPTS} attempts at the same rows"


def test_attempts_back_off_and_delay_only_their_user(idle: Place) -> None:
    api, other = idle.api(), idle.api()
    first, second, theirs = uuid4(), uuid4(), uuid4()
    with psycopg.connect(idle.url, autocommit=True) as owner:
        owner.execute(OPEN, [api.organization, first, 1, "queued", 1, b""])
        owner.execute(OPEN, [api.organization, second, 1, "queued", 1, b""])
        owner.execute(OPEN, [other.organization, theirs, 1, "queued", 1, b""])
        database = Database(idle.url, size=1)
        database.open()
        try:
            with database.session() as connection:
                claims = Claims(connection)
                claimed = [claims.claim()]
                for _ in range(3):
                    before = claimed[-1]
                    assert before
                    claimed.append(claims.claim(before.id))
                assert [claim and (claim.id, claim.attempts) for claim in claimed] == [
                    (first, 1),
                    (theirs, 1),
                    (first, 2),
                    (theirs, 2),
                ]
                assert claims.claim(theirs) is None  # All are postponed, and the second waits for the first.
                delays = owner.execute(
                    "SELECT extract(epoch FROM next_attempt_at - now())::float8 FROM jobs WHERE attempts > 0"
                )
                assert all(0 < delay <= 1 for (delay,) in delays)
                owner.execute("UPDATE jobs SET next_attempt_at = NULL, attempts = 40 WHERE attempts > 0")
                assert claims.claim()
                (most,) = owner.execute(
                    "SELECT extract(epoch FROM max(next_attempt_at) - now())::float8 FROM jobs"
                ).fetchone() or (0,)
                assert 50 < most <= 60
        finally:
            database.close()
    idle.forget_jobs()
