"""The command `contactory`. Each verb imports its packages when it runs, so that help is shown at once."""

from __future__ import annotations

import typer

from contactory.cli import (
    backup,
    client,
    datananas,
    demo,
    doctor,
    everbridge,
    key,
    migrate,
    org,
    purge,
    serve,
    token,
    user,
    worker,
)
from contactory.cli.errors import OneLineErrors

app = typer.Typer(
    name="contactory",
    help="Bulk upsert of contacts behind three vendors' APIs. Settings are CONTACTORY_* variables.",
    cls=OneLineErrors,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,
)
app.add_typer(org.commands, name="org")
app.add_typer(user.commands, name="user")
app.add_typer(client.commands, name="client")
app.add_typer(token.commands, name="token")
app.add_typer(key.commands, name="key")
app.add_typer(everbridge.commands, name="everbridge")
app.add_typer(datananas.commands, name="datananas")
app.command()(migrate.migrate)
app.command()(serve.serve)
app.command()(worker.worker)
app.command()(demo.demo)
app.command()(backup.backup)
app.command()(backup.restore)
app.command()(purge.purge)
app.command()(doctor.doctor)
