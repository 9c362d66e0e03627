"""The routes for operators: `/health`, `/ready` and `/metrics`."""

from __future__ import annotations

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from contactory.serving.service import Service
from contactory.serving.single_flight import SingleFlight
from contactory.store.errors import StoreError
from contactory.store.jobs import count_open
from contactory.telemetry.metrics import CONTENT_TYPE, render


def make_operations(service: Service) -> list[HTTPRouteHandler]:
    @get("/health", summary="Whether the service lives", tags=["operations"])
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    pinging = SingleFlight(lambda: service.run_operation(service.database.ping))
    counting = SingleFlight(lambda: service.run_operation(count))

    def count() -> bytes:
        try:
            return render(count_open(service.database))
        except StoreError:
            return render({})

    @get("/ready", summary="Whether calls can be sent here: its database works too", tags=["operations"])
    async def ready() -> Response[dict[str, str]]:
        try:
            await pinging.ask()
        except StoreError:
            return Response({"status": "unavailable"}, status_code=503, headers={"retry-after": "2"})
        return Response({"status": "ok"})

    @get("/metrics", summary="Numbers for Prometheus", tags=["operations"])
    async def metrics() -> Response[bytes]:
        return Response(await counting.ask(), headers={"content-type": CONTENT_TYPE})

    return [health, ready, *([metrics] if service.shows_metrics else [])]
