"""Facts of letters about care that ends, stays in a hospital, talks between clinicians, and what goes on meanwhile. Pure."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from openum.notices.elements import ADVERSE, Column, Laws, everywhere, needed
from openum.notices.facts import QUALITY
from openum.vocabulary.terms import LineOfBusiness

MEDICARE: Final = frozenset({LineOfBusiness.MEDICARE_ADVANTAGE, LineOfBusiness.INTEGRATED_DUAL})
COVERAGE_ENDS: Final[Laws] = {Column.MEDICARE: "42 CFR 422.624(b), form CMS-10123"}
EXPLAINED: Final[Laws] = {Column.MEDICARE: "42 CFR 422.626(e), form CMS-10124"}
IMPORTANT: Final[Laws] = {Column.MEDICARE: "42 CFR 422.620(b)-(c), form CMS-10065"}
DISCHARGE: Final[Laws] = {Column.MEDICARE: "42 CFR 422.622(e), form CMS-10066"}
OBSERVED: Final[Laws] = {Column.MEDICARE: "Social Security Act 1866(a)(1)(Y), 42 CFR 489.20(y), form CMS-10611"}
QUALITY_LAWS: Final[Laws] = {Column.MEDICARE: "42 CFR 422.620(b), 422.624(b)"}
EXPLANATION_LAWS: Final[Laws] = {Column.MEDICARE: "42 CFR 422.622(e), 422.626(e)"}
ADVANCE: Final[Laws] = {
    Column.MEDICARE: "42 CFR 422.568(d), 422.624",
    Column.INTEGRATED: "42 CFR 422.631(d)(2)(i)(A), 431.211",
    Column.PART_D: "42 CFR 423.568(g)",
    Column.MEDICAID: "42 CFR 438.404(c)(1), 431.211",
    Column.ERISA: "29 CFR 2560.503-1(f)(2)(ii)(A)",
}
CONTINUES: Final[Laws] = {
    Column.MEDICARE: "plan policy",
    Column.INTEGRATED: "42 CFR 422.632",
    Column.PART_D: "plan policy",
    Column.MEDICAID: "42 CFR 438.420",
    Column.ERISA: "29 CFR 2560.503-1(f)(2)(ii)(A), 45 CFR 147.136(b)(2)(iii)",
}
OUTSIDE: Final[Laws] = {
    Column.MEDICARE: "42 CFR 422.592, 422.594",
    Column.INTEGRATED: "42 CFR 422.634(b)",
    Column.PART_D: "42 CFR 423.600",
    Column.MEDICAID: "42 CFR 438.424",
    Column.ERISA: "45 CFR 147.136(d)(2)(iii)(B)(7)",
}


@dataclass(frozen=True, kw_only=True)
class Change:
    """Care that goes on now and will end or become less."""

    what: str = needed("what changes: the care ends, or becomes less", ADVANCE)
    before: str = needed("what was approved before", ADVANCE)
    after: str = needed("what is left after the change", ADVANCE)
    last_day: date | None = needed("the last day of the care as it is now", ADVANCE, default=None)
    why_lawful: str = needed("the ground on which an approval may end early", ADVERSE)


@dataclass(frozen=True, kw_only=True)
class QualityOrganization:
    """The Quality Improvement Organization of the state, which answers fast appeals."""

    name: str = needed("the name of the quality organization", QUALITY_LAWS)
    phone: str = needed("the telephone of the quality organization", QUALITY_LAWS)


@dataclass(frozen=True, kw_only=True)
class EndOfCoverage:
    """Services of a facility or of home care that the plan stops paying."""

    last_day: date | None = needed("the last day that is covered", COVERAGE_ENDS, default=None)
    cost: str = needed("that the member may have to pay for later days", COVERAGE_ENDS)
    fast_appeal: str = needed("the right to a fast appeal, and that it is free", COVERAGE_ENDS)
    ask_by: str = needed("until when to ask for the fast appeal", COVERAGE_ENDS)
    after: str = needed("what to do when the time to ask has passed", COVERAGE_ENDS)
    quality: QualityOrganization = needed("the quality organization", COVERAGE_ENDS, default=None)


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Why coverage ends, in detail, for the member and the quality organization."""

    facts: str = needed("the facts of the member's care", EXPLANATION_LAWS)
    why: str = needed("why the care is no longer covered", EXPLANATION_LAWS)
    rule: str = needed("the Medicare rule or plan provision", EXPLANATION_LAWS)
    copies: str = needed("how to get copies of the papers", EXPLANATION_LAWS)


@dataclass(frozen=True, kw_only=True)
class HospitalRights:
    """What a hospital patient may do."""

    care: str = needed("the right to the care that is needed", IMPORTANT)
    plan_for_leaving: str = needed("the right to take part in planning to leave", IMPORTANT)
    appeal: str = needed("the right to a fast appeal of leaving", IMPORTANT)
    ask_by: str = needed("until when to ask for the fast appeal", IMPORTANT)
    cost: str = needed("that nothing is to pay while the appeal runs", IMPORTANT)
    quality: QualityOrganization = needed("the quality organization", IMPORTANT, default=None)


@dataclass(frozen=True, kw_only=True)
class Observation:
    """Observation in a hospital, without being its inpatient."""

    began: str = needed("when the observation began", OBSERVED)
    status: str = needed("that the person is an outpatient and not an inpatient", OBSERVED)
    why: str = needed("why the person is not an inpatient", OBSERVED)
    cost: str = needed("what that means for the costs of the hospital care", OBSERVED)
    afterwards: str = needed("what that means for care in a nursing facility", OBSERVED)
    medicines: str = needed("what that means for the medicines the person takes at home", OBSERVED)
    questions: str = needed("whom to ask, and where to complain about quality", OBSERVED)


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """A talk with a reviewer before we decide."""

    why: str = needed("what speaks against an approval until now", everywhere(QUALITY))
    points: tuple[str, ...] = ()
    phone: str = needed("the telephone for the talk", everywhere("28 TAC 19.1710; Cal. HSC 1367.01(h)(4); NCQA UM 7"))
    how: str = needed("how to ask for the talk", everywhere(QUALITY))
    until: str = needed("until when the talk is possible", everywhere(QUALITY))
    in_writing: str = needed("that an answer in writing is possible too", everywhere(QUALITY))


@dataclass(frozen=True, kw_only=True)
class Continued:
    """Care that goes on while an appeal runs, or why it does not."""

    answer: str = needed("whether the care goes on", CONTINUES)
    until: str = needed("until when the care goes on", CONTINUES)
    cost: str = needed("what the member may have to pay", CONTINUES)


@dataclass(frozen=True, kw_only=True)
class OutsideDecision:
    """What an outside reviewer decided."""

    by: str = needed("who decided", OUTSIDE)
    answer: str = needed("what was decided", OUTSIDE)
    why: str = needed("why it was decided so", OUTSIDE)
    reference: str = needed("the reviewer's own number", OUTSIDE)
    what_now: str = needed("what happens now", OUTSIDE)
