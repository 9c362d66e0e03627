"""The `contactory` command, as `python -m contactory`."""

from contactory.cli import app

app(prog_name="contactory")
