"""The script of docs/howto/move-an-everbridge-account.md, read from that page and run against this service in
the place of the vendor."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.acceptance.server import Server

from .account_files import Command
from .client import EMAIL, Api, person

GUIDE = Path(__file__).parents[3] / "docs" / "howto" / "move-an-everbridge-account.md"


@pytest.fixture
def fetch(server: Server, tmp_path: Path) -> Callable[[int, str, str], subprocess.CompletedProcess[str]]:
    """Run the script with a login."""
    (script,) = re.findall(r"^```sh\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    (tmp_path / "fetch-account.sh").write_text(script)

    def fetch(organization: int, login: str, password: str) -> subprocess.CompletedProcess[str]:
        netrc = tmp_path / "everbridge.netrc"
        netrc.write_text(f'machine 127.0.0.1 login {login} password "{password}"\n')
        variables = {"EVERBRIDGE_URL": f"{server.url}/everbridge/rest", "EVERBRIDGE_PAGE": "3"}
        return subprocess.run(
            ["/bin/sh", "fetch-account.sh", str(organization)],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], **variables},
            capture_output=True,
            text=True,
        )

    return fetch


def test_the_script_fetches_what_is_imported(
    api: Api,
    make_everbridge: Callable[[], Api],
    server_database: str,
    fetch: Callable[[int, str, str], subprocess.CompletedProcess[str]],
) -> None:
    command, login = Command(server_database), f"sync{api.organization}@example.com"
    words = ("--role", "manager", "--password", "a secret")
    assert command("user", "create", "--org", api.organization, "--email", login, *words).code == 0
    group = api.create("groups", name='Says "totalPageCount": 99')
    for number in range(4):
        api.create("groups", name=f"Group {number}")
    sent = [person(f"G-{number}", groups=[group]) for number in range(7)]
    sent[0]["paths"] = [{"pathId": EMAIL, "value": "anna@example.com"}]
    api.store(*sent)

    done = fetch(api.organization, login, "a secret")
    assert done.returncode == 0, done.stderr
    assert f"contacts/{api.organization}: page 3 of 3" in done.stderr
    other = make_everbridge()
    report = command.read(other.organization, done.stdout).report
    assert (report["groups"]["created"], report["contacts"]["created"]) == (5, 7)
    assert report["notes"] == [
        f"The file is of organization {api.organization}, and was read into {other.organization}."
    ]
    for resource in ("recordTypes", "contactPaths", "groups", "contacts"):
        path = f"/{resource}/{{org}}"
        assert [item["id"] for item in other.page(path)] == [item["id"] for item in api.page(path)]
    assert other.get("G-0")["paths"] == api.get("G-0")["paths"]


def test_the_script_ends_where_a_call_fails(
    api: Api, fetch: Callable[[int, str, str], subprocess.CompletedProcess[str]]
) -> None:
    done = fetch(api.organization, "nobody@example.com", "x")
    assert (done.returncode, done.stdout) != (0, "") and done.returncode != 0
    assert "401" in done.stderr
