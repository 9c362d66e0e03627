"""`contactory migrate`: bring the schema up to date without starting the service."""

from __future__ import annotations

from contactory.cli.database import open_server
from contactory.cli.options import Json, print_result


def migrate(json: Json = False) -> None:
    """Bring the database's schema up to date. All other commands do this themselves."""
    from contactory.settings import Settings
    from contactory.store import migrate as schema
    from contactory.store.pooler import refuse_transaction_pooling

    settings = Settings.from_environment()
    with open_server(settings, exclusive=False) as url:
        if settings.database_url:
            refuse_transaction_pooling(url)
        applied = schema.migrate(url)
    sentence = f"Applied {', '.join(applied)}." if applied else "The schema is up to date."
    print_result(sentence, {"applied": applied}, as_json=json)
