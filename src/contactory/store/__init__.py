"""Store: PostgreSQL. This is the only package that uses the driver."""
