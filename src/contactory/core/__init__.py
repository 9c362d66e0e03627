"""Core: the one write path, and reading. It imports no dialect and no HTTP."""
