"""The service as its clients meet it: HTTP in, HTTP out, a real server on a real database."""
