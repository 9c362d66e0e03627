"""PostgreSQL: the only place that speaks to the driver."""
