"""Whether the service works, its database included."""

from __future__ import annotations

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from contactory.http.service import Service
from contactory.store.errors import StoreError


def make_health(service: Service) -> HTTPRouteHandler:
    @get("/health", summary="Whether the service and its database work", tags=["operations"])
    async def health() -> Response[dict[str, str]]:
        try:
            await service.run(service.database.ping)
        except StoreError:
            return Response({"status": "unavailable"}, status_code=503)
        return Response({"status": "ok"})

    return health
