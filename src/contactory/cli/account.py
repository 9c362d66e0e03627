"""Accounts that move: what the commands of all vendors have in common."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Final, NamedTuple

import typer

from contactory.cli.account_report import Counts, report
from contactory.cli.database import open_database
from contactory.cli.errors import CommandError
from contactory.cli.vault import closed_vault, open_vault

if TYPE_CHECKING:
    from contactory.accounts.importing import Execute, Survey
    from contactory.cli.progress import Progress
    from contactory.core.execute import Vault
    from contactory.dialects.accounts import Account, Item
    from contactory.store.access import Organization
    from contactory.store.database import Database

Source = Annotated[str, typer.Argument(metavar="FILE", help="The file; - is the standard input.")]
Target = Annotated[str, typer.Argument(metavar="FILE", help="The file; - is the standard output.")]

DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Do all of it in one transaction, and undo that at the end.")
]

_DRY_SECONDS: Final = 24 * 3600.0


def import_account(account: Account, file: str, org: int, *, dry_run: bool, json: bool) -> None:
    """Read an account's file into an organization. Ends with SOME_REFUSED where records were refused."""
    from contactory.accounts.spool import open_source
    from contactory.cli.progress import Progress

    _calm_the_interpreter()
    with (
        _open(open_source, file) as source,
        _runner(account, org, dry_run=dry_run) as run,
        Progress() as progress,
    ):
        found, counts = _survey_and_define(account, file, source, run, progress)
        _write(account, source, found, counts, run, progress)
    report(found, counts, org, dry_run=dry_run, as_json=json)


def _calm_the_interpreter() -> None:
    """A slice makes ten thousands of objects that have no cycles. To look through them again and again would
    take a quarter of the whole time."""
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def _survey_and_define(
    account: Account, file: str, source: BinaryIO, run: Execute, progress: Progress
) -> tuple[Survey, Counts]:
    """All that comes before the first record. Nothing is written where anything is wrong with it."""
    from contactory.accounts.importing import define, survey
    from contactory.dialects.accounts import ItemsError
    from contactory.dialects.documents import DocumentError
    from contactory.model.problems import Refusal

    try:
        progress.start("Reading", source)
        found = survey(account, source, progress.advance)
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
        raise CommandError(f"Nothing was written: {account.say(refusal.problem)}") from refusal


def _write(
    account: Account, source: BinaryIO, found: Survey, counts: Counts, run: Execute, progress: Progress
) -> None:
    from contactory.accounts.importing import write
    from contactory.model.problems import Refusal

    for resource in account.records:
        if not found.counts[resource]:
            counts[resource] = Counter()
            continue
        progress.start(resource, found.counts[resource])
        try:
            counts[resource] = write(
                account, resource, source, run, progress.advance, partial(_refuse, account)
            )
        except Refusal as refusal:
            raise CommandError(
                f"{account.say(refusal.problem)}: {progress.completed:,} {resource} of the file are done."
                " A second run does the others."
            ) from refusal


def export_account(account: Account, file: str, org: int) -> None:
    """Write an organization's account to a file."""
    from contactory.accounts.exporting import export, open_target
    from contactory.core.execute import execute_encoded
    from contactory.dialects.base import Call
    from contactory.model.caller import Actor

    with _database(account, org) as place, _open(open_target, file) as target:
        if place.fault:
            raise CommandError(place.fault)

        def run(call: Call) -> tuple[Any, bytes]:
            return execute_encoded(
                place.database,
                place.vault,
                Actor(org),
                call.command,
                lambda result: (result, call.encode(result).body),
            )

        export(account, org, run, target)


@contextmanager
def _runner(account: Account, org: int, *, dry_run: bool) -> Iterator[Execute]:
    """Give what does commands in an organization, each in a transaction, or all in one that is undone."""
    from contactory.core.execute import execute, rehearse
    from contactory.model.caller import Actor

    with _database(account, org, seconds=_DRY_SECONDS if dry_run else None) as place:
        actor = Actor(org, total_contacts=place.organization.total_contacts_quota)
        if not dry_run:
            yield partial(execute, place.database, place.vault, actor)
            return
        with rehearse(place.database, place.vault, actor) as run:
            yield run


class _Place(NamedTuple):
    """The database as the service uses it, an organization in it, and what is wrong with the secret key, ""
    for nothing."""

    database: Database
    vault: Vault
    organization: Organization
    fault: str


@contextmanager
def _database(account: Account, org: int, *, seconds: float | None = None) -> Iterator[_Place]:
    """An organization that must exist. `seconds`: for a transaction, unless it is as long as the settings
    say."""
    from contactory.settings import Settings
    from contactory.store.administration import Administration
    from contactory.store.database import Database

    settings = Settings.from_environment()
    with open_database(settings, exclusive=False) as url:
        with Administration(url) as administration, administration.organization(org) as (_, organization):
            pass
        vault, fault = open_vault(settings, url) if account.has_secrets else (closed_vault(), "")
        database = Database(url, size=1, call_seconds=seconds or settings.call_seconds)
        database.open()
        try:
            yield _Place(database, vault, organization, fault)
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
