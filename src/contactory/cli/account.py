"""The import and export of account files, for the commands of all vendors."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Final

import typer

from contactory.cli.account_report import Counts, report
from contactory.cli.database import open_database
from contactory.cli.errors import CommandError

if TYPE_CHECKING:
    from contactory.accounts.importing import Contents, Execute
    from contactory.cli.progress import Progress
    from contactory.core.execute import Encryption
    from contactory.dialects.accounts import Account, Item
    from contactory.store.access import Organization
    from contactory.store.database import Database

Source = Annotated[str, typer.Argument(metavar="FILE", help="The file; - is the standard input.")]
Target = Annotated[str, typer.Argument(metavar="FILE", help="The file; - is the standard output.")]

DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Do everything in one transaction, and roll it back.")
]

_DRY_SECONDS: Final = 24 * 3600.0


def import_account(account: Account, file: str, org: int, *, dry_run: bool, json: bool) -> None:
    """Import an account's file into an organization. Exits with SOME_REFUSED if records were refused."""
    from contactory.accounts.spool import open_source
    from contactory.cli.progress import Progress

    _tune_interpreter()
    with _open(open_source, file) as source, _runner(org, dry_run=dry_run) as run, Progress() as progress:
        found, counts = _read_and_define(account, file, source, run, progress)
        _write(account, source, found, counts, run, progress)
    report(found, counts, org, dry_run=dry_run, as_json=json)


def _tune_interpreter() -> None:
    """Collect garbage less often: a slice makes tens of thousands of objects without cycles, and repeated
    collection would take a quarter of the whole time."""
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def _read_and_define(
    account: Account, file: str, source: BinaryIO, run: Execute, progress: Progress
) -> tuple[Contents, Counts]:
    """Read the file, and write its definitions unless anything is wrong with the file or one of them. Raises
    CommandError."""
    from contactory.accounts.importing import define, read_contents
    from contactory.dialects.accounts import ItemsError
    from contactory.dialects.documents import DocumentError
    from contactory.model.problems import Refusal

    try:
        progress.start("Reading", source)
        found = read_contents(account, source, progress.advance)
        return found, define(account, found.definitions, run)
    except DocumentError as error:
        reason = f"line {error.line} of {file}: {str(error).rstrip('.')}."
        raise CommandError(f"Nothing was written: {reason}") from error
    except ItemsError as error:
        for item, reason in error.faults:
            _refuse(account, item, reason)
        many = len(error.faults)
        raise CommandError(f"Nothing was written: {many} records cannot be taken.") from error
    except Refusal as refusal:
        raise CommandError(f"Nothing was written: {account.describe(refusal.problem)}") from refusal


def _write(
    account: Account, source: BinaryIO, found: Contents, counts: Counts, run: Execute, progress: Progress
) -> None:
    from contactory.accounts.importing import write
    from contactory.model.problems import Refusal

    for resource in account.records:
        progress.start(resource, found.counts[resource])
        try:
            counts[resource] = write(
                account, resource, source, run, progress.advance, partial(_refuse, account)
            )
        except Refusal as refusal:
            done = f"{progress.completed:,} {resource} of the file are done. A second run does the others."
            raise CommandError(f"{account.describe(refusal.problem)}: {done}") from refusal


def export_account(account: Account, file: str, org: int) -> None:
    """Export an organization's account to a file."""
    from contactory.accounts.exporting import export, open_target
    from contactory.core.execute import execute_encoded
    from contactory.dialects.base import Call
    from contactory.model.caller import Actor

    with _database(org) as (database, _), _open(open_target, file) as target:

        def run(call: Call) -> tuple[Any, bytes]:
            return execute_encoded(
                database,
                _encryption(),
                Actor(org),
                call.command,
                lambda result: (result, call.encode(result).body),
            )

        export(account, org, run, target)


@contextmanager
def _runner(org: int, *, dry_run: bool) -> Iterator[Execute]:
    """Yield a function that executes a command: each in a transaction, or all in one that is rolled back."""
    from contactory.core.execute import execute, rehearse
    from contactory.model.caller import Actor

    with _database(org, seconds=_DRY_SECONDS if dry_run else None) as (database, organization):
        actor = Actor(org, total_contacts=organization.total_contacts_quota)
        if not dry_run:
            yield partial(execute, database, _encryption(), actor)
            return
        with rehearse(database, _encryption(), actor) as run:
            yield run


def _encryption() -> Encryption:
    """Return an encryption without a key, since no field of an account file is encrypted."""
    from contactory.core.execute import Encryption

    return Encryption(encrypt=None, decrypt=lambda _, __: None)


@contextmanager
def _database(org: int, *, seconds: float | None = None) -> Iterator[tuple[Database, Organization]]:
    """Yield the database as the service uses it, and an organization, which must exist. `seconds`: the time
    limit of a transaction; None: that of the settings."""
    from contactory.settings import Settings
    from contactory.store.administration import Administration
    from contactory.store.database import Database

    settings = Settings.from_environment()
    with open_database(settings, exclusive=False) as url:
        with Administration(url) as administration, administration.organization(org) as (_, organization):
            pass
        database = Database(url, size=1, call_seconds=seconds or settings.call_seconds)
        database.open()
        try:
            yield database, organization
        finally:
            database.close()


@contextmanager
def _open(opener: Any, file: str) -> Iterator[Any]:
    try:
        with opener(file) as opened:
            yield opened
    except OSError as error:
        if error.filename is None:
            raise
        raise CommandError(f"{file} cannot be used: {error.strerror}.") from error


def _refuse(account: Account, item: Item, reason: str) -> None:
    typer.echo(f"{item.place}: {account.name(item)}: {reason}", err=True)
