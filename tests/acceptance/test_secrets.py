"""Personal numbers: shown to callers who may read them, and nowhere else in clear."""

from __future__ import annotations

import json
from collections.abc import Sequence
from zlib import crc32

import psycopg
import pytest
from xxhash import xxh3_128_digest

from contactory.dialects.propeller.columns import KeyOptions
from contactory.dialects.propeller.decode import MEANING
from contactory.dialects.propeller.resources import RESOURCES

from .client import BULK, Api, MakeApi, row
from .server import Server
from .test_bulk_source_id import stored_versions

SSN = "93.08.28-111.42"


def stored(owner: psycopg.Connection, api: Api) -> list[bytes]:
    query = "SELECT ssn FROM contacts WHERE organization_id = %s ORDER BY id"
    return [ssn for (ssn,) in owner.execute(query, [api.organization])]


def test_personal_number_is_returned_to_its_organization(api: Api) -> None:
    (id_,) = api.store(row(1, ssn=SSN))
    assert api.contact(1)["ssn"] == api.get(f"/contacts/id/{id_}")["data"]["ssn"] == SSN
    assert api.search()["data"][0]["ssn"] == SSN
    api.store(row(1, ssn=""))
    assert api.contact(1)["ssn"] == api.search()["data"][0]["ssn"] == ""


def test_any_text_of_a_personal_number_is_kept(api: Api) -> None:
    texts = ["x", " ", "é\N{SNOWMAN}\N{GRINNING FACE}", "9" * 1000]
    api.store(*(row(number, ssn=text) for number, text in enumerate(texts)))
    assert [found["ssn"] for found in api.search()["data"]] == texts


def test_personal_number_is_stored_encrypted(api: Api, make_api: MakeApi, owner: psycopg.Connection) -> None:
    other = make_api()
    for each in (api, other):
        each.store(row(1, ssn=SSN), row(2, ssn=SSN), row(3, ssn="other"), row(4))
    same, again, different, none = stored(owner, api)
    assert SSN.encode() not in same
    assert same == again != different
    assert none == b""
    assert stored(owner, other)[0] != same, "equal numbers can be told across organizations"
    (found,) = owner.execute("SELECT count(*) FROM contacts AS c WHERE c::text LIKE %s", [f"%{SSN}%"])
    assert found == (0,)


def test_personal_number_is_in_no_file(api: Api, owner: psycopg.Connection, server: Server) -> None:
    secret = "SSN-in-no-file-5417"
    api.store(row(1, ssn=secret, firstName="Name-in-some-file"))
    api.store(row(1, ssn=secret + "x"), row(2, ssn=secret))
    # Failed rows, refused calls and a search are occasions to log something.
    api.send(row(3, ssn=secret, dateOfBirth="x"), row(4, ssn=secret, parent={"id": 1}))
    api.refused(row(5, ssn=secret, company="x"))
    api.error(10005, "POST", BULK, content=f'{{"contacts":[{{"ssn":"{secret}"'.encode())
    assert not api.send(row(6, ssn=secret + "\0"))[0]["success"]
    api.call("POST", "/contacts/search", json={"name": secret})
    owner.execute("CHECKPOINT")
    files = [path for path in server.data_dir.parent.rglob("*") if path.is_file()]
    assert {"server.log", "postgres.log"} <= {path.name for path in files}
    contents = [(path, path.read_bytes()) for path in files]
    assert any(b"Name-in-some-file" in content for _, content in contents)
    assert [path for path, content in contents if secret.encode() in content] == []


@pytest.mark.parametrize("what", ["contacts", "customers"])
@pytest.mark.parametrize("escaped", [False, True])
def test_digest_does_not_reveal_a_personal_number(
    owner: psycopg.Connection, api: Api, make_api: MakeApi, what: str, escaped: bool
) -> None:
    """Try it knowing all other values of the row. The digest of a row without a number is found, so the
    search works."""
    body = f'{{"{what}":[{{"source":"HR","sourceId":"1","firstName":"Ada","ssn":"{SSN}"}}]}}'
    plain = body.replace("ssn", "middleName").replace('"1"', '"2"')
    empty = body.replace(SSN, "").replace('"1"', '"3"')
    if escaped:  # Such a key is unusual, and the row is written anew in the usual order.
        body, plain, empty = (text.replace("firstName", "first\\u004eame") for text in (body, plain, empty))
    stored = "SELECT ssn, digest FROM {} WHERE organization_id = %s ORDER BY id"
    for content in (body, plain, empty):
        api.call("POST", f"/{what}/bulk/sourceId", content=content.encode())
    with_number, *without = owner.execute(stored.format(what).encode(), [api.organization]).fetchall()
    assert with_number[0] and with_number[1]
    assert find_digest(what, body).isdisjoint({with_number[1].bytes})
    for text, (ssn, digest) in zip((plain, empty), without, strict=True):
        assert not ssn and digest.bytes in find_digest(what, text), text
    # The same row of another organization has another digest, and without a key there is none.
    other = make_api()
    other.call("POST", f"/{what}/bulk/sourceId", content=body.encode())
    ((_, others),) = owner.execute(stored.format(what).encode(), [other.organization]).fetchall()
    assert others and others != with_number[1]


def find_digest(what: str, body: str) -> set[bytes]:
    """Return the digests that the row may have without a key: of its bytes, and of those in the usual
    order."""
    row_of = json.loads(body)[what][0]
    keys = list(row_type_fields(what))
    usual = dict(sorted(row_of.items(), key=lambda item: keys.index(item[0])))
    seed = crc32(f"{what} {KeyOptions('NL')} {MEANING}".encode())
    written = body[body.index("[") + 1 : body.rindex("]")].encode()
    return {
        xxh3_128_digest(text, seed) for text in (written, json.dumps(usual, separators=(",", ":")).encode())
    }


def row_type_fields(what: str) -> Sequence[str]:
    (resource,) = [resource for resource in RESOURCES if resource.path == what]
    return [*resource.bulks[0].body_schema.rows.fields]


def test_repeated_row_with_a_personal_number_is_recognized(api: Api, owner: psycopg.Connection) -> None:
    rows = row(1, ssn=SSN), row(2), row(3, ssn="")
    ids = api.store(*rows)
    before = stored_versions(owner, api)
    assert api.store(*rows) == ids and stored_versions(owner, api) == before
    api.store(row(1, ssn=SSN + "x"))
    assert api.contact(1)["ssn"] == SSN + "x"
    api.store(row(1, ssn=SSN))
    assert api.contact(1)["ssn"] == SSN


def test_tokens_and_client_secrets_are_not_stored_in_clear(api: Api, owner: psycopg.Connection) -> None:
    query = "SELECT count(*) FROM {} AS t WHERE t::text LIKE %s"
    secret_part = api.token.partition("_")[2]
    for table in ("tokens", "clients"):
        (found,) = owner.execute(query.format(table).encode(), [f"%{secret_part}%"])
        assert found == (0,)


def test_rows_with_a_personal_number_fail_without_a_key(make_api: MakeApi, strict_server: Server) -> None:
    strict = make_api(on=strict_server)
    taken, failed, empty = strict.send(row(1), row(2, ssn=SSN), row(3, ssn=""))
    assert (taken["success"], failed["success"]) == (True, False)
    assert "ssn" in failed["error"]
    assert SSN not in failed["error"]
    assert (empty["success"], strict.count()) == (True, 2)


def test_repeated_row_without_a_number_is_recognized_without_a_key(
    make_api: MakeApi, strict_server: Server, owner: psycopg.Connection
) -> None:
    strict = make_api(on=strict_server)
    strict.send(row(1), row(2, ssn=""))
    query = "SELECT count(digest) FROM contacts WHERE organization_id = %s"
    assert owner.execute(query, [strict.organization]).fetchall() == [(2,)]
