"""The check of the first words of docstrings."""

from __future__ import annotations

from pathlib import Path

import pytest
from checks.docstrings import begins_well, find_docstrings, main

MODULE = '''"""The rows of a batch."""

SIZE = 10
"""Of a batch, in rows."""


class Batch:
    """Rows that are written together."""

    def close(self) -> None:
        """Return the rows."""
        text = "no docstring"


async def read() -> None:
    """Whether there are more."""
'''
WRONG = MODULE.replace('"""Return', '"""By way of').replace('"""The', '"""Where')


@pytest.mark.parametrize("text", ["Return rows.", "The life of a job.", "`make` is a tool.", "Everything."])
def test_docstring_may_begin_with_a_verb_or_a_noun(text: str) -> None:
    assert begins_well(text)


@pytest.mark.parametrize("text", ["Of one process.", "What is kept.", '"Where" it is.', "As, in short.", " "])
def test_docstring_must_not_begin_in_mid_sentence(text: str) -> None:
    assert not begins_well(text)


def test_docstrings_are_found_with_their_lines() -> None:
    assert sorted(find_docstrings(MODULE)) == [
        (1, "The rows of a batch."),
        (4, "Of a batch, in rows."),
        (8, "Rows that are written together."),
        (11, "Return the rows."),
        (16, "Whether there are more."),
    ]


def test_check_prints_wrong_docstrings_and_exits_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "package").mkdir()
    module = tmp_path / "package" / "module.py"
    module.write_text(WRONG)
    assert main([str(tmp_path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert f"{module}:1: Where rows of a batch." in lines
    assert f"{module}:11: By way of the rows." in lines
    assert lines[-1] == "4 docstrings begin in mid-sentence."


def test_check_accepts_good_docstrings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "module.py").write_text('"""Read rows."""\n')
    assert main([str(tmp_path)]) == 0
    assert capsys.readouterr().out == ""
