"""The configuration of docs/howto/proxy-in-front-of-everbridge.md, tested with nginx."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from websockets.sync.client import connect

from contactory.access.secrets import hash_secret
from contactory.access.tokens import new_token
from contactory.store import access
from contactory.store.administration import Administration

from .datananas.client import Api as Datananas
from .datananas.watching import ENDING, STARTING, Watching
from .everbridge.client import Api, person
from .server import Server

NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
GUIDE = Path(__file__).parents[2] / "docs" / "howto" / "proxy-in-front-of-everbridge.md"
OURS, VENDORS, ALL_THREE = "everbridge.example.com", "api.everbridge.net", "contacts.example.com"
MEGABYTE = 1_000_000

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed: apt-get install nginx")


class Certificate(NamedTuple):
    file: Path
    key: Path


class Received(NamedTuple):
    """A request that the vendor received."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Vendor(ThreadingHTTPServer):
    """A server in place of the vendor's, which records requests and sends the same response to all."""

    daemon_threads = True
    received: list[Received]


class _VendorHandler(BaseHTTPRequestHandler):
    server: Vendor

    def _answer(self) -> None:
        length = int(self.headers.get("content-length", 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.received.append(Received(self.command, self.path, headers, self.rfile.read(length)))
        body = b'{"message":"OK","id":17}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


class _OwnDns(httpx.HTTPTransport):
    """A transport that connects to the proxy for every host, as with DNS entries for them."""

    def __init__(self, port: int, trusted: ssl.SSLContext) -> None:
        super().__init__(verify=trusted, trust_env=False)
        self._port = port

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.extensions = {**request.extensions, "sni_hostname": request.url.host}
        request.url = request.url.copy_with(host="127.0.0.1", port=self._port)
        return super().handle_request(request)


class Proxied(NamedTuple):
    """The clients of the proxy, and the vendor."""

    host: str
    port: int
    trusted: ssl.SSLContext
    http: httpx.Client
    vendor: Vendor
    organization: int
    token: str

    @property
    def everbridge(self) -> Api:
        api = Api(self.http, "", self.organization, self.token)
        api.base = f"https://{self.host}/rest"
        return api


@pytest.fixture(scope="module", params=[OURS, VENDORS])
def proxied(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    server_database: str,
    administration: Administration,
) -> Iterator[Proxied]:
    """Start the proxy, once for a host name of one's own and once for the vendor's."""
    host, folder = request.param, tmp_path_factory.mktemp("proxy")
    settings = {"EVERBRIDGE_HOST": host, "TRUSTED_PROXIES": "127.0.0.1"}
    server = Server(tmp_path_factory.mktemp("behind"), DATABASE_URL=server_database, **settings)
    certificate = make_certificate(folder, OURS, VENDORS, ALL_THREE)
    trusted = ssl.create_default_context(cafile=certificate.file)
    organization = administration.create_organization("Acme")
    token = new_token(organization)
    with administration.organization(organization) as (transaction, _):
        access.create_token(transaction, hash_secret(token), scopes=["*"])
    try:
        with (
            vendor_of(certificate) as vendor,
            nginx(folder, host, certificate, server.url, vendor.server_port) as port,
            httpx.Client(transport=_OwnDns(port, trusted), timeout=60) as http,
        ):
            yield Proxied(host, port, trusted, http, vendor, organization, token)
    finally:
        server.stop()


def make_certificate(folder: Path, *hosts: str) -> Certificate:
    """Make a certificate for some hosts, with an authority of its own."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate = Certificate(folder / "fullchain.pem", folder / "privkey.pem")
    certificate.file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    certificate.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate


@contextmanager
def vendor_of(certificate: Certificate) -> Iterator[Vendor]:
    with Vendor(("127.0.0.1", 0), _VendorHandler) as vendor:
        vendor.received = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.file, certificate.key)
        vendor.socket = context.wrap_socket(vendor.socket, server_side=True)
        thread = threading.Thread(target=vendor.serve_forever)
        thread.start()
        yield vendor
        vendor.shutdown()
        thread.join()


def configuration(host: str, port: int, certificate: Certificate, server: str, vendor: int) -> str:
    """Return the guide's configuration with this machine's ports and files."""
    text: str
    (text,) = re.findall(r"```nginx\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    for said, here in {
        "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        f"server_name {OURS};": f"server_name {host};",
        "/etc/ssl/contactory/fullchain.pem": str(certificate.file),
        "/etc/ssl/contactory/privkey.pem": str(certificate.key),
        "/etc/ssl/certs/ca-certificates.crt": str(certificate.file),
        "http://127.0.0.1:8000;": f"{server};",
        f"set $vendor {VENDORS};": f"set $vendor 127.0.0.1:{vendor};",
    }.items():
        assert said in text
        text = text.replace(said, here)
    return text


@contextmanager
def nginx(folder: Path, host: str, certificate: Certificate, server: str, vendor: int) -> Iterator[int]:
    """Start nginx with the guide's configuration, and yield its port."""
    port = free_port()
    (folder / "site.conf").write_text(configuration(host, port, certificate, server, vendor))
    kept = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    main = [
        # As root, its workers would run as a user who cannot enter the folder.
        *(["user root;"] if os.geteuid() == 0 else []),
        "daemon off; worker_processes 1;",
        f"pid {folder}/nginx.pid; error_log {folder}/error.log;",
        "events { worker_connections 256; }",
        f"http {{ access_log {folder}/access.log;",
        *(f"{name}_temp_path {folder}/{name};" for name in kept),
        f"include {folder}/site.conf; }}",
    ]
    (folder / "nginx.conf").write_text("\n".join(main))
    command = [str(NGINX), "-p", str(folder), "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"]
    process = subprocess.Popen(command)
    try:
        await_port(port, process, folder / "error.log")
        yield port
    finally:
        process.terminate()
        process.wait(10)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def await_port(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nginx did not start:\n{log.read_text() if log.exists() else ''}")


def test_batch_through_the_proxy_is_stored_and_links_lead_to_the_proxy(proxied: Proxied) -> None:
    api, before = proxied.everbridge, len(proxied.vendor.received)
    group = api.create("groups", name="Staff")
    stored = api.ask("POST", "/contacts/{org}/batch", [person("a/b c", groups=[group])])
    assert stored == {"message": "OK", "code": 100}
    (id_,) = [contact["id"] for contact in api.page(externalIds="a/b c")]
    base = f"https://{proxied.host}/rest"
    answer = api.ask("GET", "/contacts/{org}")
    assert answer["firstPageUri"] == f"{base}/contacts/{proxied.organization}/?pageNumber=1"
    created = api.ask("POST", "/contacts/{org}", person("2"))
    assert created["instanceUri"] == f"{base}/contacts/{proxied.organization}/{created['id']}"
    for resource in ("recordTypes", "contactAttributes", "contactPaths", "groups"):
        assert api.ask("GET", f"/{resource}/{{org}}")["message"] == "OK"
    assert api.page("/organizations")[0]["organizationId"] == proxied.organization
    assert api.page("/constants/COUNTRY")
    odd = api.call("GET", "/contacts/{org}/a%2Fb%20c", params={"idType": "externalId"})
    assert odd.json()["result"]["id"] == id_
    form = {"grant_type": "client_credentials", "client_id": "nobody", "client_secret": "x"}
    assert proxied.http.post(f"https://{proxied.host}/authorization/v1/tokens", data=form).status_code == 401
    assert len(proxied.vendor.received) == before


def test_paths_without_rest_work(proxied: Proxied) -> None:
    api = proxied.everbridge
    api.base = f"https://{proxied.host}"
    api.store(person("root"))
    assert api.get("root")["firstName"] == "Nella"


@pytest.mark.parametrize(
    "headers",
    [
        {"forwarded": 'for=10.0.0.1;host=elsewhere.example.com;proto="http"'},
        {"x-forwarded-host": "elsewhere.example.com", "x-forwarded-prefix": "/elsewhere"},
    ],
)
def test_proxy_headers_of_a_client_are_ignored(proxied: Proxied, headers: dict[str, str]) -> None:
    reply = proxied.everbridge.call("GET", "/contacts/{org}", headers=headers)
    assert reply.json()["firstPageUri"].startswith(f"https://{proxied.host}/rest/contacts/")


@pytest.mark.parametrize(
    "path",
    ["/rest/notifications/7?type=Standard", "/rest/contactFilters/7", "/rest/uploads/contacts/7", "/x%2Fy"],
)
def test_other_calls_are_passed_to_the_vendor_unchanged(proxied: Proxied, path: str) -> None:
    body = json.dumps({"broadcastContacts": {"externalIds": ["ä"]}}).encode()
    headers = {"authorization": "Basic bmlhOnNlY3JldA==", "content-type": "application/json"}
    reply = proxied.http.post(f"https://{proxied.host}{path}", content=body, headers=headers)
    assert (reply.status_code, reply.json()) == (200, {"message": "OK", "id": 17})
    received = proxied.vendor.received[-1]
    assert (received.method, received.path, received.body) == ("POST", path, body)
    assert received.headers["authorization"] == headers["authorization"]
    assert received.headers["content-type"] == "application/json"
    assert received.headers["host"] == VENDORS


def test_large_bodies_pass_to_service_and_vendor(proxied: Proxied) -> None:
    contacts = [person(f"L{number}", remark="x" * 12_000) for number in range(1000)]
    body = json.dumps(contacts).encode()
    assert len(body) > 12 * MEGABYTE
    reply = proxied.everbridge.call("POST", "/contacts/{org}/batch", content=body)
    assert (reply.status_code, reply.json()) == (200, {"message": "OK", "code": 100})
    assert proxied.everbridge.get("L999")["externalId"] == "L999"
    assert proxied.http.post(f"https://{proxied.host}/rest/uploads/7", content=body).status_code == 200
    assert proxied.vendor.received[-1].body == body


def test_too_large_body_is_refused_in_the_format_of_the_vendor(proxied: Proxied) -> None:
    reply = proxied.everbridge.call("POST", "/contacts/{org}/batch", content=b" " * (64 * 1024 * 1024 + 1))
    assert (reply.status_code, reply.json()["status"]) == (413, 413)
    assert reply.headers["content-type"] == "application/json"


def test_apis_and_socket_work_at_another_host(proxied: Proxied) -> None:
    api = Datananas(proxied.http, f"https://{ALL_THREE}", proxied.organization, proxied.token)
    bearer = {"authorization": f"Bearer {proxied.token}"}
    with (
        socket.create_connection(("127.0.0.1", proxied.port)) as connection,
        connect(
            f"wss://{ALL_THREE}/datananas/ws",
            sock=connection,
            ssl=proxied.trusted,
            additional_headers=bearer,
            proxy=None,
        ) as opened,
    ):
        watching = Watching(opened)
        answer = api.ask("POST", "/contacts/bulk", {"contacts": [{"email": "p@example.com"}]})
        told = watching.until_end()
    assert [told[0]["type"], told[-1]["type"]] == [STARTING, ENDING]
    assert told[-1]["payload"]["uuid"] == answer["uuid"]
    found = proxied.http.post(f"https://{ALL_THREE}/propeller/contacts/search", json={}, headers=bearer)
    assert found.status_code == 200
    listed = proxied.http.get(
        f"https://{ALL_THREE}/everbridge/rest/contacts/{proxied.organization}", headers=bearer
    )
    assert listed.json()["firstPageUri"].startswith(f"https://{ALL_THREE}/everbridge/rest/contacts/")


def test_large_unauthenticated_body_is_refused_with_401(proxied: Proxied) -> None:
    api = proxied.everbridge
    api.token = "nobody"
    body = b"[" + b" " * 12 * MEGABYTE + b"]"
    answers = [api.call("POST", "/contacts/{org}/batch", content=body).status_code for _ in range(20)]
    assert answers == [401] * 20
