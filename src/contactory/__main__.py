"""`python -m contactory` is the same as the `contactory` command."""

from contactory.cli import app

app(prog_name="contactory")
