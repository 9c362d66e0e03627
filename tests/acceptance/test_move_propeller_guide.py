"""The script of docs/howto/move-a-propeller-account.md, read from that page and run against this service in
the place of the vendor."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from .client import Api, MakeApi, row
from .everbridge.account_files import Command
from .server import Server

GUIDE = (Path(__file__).parents[2] / "docs" / "howto" / "move-a-propeller-account.md").read_text()


def fetch(folder: Path, server: Server, token: str, *more: str) -> subprocess.CompletedProcess[str]:
    (script,) = re.findall(r"^```sh\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    (folder / "fetch-account.sh").write_text("\n".join([script, *more]))
    (folder / "propeller.header").write_text(f"Authorization: Bearer {token}\n")
    variables = {"PROPELLER_URL": f"{server.url}/propeller/v2", "PROPELLER_PAGE": "3"}
    return subprocess.run(
        ["/bin/sh", "fetch-account.sh"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("with_values", [True, False])
def test_the_script_fetches_what_is_imported(
    api: Api, make_api: MakeApi, server: Server, server_database: str, tmp_path: Path, with_values: bool
) -> None:
    named = {"name": "COLOR", "class": "user", "type": "text"}
    color = api.post("/attributes", named, 201)["data"]["id"]
    api.store_companies(row("E1", name='Says "pages": 99'))
    people = [row(number, firstName="Noor", parent={"sourceId": "E1"}) for number in range(7)]
    first, *_ = api.store(people[0] | {"attributes": [named | {"value": "red"}]}, *people[1:])
    added = re.findall(r"^    (printf .*)$", GUIDE, re.MULTILINE)
    lines = [line.replace("85", str(color)).replace("25492", str(first)) for line in added]
    done = fetch(tmp_path, server, api.token, *(lines if with_values else ()))
    assert done.returncode == 0, done.stderr
    assert "contacts: page 3 of 3" in done.stderr
    other = make_api()
    report = Command(server_database).read(other.organization, done.stdout, api="propeller").report
    created = [report[name]["created"] for name in ("companies", "contacts", "customers")]
    assert (created, report["notes"]) == ([1, 7, 0], [])
    assert report["values"]["updated"] == report.get("attributes", {}).get("created", 0) == with_values
    for path in ("/contacts/search?expands=sources,parent", "/companies/search?expands=sources"):
        both = [each.post(path, {"offset": 100})["data"] for each in (api, other)]
        assert len({str([(one["id"], one["sources"], one.get("parent", {}).get("id")) for one in each])
                    for each in both}) == 1  # fmt: skip
    values = [each.get(f"/contacts/id/{first}/attributes")["data"] for each in (api, other)]
    assert values[1] == (values[0] if with_values else [])


def test_the_script_ends_where_a_call_fails(server: Server, tmp_path: Path) -> None:
    done = fetch(tmp_path, server, "wrong")
    assert done.returncode != 0 and done.stdout == ""
    assert "401" in done.stderr
