"""How many contacts an organization may have, by whichever API they come."""

from __future__ import annotations

from contactory.model.fields import CONTACTS, Kind
from contactory.model.jobs import TOTAL
from contactory.model.problems import Code, Problem, Refusal
from contactory.store import directory, jobs
from contactory.store.database import Transaction


def check_total(transaction: Transaction, kind: Kind, created: int) -> None:
    """Refuse a write that has made more contacts than there may be; what accepted jobs may still make counts.

    Asked at the end of a write, and only where there is a quota. Calls are counted one at a time, so that no
    two are let in where there is room for one.
    """
    quota = transaction.actor.total_contacts
    if not quota or not created or kind is not CONTACTS:
        return
    jobs.take_quota_turn(transaction)
    reserved, _ = jobs.find_reserved(transaction, 0)
    if directory.count_all_contacts(transaction) + reserved > quota:
        raise Refusal(Problem(code=Code.QUOTA_EXCEEDED, value=TOTAL))
