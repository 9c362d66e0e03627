"""Check the first word of docstrings: `python -m checks.docstrings FOLDER...`.

A docstring begins with a verb or a noun. One that begins with a preposition, a conjunction or a relative
pronoun ("Of one process.") reads as the middle of a sentence. The check prints each of these as
`path:line: text`, and exits with 1 if there are any.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

_SHOWN: Final = 70  # characters of a docstring
_WORDS: Final = """
about after although among and as at because before behind beside between but by during for from if
in into like more none of on once only or since so than that their these those though through
till to under unless until upon what whatever when where whether which whichever while who whoever
whom whose why with within without
"""
_NOT_FIRST: Final = frozenset(_WORDS.split())


class Docstring(NamedTuple):
    line: int
    text: str


def find_docstrings(source: str) -> Iterator[Docstring]:
    """Yield the docstrings of a module, its classes and functions, and the texts behind assignments."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Module() | ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from _texts(node.body[:1])
                yield from _texts_of_assignments(node.body)


def begins_well(text: str) -> bool:
    """Tell whether a docstring has a first word that may begin a sentence."""
    words = text.split(maxsplit=1)
    return bool(words) and words[0].strip("\"'(,.:").lower() not in _NOT_FIRST


def check(folder: Path) -> Iterator[str]:
    """Yield a line for each wrong docstring of the Python files in a folder."""
    for path in sorted(folder.rglob("*.py")):
        for line, text in find_docstrings(path.read_text()):
            if not begins_well(text):
                yield f"{path}:{line}: {' '.join(text.split())[:_SHOWN]}"


def main(folders: Sequence[str]) -> int:
    wrong = [line for folder in folders for line in check(Path(folder))]
    sys.stdout.writelines(f"{line}\n" for line in wrong)
    if wrong:
        sys.stdout.write(f"{len(wrong)} docstrings begin in mid-sentence.\n")
    return 1 if wrong else 0


def _texts_of_assignments(body: Sequence[ast.stmt]) -> Iterator[Docstring]:
    for before, statement in pairwise(body):
        if isinstance(before, ast.Assign | ast.AnnAssign):
            yield from _texts([statement])


def _texts(statements: Sequence[ast.stmt]) -> Iterator[Docstring]:
    for statement in statements:
        match statement:
            case ast.Expr(value=ast.Constant(value=str(text))):
                yield Docstring(statement.lineno, text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
