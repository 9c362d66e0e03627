"""curl commands for a person to paste."""

from __future__ import annotations

import json
import shlex
from typing import Any


def encode_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def curl(token: str, url: str, *, body: str | None = None) -> str:
    lines = [f"curl -s {shlex.quote(url)}", f"-H {shlex.quote(f'Authorization: Bearer {token}')}"]
    if body is not None:
        lines += [f"-H {shlex.quote('Content-Type: application/json')}", f"-d {shlex.quote(body)}"]
    return " \\\n  ".join(lines)
