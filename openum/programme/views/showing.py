"""Figures in the words of a page."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from openum.accounts.models import Plan
from openum.design.status import chip
from openum.programme.askings import names_of
from openum.programme.rules.worth import Advice, Progress, Standing
from openum.vocabulary.terms import LineOfBusiness

LAWS: dict[str, Promise] = {
    LineOfBusiness.MEDICARE_ADVANTAGE: _("Medicare Advantage"),
    LineOfBusiness.MEDICARE_PART_D: _("Medicare Part D"),
    LineOfBusiness.MEDICAID_MANAGED_CARE: _("Medicaid managed care"),
    LineOfBusiness.MEDICAID_FFS: _("Medicaid fee-for-service"),
    LineOfBusiness.CHIP_FFS: _("CHIP fee-for-service"),
    LineOfBusiness.QHP_FFE: _("Marketplace plans"),
    LineOfBusiness.ERISA_GROUP: _("Employer plans"),
    LineOfBusiness.COMMERCIAL_STATE: _("State-regulated plans"),
}
LEVELS: dict[str, Promise] = {
    "contract": _("Contract"), "plan": _("Plan"), "state": _("State"), "issuer": _("Issuer"),
}  # fmt: skip
CLASSES: dict[str, Promise] = {
    "standard": _("Standard"), "expedited": _("Expedited"), "all": _("Standard and expedited"),
}  # fmt: skip
NAMES: dict[str, Promise] = {
    "2": _("Standard requests approved"),
    "3": _("Standard requests denied"),
    "4": _("Standard requests approved after appeal"),
    "5": _("Requests approved after the time for review was extended"),
    "6": _("Expedited requests approved"),
    "7": _("Expedited requests denied"),
    "8": _("Time from request to decision, standard"),
    "9": _("Time from request to decision, expedited"),
}
READINGS: dict[str, Promise] = {
    "of appeals decided": _("of the appeals decided"),
    "of all standard requests": _("of all standard requests"),
}
TALLIES: dict[str, Promise] = {
    "requests": _("Decided"),
    "approved": _("Approved"),
    "approved_after_extension": _("Approved only after the time was extended"),
    "approved_after_appeal": _("Approved only after appeal"),
    "denied": _("Denied in whole or part"),
    "denied_in_part": _("of these in part"),
    "denied_after_extension": _("Denied after the time was extended"),
    "denied_after_appeal": _("Denied after appeal"),
    "appeals_decided": _("Appeals decided"),
}
LEFT: dict[str, Promise] = {
    "withdrawn": _("withdrawn"), "dismissed": _("dismissed"), "duplicate": _("sent twice"),
    "not_required": _("no authorization required"), "drug": _("drugs"),
}  # fmt: skip
UNITS: dict[str, Promise] = {"days": _("calendar days"), "hours": _("hours")}


def shown(figures: dict[str, Any]) -> dict[str, Any]:
    """Return kept figures for a page, in the reader's language."""
    standard, expedited = figures["classes"]["standard"], figures["classes"]["expedited"]
    return {
        "elements": [
            {
                "number": row["number"], "name": NAMES[row["number"]], "reading": READINGS.get(row["reading"], ""),
                "numerator": row["numerator"], "denominator": row["denominator"], "percent": row["percent"],
            }
            for row in figures["elements"]
        ],
        "times": [
            {**row, "name": NAMES[row["number"]], "unit": UNITS[row["unit"]]} for row in figures["times"]
        ],
        "tallies": [(words, standard[name], expedited[name]) for name, words in TALLIES.items()],
        "received": [(CLASSES[name], count) for name, count in figures["received"].items()],
        "left_out": [(words, figures["left_out"][name]) for name, words in LEFT.items()],
        "undecided": figures["undecided"],
        "without_letter": figures["without_letter"],
        "speed_changed": figures["speed_changed"],
        "changed_without_appeal": figures["changed_without_appeal"],
        "notes": figures["notes"],
        "services": figures["services"],
    }  # fmt: skip


ADVICE: dict[Advice, tuple[Promise, str, str]] = {
    Advice.REMOVE: (_("Need not be asked for"), "check", "ok"),
    Advice.BY_RULE: (_("Costs little work; offices still have to ask"), "ring", "info"),
    Advice.KEEP: (_("Keep"), "circle", "muted"),
    Advice.KEPT_BY_POLICY: (_("Kept by the committee"), "square", "muted"),
    Advice.TOO_FEW: (_("Too few to say"), "question", "muted"),
}
STANDINGS: dict[Standing, tuple[Promise, str, str]] = {
    Standing.EXEMPT: (_("Exempt"), "check", "ok"),
    Standing.QUALIFIES: (_("Qualifies"), "check", "info"),
    Standing.TOO_FEW: (_("Too few yet"), "ring", "muted"),
    Standing.BELOW: (_("Below the share"), "circle", "muted"),
}


def advice_words(advice: Advice) -> SafeString:
    """Return what the adviser says, as a chip."""
    words, drawing, tone = ADVICE[advice]
    return chip(words, shape_name=drawing, tone=tone)


def standing_words(standing: Standing) -> SafeString:
    """Return how near a provider is, as a chip."""
    words, drawing, tone = STANDINGS[standing]
    return chip(words, shape_name=drawing, tone=tone)


def progress_rows(plan: Plan, rows: Sequence[Progress]) -> list[dict[str, Any]]:
    """Return the ledger for a page: who qualifies first, then who is nearest."""
    names = names_of(plan, {row.npi for row in rows})
    order = [Standing.QUALIFIES, Standing.TOO_FEW, Standing.BELOW, Standing.EXEMPT]
    ordered = sorted(rows, key=lambda row: (order.index(row.standing), row.more))
    return [{"row": row, "standing": standing_words(row.standing), "name": names.get(row.npi, "")} for row in ordered]


def dollars(cents: Fraction) -> str:
    """Return an amount of cents in whole dollars."""
    return f"${round(cents / 100):,}"
