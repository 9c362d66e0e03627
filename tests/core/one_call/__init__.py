"""Property tests: one call has the result of one call per row.

Random rows have few keys, so that they refer to the same records. The oracles write plain dictionaries, a row
at a time, and share no code with the service.
"""
