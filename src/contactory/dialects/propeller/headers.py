"""Response headers that the vendor documents by name; the values are those of its platform."""

from __future__ import annotations

from typing import Final

HEADERS: Final = {
    "content-type": "application/json",
    "return-format": "json",
    "via": "1.1 google",
    "alt-svc": "clear",
}
