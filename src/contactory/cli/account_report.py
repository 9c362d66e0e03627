"""The report at the end of an import."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import typer

from contactory.cli.options import print_result

if TYPE_CHECKING:
    from collections import Counter

    from contactory.accounts.importing import Contents
    from contactory.model.bulk import Status

SOME_REFUSED: Final = 3
"""The exit code if some records were refused and all others are stored."""

Counts = dict[str, "Counter[Status]"]


def report(found: Contents, counts: Counts, org: int, *, dry_run: bool, as_json: bool) -> None:
    """Print the outcomes of all records, and exit with SOME_REFUSED if some were refused."""
    from contactory.model.bulk import Status

    order = (Status.CREATED, Status.UPDATED, Status.UNCHANGED, Status.FAILED)
    shown = {resource: {status.value: some[status] for status in order} for resource, some in counts.items()}
    notes = _notes(found, org)
    if dry_run:
        notes.append("Nothing was written: this was a dry run.")
    sentences = [
        f"{resource}: " + ", ".join(f"{number:,} {status}" for status, number in numbers.items())
        for resource, numbers in shown.items()
    ]
    print_result("\n".join([*sentences, *notes]), {"id": org, **shown, "notes": notes}, as_json=as_json)
    if any(some[Status.FAILED] for some in counts.values()):
        raise typer.Exit(SOME_REFUSED)


def _notes(found: Contents, org: int) -> list[str]:
    """Return notes about things that are no errors, but may be mistakes."""
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
