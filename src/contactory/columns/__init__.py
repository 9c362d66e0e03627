"""Columns of byte ranges, the scanner that makes them of JSON, and COPY rows made of them: see README.md."""
