"""The settings, read once from `CONTACTORY_*` environment variables."""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Final, TypeVar

from platformdirs import user_data_dir

from contactory.columns.jit import SCANNERS
from contactory.model.limits import CALL_SECONDS, LARGEST_BODY_MB, PURGE_DAYS

Value = TypeVar("Value")

_KEY_LENGTHS: Final = (32, 64)
_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_ORIGIN: Final = re.compile(r"\*|https?://[A-Za-z0-9.-]+(:[0-9]+)?")
_BASE_URL: Final = re.compile(r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]+)?(/[A-Za-z0-9._~-]+)*/?")
_LARGEST: Final = 2**31 - 1
_MOST_DAYS: Final = 36_500


class SettingsError(Exception):
    """A variable that cannot be used, with its name, its value and the values that are expected."""


class _UnusableError(Exception):
    """A text that cannot be used, with the values that are expected.

    `shown`: a description of the text, where that may contain a secret.
    """

    def __init__(self, expected: str, shown: str | None = None) -> None:
        super().__init__(expected)
        self.shown = shown


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    data_dir: Path  # the embedded database, its log and the secret key that was made for it
    database_url: str | None  # a PostgreSQL to use instead of the embedded one
    secret_key: bytes | None
    secret_key_fits: bool  # whether the key is that of the stored numbers; set by `serve`
    max_body_mb: int
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...]  # whose headers about clients are believed
    base_url: str | None  # URL of the service for its clients, without a slash at its end
    max_rows: int  # in one call
    default_language: str
    pool_size: int  # connections per process
    max_memory_mb: int  # of all processes of `serve` together
    processes: int  # of `serve`; set by `serve`
    shared_dir: Path | None  # with the files that these processes share; set by `serve`
    call_seconds: int  # for the work of a request
    purge_days: int  # that deleted records are kept; 0: for ever
    log_level: str
    metrics: bool  # whether /metrics is served
    cors_origins: tuple[str, ...]  # origins of web pages that may call the APIs
    token_seconds: int
    everbridge_update_type: str  # of a PUT batch that gives none: full or partial
    everbridge_upsert: bool  # whether a PUT batch creates contacts that do not exist
    datananas_envelope: str  # of events: payload, flat or event
    datananas_events: str  # events that a socket gets: those of the user or of the company
    datananas_ping_seconds: int  # without an event, until a socket is pinged; 0: never
    serve_works: bool  # whether `serve` runs jobs too
    scanner: str  # which functions read bodies: compiled, exact or checked; columns/jit.py has chosen them
    # A dialect's own host name: its API is then also served at the root of that host.
    propeller_host: str | None
    everbridge_host: str | None
    datananas_host: str | None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings. An empty variable counts as not set, and an unknown one is ignored. Raises
        SettingsError."""
        read = _Reader(environ)
        settings = cls(
            data_dir=read("DATA_DIR", _directory) or _default_data_dir(),
            database_url=read("DATABASE_URL", _database_url),
            secret_key=read("SECRET_KEY", _key),
            secret_key_fits=read("SECRET_KEY_FITS", _one_of("true", "false")) != "false",
            max_body_mb=read("MAX_BODY_MB", _megabytes) or 64,
            trusted_proxies=read("TRUSTED_PROXIES", _networks) or (),
            base_url=read("BASE_URL", _base_url),
            max_rows=read("MAX_ROWS", _count) or 50_000,
            default_language=read("DEFAULT_LANGUAGE", _language) or "NL",
            pool_size=read("POOL_SIZE", _count) or 8,
            max_memory_mb=read("MAX_MEMORY_MB", _count) or 1024,
            processes=read("PROCESSES", _count) or 1,
            shared_dir=read("SHARED_DIR", _directory),
            call_seconds=read("CALL_SECONDS", _count) or CALL_SECONDS,
            purge_days=PURGE_DAYS if (days := read("PURGE_DAYS", _days)) is None else days,
            log_level=read("LOG_LEVEL", _one_of("debug", "info", "warning", "error")) or "info",
            metrics=read("METRICS", _one_of("true", "false")) != "false",
            cors_origins=read("CORS_ORIGINS", _origins) or (),
            token_seconds=read("TOKEN_SECONDS", _count) or 1800,
            everbridge_update_type=read("EVERBRIDGE_UPDATE_TYPE", _one_of("full", "partial")) or "full",
            everbridge_upsert=read("EVERBRIDGE_UPSERT", _one_of("true", "false")) == "true",
            datananas_envelope=read("DATANANAS_ENVELOPE", _one_of("payload", "flat", "event")) or "payload",
            datananas_events=read("DATANANAS_EVENTS", _one_of("user", "company")) or "user",
            datananas_ping_seconds=30
            if (ping := read("DATANANAS_PING_SECONDS", _count_or_none)) is None
            else ping,
            scanner=read("SCANNER", _one_of(*SCANNERS)) or SCANNERS[0],
            serve_works=read("SERVE_WORKS", _one_of("true", "false")) != "false",
            propeller_host=read("PROPELLER_HOST", _host),
            everbridge_host=read("EVERBRIDGE_HOST", _host),
            datananas_host=read("DATANANAS_HOST", _host),
        )
        _check_hosts_differ(settings)
        return settings


class _Reader:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def __call__(self, name: str, parse: Callable[[str], Value]) -> Value | None:
        text = self._environ.get(f"CONTACTORY_{name}", "").strip()
        if not text:
            return None
        try:
            return parse(text)
        except _UnusableError as unusable:
            shown = repr(text) if unusable.shown is None else unusable.shown
            raise SettingsError(f"CONTACTORY_{name} is {shown}, expected {unusable}") from None


def _default_data_dir() -> Path:
    return Path("/var/lib/contactory" if os.geteuid() == 0 else user_data_dir("contactory", appauthor=False))


def _directory(text: str) -> Path:
    return Path(text).expanduser().absolute()


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:20]) <= _LARGEST:
        raise _UnusableError(f"a whole number from 1 to {_LARGEST}")
    return int(text)


def _megabytes(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:20]) <= LARGEST_BODY_MB:
        raise _UnusableError(f"a whole number from 1 to {LARGEST_BODY_MB}")
    return int(text)


def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(part) for part in text.replace(",", " ").split())
    except ValueError:
        raise _UnusableError(
            "addresses or networks such as 127.0.0.1, 10.0.0.0/8, with commas between"
        ) from None


def _base_url(text: str) -> str:
    if not _BASE_URL.fullmatch(text):
        raise _UnusableError("an address such as https://contacts.example.com, which may have a path")
    return text.rstrip("/")


def _count_or_none(text: str) -> int:
    return 0 if text == "0" else _count(text)


def _days(text: str) -> int:
    days = _count_or_none(text)
    if days > _MOST_DAYS:
        raise _UnusableError(f"a whole number from 0 to {_MOST_DAYS}")
    return days


def _language(text: str) -> str:
    if not re.fullmatch("[A-Za-z]{2}", text):
        raise _UnusableError("a language of two letters (ISO 639-1), such as NL")
    return text.upper()


def _one_of(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.lower() not in words:
            raise _UnusableError(f"{', '.join(words[:-1])} or {words[-1]}")
        return text.lower()

    return parse


def _host(text: str) -> str:
    if not _HOST.fullmatch(text.lower()):
        raise _UnusableError("a host name only, without scheme, port or path, such as propeller.example.com")
    return text.lower()


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(text.replace(",", " ").split())
    if not all(_ORIGIN.fullmatch(origin) for origin in origins):
        raise _UnusableError("origins such as https://app.example.com, with commas between, or *")
    return origins


def _database_url(text: str) -> str:
    if not text.startswith(("postgresql://", "postgres://")) and "=" not in text:
        raise _UnusableError(
            "a PostgreSQL URL: postgresql://user:password@host:5432/name", "not a database's URL"
        )
    return text


def _key(text: str) -> bytes:
    try:
        key = base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        raise _UnusableError("32 or 64 bytes in base64", f"not base64 ({len(text)} characters)") from None
    if len(key) not in _KEY_LENGTHS:
        raise _UnusableError("32 or 64 bytes in base64", f"the base64 of {len(key)} bytes")
    return key


def _check_hosts_differ(settings: Settings) -> None:
    taken: dict[str, str] = {}
    for name in ("propeller_host", "everbridge_host", "datananas_host"):
        host = getattr(settings, name)
        if host in taken:
            raise SettingsError(
                f"CONTACTORY_{name.upper()} is {host!r}, expected another host name than"
                f" CONTACTORY_{taken[host]} has"
            )
        if host:
            taken[host] = name.upper()
