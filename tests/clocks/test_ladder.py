"""The escalation ladder: what the shipped one says, and which faults are refused."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from openum.clocks.rules.escalation import LadderInvalid, When, of_kind, read_ladder
from openum.vocabulary.terms import Role

SHIPPED = Path(__file__).resolve().parents[2] / "policies" / "escalation" / "ladder.yaml"
DUE = datetime(2026, 11, 24, 5, tzinfo=UTC)


def test_the_shipped_ladder_climbs_from_the_desk_to_the_director():
    ladder = read_ladder(SHIPPED.read_text(encoding="utf-8"))
    assert [rung.tells[0] for rung in ladder] == [
        Role.NURSE, Role.MEDICAL_DIRECTOR, Role.MEDICAL_DIRECTOR, Role.DIRECTOR,
    ]  # fmt: skip
    (before,), (after,) = of_kind(ladder, When.BEFORE), of_kind(ladder, When.AFTER)
    assert (before.at(DUE), after.at(DUE)) == (DUE - timedelta(hours=4), DUE + timedelta(hours=24))


def test_an_hour_before_is_early_enough():
    (rung,) = read_ladder("key: ladder\nrungs: [{key: a, when: before, tells: [nurse], hours: 1}]")
    assert rung.at(DUE) == DUE - timedelta(hours=1)


@pytest.mark.parametrize(
    ("rungs", "said"),
    [
        ("", "list of rungs"),
        ("[{when: passed, tells: [nurse]}]", "no key"),
        ("[{key: a, when: soon, tells: [nurse]}]", "soon"),
        ("[{key: a, when: passed, tells: [janitor]}]", "janitor"),
        ("[{key: a, when: passed, tells: []}]", "tells nobody"),
        ("[{key: a, when: before, tells: [nurse]}]", "hours"),
        ("[{key: a, when: before, tells: [nurse], hours: -2}]", "hours"),
        ("[{key: a, when: before, tells: [nurse], hours: soon}]", "hours"),
        ("[{key: a, when: passed, tells: [nurse], hours: 3}]", "hours"),
        ("[{key: a, when: passed, tells: [nurse]}, {key: a, when: at_risk, tells: [nurse]}]", "same key"),
    ],
)
def test_a_ladder_with_a_fault_is_refused_and_the_fault_named(rungs, said):
    with pytest.raises(LadderInvalid, match=said):
        read_ladder(f"key: ladder\nrungs: {rungs}")
