"""HTTP: routes, the handling of a request, limits, sockets and health. Nothing here depends on a vendor."""
