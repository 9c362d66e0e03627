"""Quota of contacts of an organization, through any API."""

from __future__ import annotations

from contactory.model.fields import CONTACTS, Kind
from contactory.model.jobs import TOTAL
from contactory.model.problems import Code, Problem, Refusal
from contactory.store import directory, jobs
from contactory.store.database import Transaction


def check_total(transaction: Transaction, kind: Kind, created: int) -> None:
    """Raise Refusal (QUOTA_EXCEEDED) for a write after which there are more contacts than the quota. Contacts
    that accepted jobs may still create count.

    The check comes at the end of a write, and only where there is a quota. A lock makes calls check one after
    another, so that two cannot both use the last of it.
    """
    quota = transaction.actor.total_contacts
    if not quota or not created or kind is not CONTACTS:
        return
    jobs.lock_quota(transaction)
    reserved, _ = jobs.find_reserved(transaction, 0)
    if directory.count_all_contacts(transaction) + reserved > quota:
        raise Refusal(Problem(code=Code.QUOTA_EXCEEDED, value=TOTAL))
