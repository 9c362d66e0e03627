"""Accounts that move: what the commands of all vendors have in common."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from contactory.cli.database import open_database
from contactory.cli.errors import CommandError
from contactory.cli.options import say

if TYPE_CHECKING:
    from collections import Counter

    from contactory.accounts.importing import Survey
    from contactory.dialects.accounts import Account, Item
    from contactory.model.bulk import Status
    from contactory.store.access import Organization
    from contactory.store.database import Database

SOME_REFUSED: Final = 3
"""The exit code where records were refused and all others are stored."""

Source = Annotated[str, typer.Argument(metavar="FILE", help="The file; - is the standard input.")]
Target = Annotated[str, typer.Argument(metavar="FILE", help="The file; - is the standard output.")]

_Counts = dict[str, "Counter[Status]"]


def import_account(account: Account, file: str, org: int, *, json: bool) -> None:
    """Read an account's file into an organization. Ends with SOME_REFUSED where records were refused."""
    from contactory.accounts.importing import Steps, define, survey, write
    from contactory.accounts.spool import open_source
    from contactory.cli.progress import Progress
    from contactory.core.execute import Vault, execute
    from contactory.dialects.accounts import ItemsError
    from contactory.dialects.documents import DocumentError
    from contactory.model.caller import Actor
    from contactory.model.problems import Refusal

    with (
        _database(org) as (database, organization),
        _open(open_source, file) as source,
        Progress() as progress,
    ):
        actor = Actor(org, total_contacts=organization.total_contacts_quota)
        run = partial(execute, database, Vault(seal=None, unseal=lambda _, __: None), actor)
        steps = Steps(progress.advance, progress.advance, partial(_refuse, account))
        try:
            progress.start("Reading", source)
            found = survey(account, source, steps)
            counts = define(account, found.definitions, run)
        except DocumentError as error:
            reason = str(error).rstrip(".")
            raise CommandError(f"Nothing was written: line {error.line} of {file}: {reason}.") from error
        except ItemsError as error:
            for item, reason in error.faults:
                _refuse(account, item, reason)
            many = len(error.faults)
            raise CommandError(f"Nothing was written: {many} records cannot be taken.") from error
        except Refusal as refusal:
            raise CommandError(f"Nothing was written: {account.say(refusal.problem)}") from refusal
        try:
            for resource in account.records:
                progress.start(resource, found.counts[resource])
                counts[resource] = write(account, resource, source, run, steps)
        except Refusal as refusal:
            raise CommandError(
                f"{account.say(refusal.problem)}: {progress.completed:,} {resource} of the file are done."
                " A second run does the others."
            ) from refusal
    _report(found, counts, org, as_json=json)


def export_account(account: Account, file: str, org: int) -> None:
    """Write an organization's account to a file."""
    from contactory.accounts.exporting import export, open_target
    from contactory.core.execute import Vault, execute_encoded
    from contactory.dialects.base import Call
    from contactory.model.caller import Actor

    with _database(org) as (database, _), _open(open_target, file) as target:

        def run(call: Call) -> tuple[Any, bytes]:
            return execute_encoded(
                database,
                Vault(seal=None, unseal=lambda _, __: None),
                Actor(org),
                call.command,
                lambda result: (result, call.encode(result).body),
            )

        export(account, org, run, target)


@contextmanager
def _database(org: int) -> Iterator[tuple[Database, Organization]]:
    """The database as the service uses it, for an organization that must exist."""
    from contactory.settings import Settings
    from contactory.store.administration import Administration
    from contactory.store.database import Database

    settings = Settings.from_environment()
    with open_database(settings, exclusive=False) as url:
        with Administration(url) as administration, administration.organization(org) as (_, organization):
            pass
        database = Database(url, size=1, call_seconds=settings.call_seconds)
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


def _report(found: Survey, counts: _Counts, org: int, *, as_json: bool) -> None:
    from contactory.model.bulk import Status

    order = (Status.CREATED, Status.UPDATED, Status.UNCHANGED, Status.FAILED)
    shown = {resource: {status.value: some[status] for status in order} for resource, some in counts.items()}
    notes = _notes(found, org)
    sentences = [
        f"{resource}: " + ", ".join(f"{number:,} {status}" for status, number in numbers.items())
        for resource, numbers in shown.items()
    ]
    say("\n".join([*sentences, *notes]), {"id": org, **shown, "notes": notes}, as_json=as_json)
    if any(some[Status.FAILED] for some in counts.values()):
        raise typer.Exit(SOME_REFUSED)


def _notes(found: Survey, org: int) -> list[str]:
    """What is no error, and may still be a mistake."""
    notes = [
        f"The file is of organization {other}, and was read into {org}."
        for other in found.organizations
        if other != org
    ]
    return notes + [
        f"The file has {found.counts[resource]:,} of {total:,} {resource} that its answers tell of."
        for resource, total in found.totals.items()
        if found.counts[resource] < total
    ]
