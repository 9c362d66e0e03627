"""The one write path, and reading. Knows no vendor and no HTTP."""
