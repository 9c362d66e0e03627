"""Health, metrics, logs, traces and shutdown, as an operator sees them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest

from contactory.store import embedded

from .client import BULK, Api, MakeApi, row
from .server import Server

SITE = "https://app.example.com"


class Collector(BaseHTTPRequestHandler):
    """A collector that receives traces as OpenTelemetry sends them."""

    received: ClassVar[list[bytes]] = []

    def do_POST(self) -> None:
        self.received.append(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def collector() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Collector) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def watched(
    server_database: str, tmp_path_factory: pytest.TempPathFactory, collector: str
) -> Iterator[Server]:
    """Start a server on the same database, with traces and one allowed origin."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector)
        patch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
        folder = tmp_path_factory.mktemp("watched")
        server = Server(folder, DATABASE_URL=server_database, CORS_ORIGINS=SITE)
    yield server
    server.stop()


def metrics(http: httpx.Client, server: Server) -> dict[str, float]:
    lines = http.get(f"{server.url}/metrics").text.splitlines()
    parts = (line.rpartition(" ") for line in lines if line[0] != "#")
    return {name: float(value) for name, _, value in parts}


def logged(server: Server, request_id: str) -> Any:
    """Return the log line of a call, which is written after the response."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        for line in server.log.read_text().splitlines():
            if line.startswith("{") and (said := json.loads(line)).get("request_id") == request_id:
                return said
        time.sleep(0.02)
    raise AssertionError(f"nothing is logged of {request_id}")


def test_metrics_count_rows_stages_jobs_and_connections(
    make_api: MakeApi, watched: Server, http: httpx.Client
) -> None:
    api = make_api(on=watched)
    api.store(row(1), row(2))
    api.store(row(1), row(3, firstName="Orla"))
    seen = metrics(http, watched)
    assert seen['contactory_rows_total{api="propeller",outcome="created"}'] == 3
    assert seen['contactory_rows_total{api="propeller",outcome="unchanged"}'] == 1
    for stage in ("read", "decode", "write", "encode"):
        assert seen[f'contactory_batch_seconds_count{{api="propeller",stage="{stage}"}}'] >= 2
    call = '{method="POST",route="/propeller/contacts/bulk/sourceId",status="200"}'
    assert seen[f"contactory_call_seconds_count{call}"] == 2
    assert seen["contactory_reserved_bytes"] == 0
    deadline = time.monotonic() + 20  # Connections are counted now and then, and one may just be in use.
    while metrics(http, watched)['contactory_pool_connections{state="idle"}'] < 1:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_metrics_count_rows_of_jobs_when_they_are_written(
    make_api: MakeApi, server: Server, strict_server: Server, watched: Server, http: httpx.Client
) -> None:
    """Count them in whichever service on this database runs the job."""

    def created() -> float:
        name = 'contactory_rows_total{api="datananas",outcome="created"}'
        return sum(metrics(http, each).get(name, 0) for each in (server, strict_server, watched))

    api = make_api()
    before, deadline = created(), time.monotonic() + 20
    people = [{"email": f"p{number}@example.org"} for number in range(40)]
    url, headers = f"{server.url}/datananas/contacts/bulk", {"authorization": f"Bearer {api.token}"}
    assert http.post(url, json={"contacts": people}, headers=headers).status_code == 200
    while created() < before + 40:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert "contactory_jobs{state=" not in http.get(f"{server.url}/metrics").text


def test_every_call_is_logged_with_its_request_id(make_api: MakeApi, watched: Server) -> None:
    reply = make_api(on=watched).call("POST", BULK, json={"contacts": []}, headers={"x-request-id": "abc-1"})
    assert reply.headers["x-request-id"] == "abc-1"
    line = logged(watched, "abc-1")
    assert (line["event"], line["status"]) == ("call", 200)
    assert line["route"] == "/propeller/contacts/bulk/sourceId" and line["milliseconds"] > 0


def test_logs_contain_no_personal_data_and_no_secrets(
    make_api: MakeApi, server: Server, http: httpx.Client
) -> None:
    """Check successful calls, and calls that fail in every way."""
    api = make_api()
    secrets = ("Xanthippe", "zoe.q@example.org", "123-45-6789", "hunter2", api.token)
    api.store(row(1, lastName=secrets[0], email=secrets[1], ssn=secrets[2]))
    api.call("GET", f"/contacts/email/{secrets[1]}")
    api.call("POST", "/contacts/search", json={"email": secrets[1]})
    api.call("POST", BULK, content=f'{{"contacts":[{{"email":"{secrets[1]}"')
    api.call("POST", BULK, json={"contacts": [row(1, email=f"{secrets[0]}@", gender=secrets[2])]})
    api.call("POST", BULK, json={"contacts": [row(2, pricing={"a": [secrets[0], "x" * 100_000]})]})
    http.get(f"{server.url}/datananas/contacts", params={"access_token": api.token, "email": secrets[1]})
    http.get(f"{server.url}/everbridge/rest/contacts/1", auth=(secrets[1], secrets[3]))
    http.get(f"{server.url}/nowhere/{secrets[1]}")
    for log in (server.log, server.data_dir / "postgres.log"):
        text = log.read_text()
        assert text and [secret for secret in secrets if secret in text] == []


def test_traces_are_exported_to_the_given_address(make_api: MakeApi, watched: Server) -> None:
    parent = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"traceparent": f"00-{parent}-00f067aa0ba902b7-01"}
    make_api(on=watched).call("POST", BULK, json={"contacts": [row(1)]}, headers=headers)
    deadline = time.monotonic() + 20
    while not any(bytes.fromhex(parent) in body for body in Collector.received):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    sent = b"".join(Collector.received)
    assert all(name in sent for name in (b"contactory", b"decode", b"write", b"encode", b"http.route"))


def test_cors_follows_the_settings(
    make_api: MakeApi, watched: Server, server: Server, http: httpx.Client
) -> None:
    asking = {"origin": SITE, "access-control-request-method": "POST", "access-control-request-headers": "x"}
    allowed = http.options(f"{watched.url}/propeller{BULK}", headers=asking)
    assert allowed.headers["access-control-allow-origin"] == SITE
    for url, origin in ((watched.url, "https://evil.example.com"), (server.url, SITE)):
        refused = http.options(f"{url}/propeller{BULK}", headers={**asking, "origin": origin})
        assert "access-control-allow-origin" not in refused.headers
    reply = make_api(on=watched).call("POST", BULK, json={"contacts": []}, headers={"origin": SITE})
    assert reply.headers["access-control-allow-origin"] == SITE
    assert reply.headers["x-content-type-options"] == "nosniff"


def test_ready_requires_the_database_and_health_does_not(tmp_path: Path, http: httpx.Client) -> None:
    with embedded.running(tmp_path / "database", exclusive=True) as url:
        server = Server(tmp_path, DATABASE_URL=url, METRICS="false")
        assert http.get(f"{server.url}/ready").json() == {"status": "ok"}
        assert http.get(f"{server.url}/metrics").status_code == 404
    gone = http.get(f"{server.url}/ready", timeout=60)
    assert (gone.status_code, gone.headers["retry-after"]) == (503, "2")
    assert http.get(f"{server.url}/health").status_code == 200
    server.stop()


def test_running_call_is_finished_before_the_service_ends(tmp_path: Path, http: httpx.Client) -> None:
    """Send SIGTERM while a batch is being written."""
    server = Server(tmp_path)
    with embedded.running(server.data_dir, exclusive=False) as url:
        api = Api.of_new_organization(http, server.url, url)
        replies: list[httpx.Response] = []
        rows = [row(number, firstName="Orla") for number in range(10_000)]
        body = json.dumps({"contacts": rows}).encode()
        sender = threading.Thread(target=lambda: replies.append(api.call("POST", BULK, content=body)))
        sender.start()
        time.sleep(0.15)
        server.stop()
        sender.join()
    assert replies[0].status_code == 200
    assert len(replies[0].json()["data"]) == 10_000
    server.start()
    assert Api(http, server.url, api.organization, api.token).count() == 10_000
    server.stop()
