"""The wrong secret key: personal numbers become unavailable, and nothing else."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import httpx
import psycopg

from contactory.access.cipher import Cipher
from contactory.access.proof import KeyState, accept_key, examine_key
from contactory.store import embedded
from contactory.store.migrate import migrate
from tests.acceptance.client import Api, row
from tests.acceptance.server import Server
from tests.test_cli import Contactory

KEY, OTHER = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
SSN = "93-08-28-111"
TOLD = "The secret key is not the one"


def with_key(server: Server, key: str) -> None:
    server.stop()
    server._settings["SECRET_KEY"] = key
    server.log.write_bytes(b"")
    server.start()


def test_wrong_key_makes_only_personal_numbers_unavailable(tmp_path: Path, http: httpx.Client) -> None:
    server = Server(tmp_path, SECRET_KEY=KEY)
    command = Contactory(server.data_dir)
    try:
        with embedded.running(server.data_dir, exclusive=False) as url:
            api = Api.of_new_organization(http, server.url, url)
        (id_, _) = api.store(row(1, ssn=SSN, email="a@b.example"), row(2))
        assert TOLD not in server.log.read_text()
        assert "is that of the personal numbers" in command("doctor", CONTACTORY_SECRET_KEY=KEY).stdout

        with_key(server, OTHER)
        api = Api(http, server.url, api.organization, api.token)
        assert server.log.read_text().count(TOLD) == 1
        doctor = command("doctor", CONTACTORY_SECRET_KEY=OTHER)
        assert doctor.returncode == 1 and f"WRONG   {TOLD}" in doctor.stdout
        assert command("doctor").returncode == 1  # the key of the data directory is another one too

        shown = api.contact(1)
        assert "ssn" not in shown and shown["email"] == "a@b.example" and api.contact(2)["ssn"] == ""
        assert [contact.get("ssn") for contact in api.search()["data"]] == [None, ""]
        assert reads(api, http) == [200] * 3
        said = server.log.read_text()
        assert said.count("1 personal numbers of organization") == 2 and SSN not in said

        # A write leaves the number as it is, and encrypts none with a second key.
        assert api.call("PATCH", "/contacts/sourceId/1", json={"firstName": "Ada"}).status_code == 200
        sent_back = {key: shown[key] for key in ("email", "lastName") if key in shown}
        api.store(row(1, **sent_back))
        refused, taken = api.send(row(3, ssn=SSN), row(4, ssn=""))
        assert not refused["success"] and "CONTACTORY_SECRET_KEY" in refused["error"] and taken["success"]

        with_key(server, KEY)
        api = Api(http, server.url, api.organization, api.token)
        again = api.contact(1)
        assert (again["ssn"], again["firstName"], again["id"]) == (SSN, "Ada", id_)
        assert api.store(row(3, ssn=SSN)) and api.contact(3)["ssn"] == SSN

        # The former key is lost for good:
        assert command.json("key", "accept", CONTACTORY_SECRET_KEY=OTHER) == {"accepted": True}
        with_key(server, OTHER)
        api = Api(http, server.url, api.organization, api.token)
        assert TOLD not in server.log.read_text()
        assert "ssn" not in api.contact(1)
        api.store(row(1, ssn=SSN))
        assert api.contact(1)["ssn"] == SSN
        assert command("doctor", CONTACTORY_SECRET_KEY=OTHER).returncode == 0
    finally:
        server.stop()


def reads(api: Api, http: httpx.Client) -> list[int]:
    """Return the statuses of the lists that never show a number."""
    root = api._base.removesuffix("/propeller")
    paths = (
        f"/everbridge/rest/contacts/{api.organization}",
        "/datananas/contacts",
        "/propeller/contacts/sourceId/1/attributes",
    )
    headers = {"authorization": f"Bearer {api.token}"}
    return [http.get(root + path, headers=headers).status_code for path in paths]


def test_database_without_a_proof_of_the_key_gets_one(tmp_path: Path) -> None:
    """Use a stored number as the proof; without any, accept the first key."""
    key, other = bytes(32), bytes([1]) * 32
    with embedded.running(tmp_path, exclusive=True) as url:
        assert examine_key(url, key, keep=True) is KeyState.UNUSED
        migrate(url)
        assert examine_key(url, None, keep=True) is KeyState.UNUSED
        with psycopg.connect(url, autocommit=True) as owner:
            insert = "INSERT INTO customers (organization_id, id, ssn) VALUES (7, 1, %s)"
            owner.execute(insert, [Cipher(key).encrypt(7, SSN)])

            def proofs() -> list[Any]:
                return owner.execute("SELECT sealed FROM secret_key_proof").fetchall()

            assert examine_key(url, other, keep=True) is KeyState.OTHER
            assert examine_key(url, None, keep=True) is KeyState.MISSING
            assert examine_key(url, key, keep=False) is KeyState.FITS and proofs() == []
            assert examine_key(url, key, keep=True) is KeyState.FITS and len(proofs()) == 1
            owner.execute("DELETE FROM customers")
            assert examine_key(url, other, keep=True) is KeyState.OTHER
            assert examine_key(url, None, keep=True) is KeyState.MISSING
            accept_key(url, other)
            assert examine_key(url, other, keep=True) is KeyState.FITS and len(proofs()) == 1
