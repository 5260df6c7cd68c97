"""Figures over very many rows are counted once a minute, while people go on; figures over few rows every time."""

from itertools import count

import pytest

from openum.db.keeping import LEAST_ROWS, SECONDS, kept_when_large


@pytest.mark.parametrize(
    ("rows", "elapsed", "seen"),
    [
        (LEAST_ROWS, (0, 1, SECONDS - 0.1, SECONDS, SECONDS + 1), [1, 1, 1, 1, 2]),
        (LEAST_ROWS, (0, 2 * SECONDS, 2 * SECONDS + 1), [1, 2, 2]),
        (LEAST_ROWS - 1, (0, 1, 2), [1, 2, 3]),
    ],
)
def test_only_figures_over_many_rows_are_kept(rows, elapsed, seen):
    asked = count(1)
    key = object()
    found = []
    for at in elapsed:
        waiting = []
        told = {"rows_of": lambda _: rows, "elapsed": at, "behind": waiting.append}
        found.append(kept_when_large(key, lambda: next(asked), **told))
        assert kept_when_large(key, lambda: 0, **told) == found[-1] or rows < LEAST_ROWS
        assert len(waiting) <= 1
        for work in waiting:
            work()
    assert found == seen
