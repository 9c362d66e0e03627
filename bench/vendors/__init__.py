"""The APIs that the benchmark measures, by name."""

from __future__ import annotations

from typing import Final

from bench.vendors.datananas import Datananas
from bench.vendors.everbridge import Everbridge
from bench.vendors.propeller import Propeller
from bench.vendors.vendor import Vendor

VENDORS: Final[dict[str, Vendor]] = {
    vendor.name: vendor for vendor in (Propeller(), Everbridge(), Datananas())
}
