"""Checks of the source code that no other tool makes; `make check` runs them."""
