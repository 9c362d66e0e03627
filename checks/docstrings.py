"""Check that docstrings begin with a verb or a noun: `python -m checks.docstrings FOLDER...`.

A docstring that begins with a preposition, a conjunction or a relative pronoun ("Of one process.") reads as
the middle of a sentence. Prints each one as `path:line: text` and exits with 1 if there are any.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

WORDS: Final = """
about after although among and as at because before behind beside between but by during for from if
in into like more none of on once one only or since so than that their these those though through
till to under unless until upon what whatever when where whether which whichever while who whoever
whom whose why with within without
"""
FORBIDDEN: Final = frozenset(WORDS.split())


def find_docstrings(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of each docstring, and of each text that follows an assignment."""
    for node in ast.walk(ast.parse(source)):
        body = getattr(node, "body", None)
        if not isinstance(body, list):
            continue
        for before, statement in zip([None, *body], body, strict=False):
            is_first = before is None and isinstance(
                node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
            )
            if (
                (is_first or isinstance(before, ast.Assign | ast.AnnAssign))
                and isinstance(statement, ast.Expr)
                and isinstance(statement.value, ast.Constant)
                and isinstance(statement.value.value, str)
            ):
                yield statement.lineno, statement.value.value


def begins_well(docstring: str) -> bool:
    words = docstring.split(maxsplit=1)
    return bool(words) and words[0].strip("\"'(,.:").lower() not in FORBIDDEN


def main(folders: list[str]) -> int:
    wrong = [
        f"{path}:{line}: {' '.join(text.split())[:70]}"
        for folder in folders
        for path in sorted(Path(folder).rglob("*.py"))
        for line, text in find_docstrings(path.read_text())
        if not begins_well(text)
    ]
    sys.stdout.writelines(f"{each}\n" for each in wrong)
    if wrong:
        sys.stdout.write(f"{len(wrong)} docstrings begin in mid-sentence.\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
