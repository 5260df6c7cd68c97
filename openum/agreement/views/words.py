"""Results in the words of a page."""

from fractions import Fraction
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from openum.agreement.queries import RECOMMENDATION, Item, Outcome
from openum.agreement.rules.measuring import Agreement, Band, Verdict
from openum.criteria.guideline import Guideline
from openum.design.status import chip

BANDS: dict[Band, Promise] = {
    Band.NONE: _("none"), Band.SLIGHT: _("slight"), Band.FAIR: _("fair"), Band.MODERATE: _("moderate"),
    Band.SUBSTANTIAL: _("substantial"), Band.ALMOST_PERFECT: _("almost perfect"),
}  # fmt: skip
VERDICTS: dict[Verdict, tuple[Promise, str, str]] = {
    Verdict.PASSED: (_("Agreement is enough"), "check", "ok"),
    Verdict.WATCH: (_("Below the mark: watch"), "triangle", "attention"),
    Verdict.CORRECT: (_("A corrective plan is needed"), "triangle", "danger"),
    Verdict.NOTHING_TO_SAY: (_("Too few readers to say"), "question", "muted"),
}
ANSWERS: dict[str, Promise] = {
    "met": _("Met"), "not_met": _("Not met"), "unknown": _("Unknown"), "approve": _("Approve"),
    "refer": _("Refer to a physician"), "": _("not stated"),
}  # fmt: skip


RECORDS: dict[str, Promise] = {
    "Condition": _("Diagnosis"), "Procedure": _("Treatment or procedure"), "Observation": _("Measurement or examination"),
    "MedicationStatement": _("Medicine"), "MedicationRequest": _("Medicine"), "MedicationDispense": _("Medicine"),
    "Encounter": _("Visit or stay"), "ServiceRequest": _("Order"), "DeviceRequest": _("Order"), "Device": _("Device"),
    "DiagnosticReport": _("Report"), "Claim": _("Earlier claim"), "QuestionnaireResponse": _("Answers of the form"),
}  # fmt: skip


def share(value: Fraction | None) -> str:
    """Return a share in percent with one decimal."""
    return "–" if value is None else f"{float(value * 100):.1f} %"


def kappa(value: Fraction | None) -> str:
    """Return a kappa with two decimals."""
    return "–" if value is None else f"{float(value):.2f}"


def verdict_chip(value: str) -> str:
    """Return what follows from a round, as a chip."""
    words, drawing, tone = VERDICTS[Verdict(value)]
    return chip(words, shape_name=drawing, tone=tone)


def found_words(found: Agreement) -> dict[str, Any]:
    """Return share, kappa, its word and the prevalence of each answer for a page."""
    return {
        "share": share(found.observed), "kappa": kappa(found.kappa), "band": BANDS[found.band] if found.band else "",
        "prevalence": ", ".join(f"{ANSWERS[value]} {share(part)}" for value, part in found.prevalence.items()),
        "items": found.items,
    }  # fmt: skip


def question_of(guideline: Guideline, key: str) -> str:
    """Return the question of a criterion in the reader's language, or the name of the recommendation."""
    if key == RECOMMENDATION:
        return _t("What the reader would do")
    leaf = guideline.leaf(key)
    return leaf.question.in_language(get_language() or "en") if leaf else key


def item_words(guideline: Guideline, item: Item) -> dict[str, Any]:
    """Return one row of the results."""
    return {
        "key": "" if item.key == RECOMMENDATION else item.key, "question": question_of(guideline, item.key),
        "right": share(Fraction(item.right, item.of)) if item.of else "–", "read_again": item.read_again,
        **found_words(item.found),
    }  # fmt: skip


def outcome_words(guideline: Guideline, outcome: Outcome) -> dict[str, Any]:
    """Return the results of a round for a page."""
    return {
        "readers": outcome.readers, "asked": outcome.asked, "verdict": verdict_chip(outcome.verdict),
        "whole": found_words(outcome.whole), "items": [item_words(guideline, item) for item in outcome.items],
    }  # fmt: skip
