"""HTTP: routes, limits, health. Knows no vendor and no SQL."""
