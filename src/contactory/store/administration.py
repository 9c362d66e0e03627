"""Administration of the service: a connection as the owner of the tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

import psycopg

from contactory.model.caller import Actor
from contactory.store import access
from contactory.store.access import Organization
from contactory.store.database import Transaction


class UnknownOrganizationError(Exception):
    def __init__(self, organization_id: int) -> None:
        super().__init__(f"There is no organization {organization_id}.")


class TakenOrganizationError(Exception):
    def __init__(self, organization_id: int | None) -> None:
        super().__init__(f"There is an organization {organization_id} already.")


class Administration:
    """Connection as the owner of the tables. Row-level security does not limit the owner; only the conditions
    of the queries do."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._connection.close()

    def create_organization(self, name: str, id_: int | None = None) -> int:
        """Create an organization, with an id if one is given. Raises TakenOrganizationError."""
        created = access.create_organization(self._connection, name, id_)
        while created is None and id_ is None:  # Another command has just used the new id.
            created = access.create_organization(self._connection, name)
        if created is None:
            raise TakenOrganizationError(id_)
        return created

    @contextmanager
    def organization(self, organization_id: int) -> Iterator[tuple[Transaction, Organization]]:
        """Open a transaction bound to an organization. Raises UnknownOrganizationError."""
        actor = Actor(organization_id)
        with self._connection.transaction(), Transaction(self._connection, actor) as transaction:
            transaction.run("bind_organization")
            organization = access.find_organization(transaction)
            if organization is None:
                raise UnknownOrganizationError(organization_id)
            yield transaction, organization
