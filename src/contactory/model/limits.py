"""Every bound that is no setting. The table in docs/reference/limits.md tells what each is for, with the
error that is given beyond it and the test that holds it."""

from __future__ import annotations

from typing import Final

# The database

CALL_SECONDS: Final = 60  # for the work of a call, unless the settings say otherwise
ACQUIRE_SECONDS: Final = 1.8  # that a call waits for a connection
CONNECT_SECONDS: Final = 2  # until a connection is made and ready; the driver allows no less
BEAT_SECONDS: Final = 0.4  # between two questions whether the database answers
ANSWER_SECONDS: Final = 0.6  # until the answer to one
SECOND_OPINION_SECONDS: Final = 0.6  # until a new connection is made, where there was none
RETRY_SECONDS: Final = 0.25  # between attempts to reach a database that is away
PING_SECONDS: Final = 1.8  # that /ready waits
START_SECONDS: Final = 60  # that `serve` and `worker` wait for their database
FRESH_SECONDS: Final = 5.0  # that a connection may rest and be used without being tried first
CUT_SECONDS: Final = 2.0  # after its deadline, until a call that does not end loses its connection

# Jobs

OPEN_JOBS: Final = 100  # of an organization
OPEN_JOB_BYTES: Final = 128 << 20  # of their rows, where it has more than one
BUSY_SECONDS: Final = 5  # until a call that found too many may come again
JOB_ATTEMPTS: Final = 20  # at one chunk, over a quarter of an hour
JOB_DAYS: Final = 7  # that a job is kept after its end

# What is kept

SCHEMES: Final = 10_000  # numberings (sources in a language) of an organization
SWEEP_SECONDS: Final = 600  # between two sweeps of a worker
SWEEP_ROWS: Final = 1000  # of each kind, in one transaction
PURGE_DAYS: Final = 30  # that a deleted record is kept, unless the settings say otherwise
