"""The metrics in the words of people, in the order of the pages."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from openum.utilization.rules import Unit

GROUPS: tuple[tuple[Promise, dict[str, Promise]], ...] = (
    (
        _("Members"),
        {"member_months": _("Member months")},
    ),
    (
        _("Hospital stays"),
        {
            "acute_admits": _("Acute admissions"), "acute_days": _("Acute days"), "acute_alos": _("Days of an acute stay"),
            "psychiatric_admits": _("Psychiatric admissions"), "psychiatric_days": _("Psychiatric days"),
            "psychiatric_alos": _("Days of a psychiatric stay"),
            "rehabilitation_admits": _("Rehabilitation admissions"), "rehabilitation_days": _("Rehabilitation days"),
            "rehabilitation_alos": _("Days of a rehabilitation stay"),
        },
    ),
    (
        _("After the hospital"),
        {
            "snf_admits": _("Admissions to skilled nursing"), "snf_days": _("Days in skilled nursing"),
            "snf_alos": _("Days of a stay in skilled nursing"), "home_health_visits": _("Home health visits"),
            "readmit_simple_rate": _("Readmitted in 30 days, simple count"),
            "readmit_chained_rate": _("Readmitted in 30 days, transfers joined"),
            "readmit_hwr_rate": _("Readmitted in 30 days, unplanned, hospital-wide"),
        },
    ),
    (
        _("Emergency, outpatient and office"),
        {
            "ed_visits_treat_and_release": _("Emergency visits without admission"),
            "urgent_care_visits": _("Urgent care visits"), "outpatient_hospital_visits": _("Outpatient hospital visits"),
            "asc_visits": _("Visits to surgery centers"), "pcp_visits": _("Primary care visits"),
            "specialist_visits": _("Specialist visits"), "telehealth_visits": _("Telehealth visits"),
        },
    ),
    (_("Imaging"), {"imaging_mri": _("MRI"), "imaging_ct": _("CT"), "imaging_pet": _("PET")}),
    (
        _("Cost"),
        {
            "medical_paid_all": _("Medical, paid"), "medical_allowed_all": _("Medical, allowed"),
            "medical_paid_enrolled": _("Medical, paid for enrolled members"),
            "pharmacy_paid_enrolled": _("Pharmacy, paid for enrolled members"),
        },
    ),
)  # fmt: skip
"""Headings, and under each the metrics with their names."""

NAMES = {metric: name for _group, names in GROUPS for metric, name in names.items()}
UNITS: dict[str, Promise] = {
    Unit.RATE: _("per 1,000 members a year"),
    Unit.MONEY: _("dollars a member month"),
    Unit.DAYS: _("days"),
    Unit.SHARE: _("of index stays"),
    Unit.COUNT: _("member months"),
}
CUTS: dict[str, Promise] = {
    "product": _("By product"), "age_band": _("By age"), "language": _("By language"), "service": _("By service"),
    "provider": _("By provider"),
}  # fmt: skip
ABOVE: dict[str, str] = {
    **{f"{kind}_alos": f"{kind}_days" for kind in ("acute", "psychiatric", "rehabilitation", "snf")},
    **{f"readmit_{kind}_rate": f"readmit_{kind}_30" for kind in ("simple", "chained", "hwr")},
}
"""Whose rows stand behind a metric that is a quotient: those of its numerator."""


def payer_words(payer: str) -> str:
    """Return a payer as people read it."""
    return str(_("All payers")) if payer == "ALL" else payer


def value_words(value: float | None, unit: str) -> str:
    """Write a value with as many places as it carries."""
    if value is None:
        return "–"
    if unit == Unit.SHARE:
        return f"{value * 100:.1f} %"
    if unit == Unit.COUNT:
        return f"{value:,.0f}"
    if unit == Unit.MONEY:
        return f"${value:,.2f}"
    return f"{value:,.1f}"


def count_words(count: float | None, unit: str) -> str:
    """Write a numerator or denominator: dollars with cents, everything else whole."""
    if count is None:
        return "–"
    return f"${count:,.2f}" if unit == Unit.MONEY else f"{count:,.0f}"
