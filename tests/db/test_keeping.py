"""Figures over very many rows are counted once in ten seconds, figures over few rows every time."""

from itertools import count

import pytest

from openum.db.keeping import LEAST_ROWS, SECONDS, kept_when_large


@pytest.mark.parametrize(
    ("rows", "elapsed", "seen"),
    [
        (LEAST_ROWS, (0, 1, SECONDS - 0.1, SECONDS, SECONDS + 1), [1, 1, 1, 2, 2]),
        (LEAST_ROWS - 1, (0, 1, 2), [1, 2, 3]),
    ],
)
def test_only_figures_over_many_rows_are_kept(rows, elapsed, seen):
    asked = count(1)
    key = object()
    found = [kept_when_large(key, lambda: next(asked), rows_of=lambda _: rows, elapsed=at) for at in elapsed]
    assert found == seen
