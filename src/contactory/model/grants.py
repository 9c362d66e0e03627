"""Access tokens as they are issued."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Grant(msgspec.Struct, frozen=True):
    """Token that was just issued to a client, valid for `expires_in` seconds."""

    token: str
    issued_at: datetime
    expires_in: int
    client_id: str
    client_name: str
    organization_name: str
