"""The twins of all compiled functions, in plain Python: what these return is what the compiled ones must."""

from contactory.columns.plain import document, json_arrays, measure, pgcopy, scanner, usual, values

__all__ = ["document", "json_arrays", "measure", "pgcopy", "scanner", "usual", "values"]
