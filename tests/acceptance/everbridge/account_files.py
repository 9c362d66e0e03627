"""Files of the vendor's answers, as the tests make them, and the commands that read and write them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from typer.testing import CliRunner

from contactory.cli import app

Record = dict[str, Any]


def answer(resource: str, *records: Record, org: int = 7001, total: int | None = None) -> Record:
    """Return a page as the vendor's GET call of a resource replies."""
    uri = f"https://api.everbridge.net/rest/{resource}/{org}/?pageNumber=1"
    count = len(records) if total is None else total
    page = {"pageSize": 1000, "start": 0, "data": [*records], "totalCount": count, "totalPageCount": 1}
    return {"message": "OK", "firstPageUri": uri, "lastPageUri": uri, "page": page | {"currentPageNo": 1}}


def lines(*answers: Any) -> str:
    return "".join(json.dumps(answer) + "\n" for answer in answers)


class Done(NamedTuple):
    """How a command ended."""

    code: int
    output: str
    errors: list[str]

    @property
    def report(self) -> Any:
        return json.loads(self.output)


class Command:
    """The command, beside the server that runs; `settings` without their prefix."""

    def __init__(self, database_url: str, **settings: str) -> None:
        given = {"DATABASE_URL": database_url, **settings}
        self._variables = {f"CONTACTORY_{name}": value for name, value in given.items()}

    def __call__(self, *words: str | int, stdin: str | bytes = "") -> Done:
        done = CliRunner().invoke(app, [*map(str, words)], input=stdin, env=self._variables)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Done(done.exit_code, done.stdout, done.stderr.splitlines())

    def read(self, organization: int, file: str | bytes, *, code: int = 0, api: str = "everbridge") -> Done:
        """Import a file."""
        done = self(api, "import-account", "-", "--org", organization, "--json", stdin=file)
        assert done.code == code, (done.code, done.errors, done.output)
        return done

    def refuse(self, organization: int, file: str | bytes, *, api: str = "everbridge") -> Sequence[str]:
        """Import a file that is refused as a whole."""
        return self.read(organization, file, code=1, api=api).errors

    def write(self, organization: int, *, api: str = "everbridge") -> list[Record]:
        """Export, to the answers of the file."""
        done = self(api, "export-account", "--org", organization)
        assert done.code == 0, done.errors
        return [json.loads(line) for line in done.output.splitlines()]
