"""Access tokens as they are handed out."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Grant(msgspec.Struct, frozen=True):
    """A token just issued to a client; valid for `expires_in` seconds."""

    token: str
    issued_at: datetime
    expires_in: int
    client_id: str
    client_name: str
    organization_name: str
