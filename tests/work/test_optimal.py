"""The best assignment at once: never worse than the greedy one, and within everybody's licence, queue and room."""

import sys

import pytest

from openum.work.optimal import SolverMissing, assign_optimally, compare
from tests.work.test_assigning import ANN, BEA, but, wants


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ortools", None)
    monkeypatch.setitem(sys.modules, "ortools.sat.python", None)
    with pytest.raises(SolverMissing, match="extra staffing"):
        assign_optimally([wants()], [ANN])


def test_it_places_what_the_greedy_round_cannot():
    pytest.importorskip("ortools", reason="needs the extra staffing: OR-Tools")
    small, large = wants(line=1, points=4), wants(line=2, case=2, points=18, backup="")
    found = compare([small, large], [ANN, but(BEA, capacity=4)], seconds=5)
    assert (found.greedy, found.best, found.best_points, found.is_proved) == (1, 2, 22, True)


def test_nobody_goes_above_their_room_or_without_a_licence():
    pytest.importorskip("ortools", reason="needs the extra staffing: OR-Tools")
    needs = [wants(line=number, case=number, points=5, is_pressing=True) for number in range(1, 9)]
    chosen, _ = assign_optimally(needs, [ANN, but(BEA, licences=frozenset())], seconds=5)
    assert len(chosen) == 3
    assert set(chosen.values()) == {ANN.user}
