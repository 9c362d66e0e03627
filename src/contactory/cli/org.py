"""`contactory org`: organizations and their quotas."""

from __future__ import annotations

from typing import Annotated

import typer

from contactory.cli.database import open_administration
from contactory.cli.errors import CommandError
from contactory.cli.options import Json, Yes, confirm, print_result
from contactory.model.limits import LARGEST_GIVEN_ID

_LARGEST_QUOTA = 2**63 - 1

commands = typer.Typer(help="Organizations and their quotas.", no_args_is_help=True)

Quota = Annotated[int | None, typer.Option(min=0, max=_LARGEST_QUOTA, help="0: no limit.")]


@commands.command()
def create(
    name: str,
    organization_id: Annotated[
        int | None,
        typer.Option("--id", min=1, max=LARGEST_GIVEN_ID, metavar="ID", help="Its id; default: a new one."),
    ] = None,
    json: Json = False,
) -> None:
    """Create an organization."""
    if not name.strip():
        raise CommandError("An organization needs a name.")
    with open_administration() as administration:
        organization_id = administration.create_organization(name.strip(), organization_id)
    print_result(
        f"Created organization {organization_id}: {name.strip()}.", {"id": organization_id}, as_json=json
    )


@commands.command()
def delete(
    organization_id: Annotated[int, typer.Argument(min=1, metavar="ID")], yes: Yes = False, json: Json = False
) -> None:
    """Delete an organization with all its data, for good. New requests are refused at once; running ones are
    finished first."""
    from contactory.store import accounts

    with open_administration() as administration:
        with administration.organization(organization_id) as (transaction, organization):
            confirm(
                f"Delete organization {organization_id}, {organization.name}, with all contacts?", yes=yes
            )
            accounts.lock_out(transaction)
        with administration.organization(organization_id) as (transaction, _):
            accounts.delete_organization(transaction)
    done = {"id": organization_id, "deleted": True}
    print_result(f"Deleted organization {organization_id}, {organization.name}.", done, as_json=json)


@commands.command()
def quota(
    organization_id: Annotated[int, typer.Argument(min=1, metavar="ID")],
    total_contacts: Quota = None,
    connect_daily: Quota = None,
    json: Json = False,
) -> None:
    """Set how many contacts an organization may have, through all APIs together, and how many each user may
    add per day with connect (Datananas). Without options, show both."""
    from contactory.store import access

    with (
        open_administration() as administration,
        administration.organization(organization_id) as (transaction, _),
    ):
        access.set_quota(transaction, total_contacts=total_contacts, daily_connect=connect_daily)
        organization = access.find_organization(transaction)
    assert organization is not None  # noqa: S101 (the transaction is bound to one that exists)
    total, daily = organization.total_contacts_quota, organization.daily_connect_quota
    print_result(
        f"Organization {organization_id} may have {total or 'any number of'} contacts,"
        f" and each user may add {daily or 'any number of'} a day with connect.",
        {"id": organization_id, "total_contacts": total, "connect_daily": daily},
        as_json=json,
    )
