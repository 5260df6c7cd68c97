"""What law says of software, by state and day; and that software here does none of what any law forbids."""

from datetime import date

import pytest
from django.conf import settings

from openum.cases.rules import ADVERSE_STATUSES, MACHINE_MAY_SET, MachineMayNot, check_actor_may_set
from openum.determination.automation import MACHINE_VERBS, disclosures, rows_of
from openum.vocabulary.terms import LineStatus

ROWS = rows_of("the pack", (settings.OPENUM_POLICIES / "automation" / "states.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("line_of_business", "state", "day", "keys"),
    [
        ("medicare_advantage", "CA", date(2026, 11, 30), {"medicare-advantage", "nondiscrimination", "accreditation"}),
        ("commercial_state", "CA", date(2024, 12, 31), {"accreditation"}),
        ("commercial_state", "CA", date(2025, 1, 1), {"accreditation", "california"}),
        ("qhp_ffe", "TX", date(2025, 12, 31), {"accreditation", "nondiscrimination"}),
        ("qhp_ffe", "TX", date(2026, 1, 1), {"accreditation", "nondiscrimination", "texas"}),
        ("commercial_state", "AZ", date(2026, 6, 30), {"accreditation", "nondiscrimination"}),
        ("commercial_state", "AZ", date(2026, 7, 1), {"accreditation", "nondiscrimination", "arizona"}),
        ("commercial_state", "MD", date(2025, 10, 1), {"accreditation", "nondiscrimination", "maryland"}),
        ("commercial_state", "NE", date(2026, 1, 1), {"accreditation", "nondiscrimination", "nebraska"}),
        ("erisa_group", "CA", date(2026, 11, 30), {"accreditation", "nondiscrimination"}),
        ("erisa_group", "", date(2024, 1, 1), set()),
    ],
)
def test_people_are_told_what_the_law_of_their_place_says_from_its_day(line_of_business, state, day, keys):
    found = disclosures(ROWS, line_of_business=line_of_business, state=state, on=day)
    assert {row.key for row in found} == keys
    assert all(row.citation and row.text["en"] and row.text["es"] for row in found)


def test_software_has_no_verb_that_any_law_forbids():
    assert not MACHINE_VERBS & {verb for row in ROWS for verb in row.never}
    assert not MACHINE_MAY_SET & ADVERSE_STATUSES


@pytest.mark.parametrize("status", sorted(set(LineStatus) - MACHINE_MAY_SET))
def test_software_brings_about_no_other_status(status):
    with pytest.raises(MachineMayNot):
        check_actor_may_set(target=status, by_machine=True)
