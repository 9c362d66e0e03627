"""`contactory demo`: a service of its own that gets ten thousand invented contacts in single calls."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Final

import typer

from contactory.cli.database import open_database, open_server
from contactory.cli.errors import CommandError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID
    from rich.table import Table

    from contactory.demo.client import Client
    from contactory.demo.imports import Import, Row
    from contactory.demo.interrupts import Interrupts
    from contactory.demo.sending import Result, Written
    from contactory.demo.server import Server
    from contactory.store.administration import Administration

_WARM_UP_ROWS: Final = 100
_TOKEN_SECONDS: Final = 7 * 24 * 3600
_MOST_ERRORS: Final = 3


def demo(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on.")] = 8000,
    rows: Annotated[int, typer.Option(min=1, max=50_000, help="Contacts in each call.")] = 10_000,
    keep: Annotated[
        bool | None,
        typer.Option("--keep/--no-keep", help="Keep the service running afterwards; default: on a terminal."),
    ] = None,
) -> None:
    """Start a service of its own, send it thousands of contacts in a call, and show how long that takes."""
    from rich.console import Console

    from contactory.demo.client import CallError
    from contactory.demo.interrupts import Interrupts
    from contactory.demo.server import Server, ServerError

    on_terminal = sys.stdout.isatty()
    console = Console(force_terminal=on_terminal, markup=False, highlight=False)
    _keep_real_data_out(console)
    port = _free_port(console, port)
    try:
        with Interrupts() as interrupts, _service(Server(port)) as server:
            _run(console, server, interrupts, rows, on_terminal if keep is None else keep)
    except KeyboardInterrupt:
        console.print("Interrupted; everything is stopped.")
        raise typer.Exit(130) from None
    except ServerError as error:
        typer.echo(error.log, err=True)
        raise CommandError(str(error)) from error
    except CallError as error:
        raise CommandError(str(error)) from error


def _free_port(console: Console, wanted: int) -> int:
    from contactory.demo.server import free_port

    port = free_port(wanted)
    if wanted not in (0, port):
        console.print(f"Port {wanted} is taken, so the demo uses port {port}.")
    return port


@contextmanager
def _service(server: Server) -> Iterator[Server]:
    """Yield the server, and stop it and its database at the end."""
    from contactory.settings import Settings

    try:
        yield server
    finally:
        if not server.close():
            # The last process that closes an embedded database stops it.
            with open_server(Settings.from_environment(), exclusive=False):
                pass


def _keep_real_data_out(console: Console) -> None:
    """Use an embedded database of the demo's own, in a directory of its own unless one is set."""
    from contactory.settings import Settings

    if os.environ.pop("CONTACTORY_DATABASE_URL", "").strip():
        console.print("CONTACTORY_DATABASE_URL is left alone: the demo has a database of its own.")
    settings = Settings.from_environment()
    if not os.environ.get("CONTACTORY_DATA_DIR", "").strip():
        os.environ["CONTACTORY_DATA_DIR"] = str(settings.data_dir.with_name("contactory-demo"))


def _run(console: Console, server: Server, interrupts: Interrupts, rows: int, keep: bool) -> None:
    from contactory.demo.client import CallError
    from contactory.demo.datananas import DATANANAS
    from contactory.demo.everbridge import EVERBRIDGE
    from contactory.demo.propeller import PROPELLER
    from contactory.settings import Settings
    from contactory.store.administration import Administration

    _start(console, server, interrupts)
    # The service ends first, so that closing the database here stops it, even if the service crashed.
    with (
        open_database(Settings.from_environment(), exclusive=False) as url,
        Administration(url) as administration,
        closing(server),
    ):
        try:
            failed = sum(
                _demonstrate(console, url, administration, server, import_, rows)
                for import_ in (PROPELLER, EVERBRIDGE, DATANANAS)
            )
        except CallError:
            server.check()
            raise
        if keep:
            _stay(console, server)
        else:
            console.print("\nThe demo is over and its service is stopped; --keep leaves it running.")
    if failed:
        raise CommandError(f"{failed:,} rows failed.")


def _start(console: Console, server: Server, interrupts: Interrupts) -> None:
    started = time.perf_counter()
    with console.status("Starting PostgreSQL and the service ..."), interrupts.held():
        server.start()
    seconds, data_dir = time.perf_counter() - started, os.environ["CONTACTORY_DATA_DIR"]
    console.print(f"PostgreSQL and the service started in {seconds:.1f} s.\nData directory: {data_dir}")


def _stay(console: Console, server: Server) -> None:
    console.print("\nThe service runs on until Ctrl-C.")
    with suppress(KeyboardInterrupt):
        while True:
            server.check()
            time.sleep(0.2)
    console.print("Stopping.")


def _demonstrate(
    console: Console, url: str, administration: Administration, server: Server, import_: Import, rows: int
) -> int:
    """Run the demo of one API in an organization of its own. Return how many rows failed."""
    from contactory.demo import ceiling, people
    from contactory.demo.client import Client
    from contactory.demo.imports import STEPS
    from contactory.demo.sending import send

    organization = administration.create_organization(f"Demo {import_.api} {datetime.now():%F %T}")
    token = _make_token(administration, organization)
    with console.status(f"Inventing {rows:,} persons ..."):
        batches = [people.contacts(rows, revision=step.revision) for step in STEPS]
        warm_up = people.contacts(_WARM_UP_ROWS, first=rows)
    console.print(f"\n{import_.api} API: {rows:,} contacts in a single call, three times over.\n")
    with Client(server.port, token, organization) as client:
        for call in import_.preparations:
            client.call("POST", call.path, call.body)
        for route in dict.fromkeys(import_.steps):
            send(client, import_, route, warm_up, partial(_count_writes, administration, organization))
        results = _send(
            console, client, import_, batches, partial(_count_writes, administration, organization)
        )
    ceilings: Sequence[float] = ()
    if import_.compared:
        with console.status("Doing the same in plain SQL ..."):
            ceilings = ceiling.measure(url, warm_up, batches)
    console.print(_table(results, ceilings))
    _print_errors(console, results)
    typer.echo(f"\nAddress: {server.address}\nToken:   {token}")
    # The console would break the long lines of these.
    for title, command in import_.examples(server.address, organization, token, batches[0]):
        typer.echo(f"\n# {title}\n{command}")
    return sum(len(result.errors) for result in results)


def _make_token(administration: Administration, organization: int) -> str:
    from contactory.access.secrets import hash_secret
    from contactory.access.tokens import new_token
    from contactory.store import access

    token = new_token(organization)
    with administration.organization(organization) as (transaction, _):
        access.create_token(
            transaction,
            hash_secret(token),
            user_id=None,
            scopes=["*"],
            seconds=_TOKEN_SECONDS,
        )
    return token


def _count_writes(administration: Administration, organization: int) -> Callable[[], Written]:
    """Count written contacts from now on, in the database: replies do not distinguish updated from unchanged
    rows. Return the function that ends the count."""
    from contactory.demo.sending import Written

    with administration.organization(organization) as (transaction, _):
        (since,) = transaction.connection.execute("SELECT clock_timestamp()").fetchall()[0]

    def count() -> Written:
        query = (
            "SELECT count(*) FILTER (WHERE created_at > %s), count(*) FROM contacts"
            " WHERE organization_id = %s AND updated_at > %s"
        )
        with administration.organization(organization) as (transaction, _):
            rows = transaction.connection.execute(query, [since, organization, since]).fetchall()
        return Written(*rows[0])

    return count


def _send(
    console: Console,
    client: Client,
    import_: Import,
    batches: Sequence[Sequence[Row]],
    count_writes: Callable[[], Callable[[], Written]],
) -> list[Result]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from contactory.demo.imports import STEPS
    from contactory.demo.sending import send

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("contacts"))
    results = []
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        for step, route, rows in zip(STEPS, import_.steps, batches, strict=True):
            # Without events there is no progress before the reply, so the bar only shows that the call runs.
            bar = progress.add_task(step.label, total=len(rows), start=import_.watch is not None)
            advance = partial(_advance, progress, bar)
            results.append(send(client, import_, route, rows, count_writes, advance))
            progress.start_task(bar)
            progress.update(bar, completed=len(rows))
    return results


def _advance(progress: Progress, bar: TaskID, rows: int) -> None:
    progress.update(bar, completed=rows)


def _table(results: Sequence[Result], ceilings: Sequence[float]) -> Table:
    from rich import box
    from rich.table import Table

    from contactory.demo.imports import STEPS

    table = Table(box=box.SIMPLE, padding=0, caption_justify="left")
    if ceilings:
        in_sql = [f"{result.rows / seconds:,.0f}" for result, seconds in zip(results, ceilings, strict=True)]
        table.caption = (
            f"of SQL: the speed compared with COPY and INSERT .. ON CONFLICT of the same rows\n"
            f"in the same PostgreSQL, which wrote {', '.join(in_sql)} rows/s."
        )
    table.add_column("step", no_wrap=True)
    titles = ("rows", "created", "updated", "unchanged", "failed", "seconds", "rows/s")
    for title in (*titles, *["of SQL"] * bool(ceilings)):
        table.add_column(title, justify="right")
    for index, (step, result) in enumerate(zip(STEPS, results, strict=True)):
        (created, written), failed = result.written, len(result.errors)
        updated = written - created
        counts = (result.rows, created, updated, result.rows - created - updated - failed, failed)
        table.add_row(
            step.label,
            *(f"{count:,}" for count in counts),
            f"{result.seconds:.3f}",
            f"{result.rows / result.seconds:,.0f}",
            *(f"{ceiling / result.seconds:.2f}" for ceiling in ceilings[index : index + 1]),
        )
    return table


def _print_errors(console: Console, results: Sequence[Result]) -> None:
    for result in results:
        for error in result.errors[:_MOST_ERRORS]:
            console.print(f"Failed: {error}")
