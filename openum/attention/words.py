"""Words for the lists, for the illnesses of Charlson's index, and for what claims do not tell."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from openum.attention.rules.lists import ListKind

KINDS: dict[ListKind, Promise] = {
    ListKind.HIGH_COST: _("Highest cost"),
    ListKind.RISING: _("Rising cost"),
    ListKind.DISCHARGED: _("Lately discharged"),
    ListKind.ILL: _("Long-term illness"),
    ListKind.HCC: _("HCC"),
    ListKind.EXPECTED: _("Expected cost"),
}
MEANINGS: dict[ListKind, Promise] = {
    ListKind.HIGH_COST: _(
        "The 200 members with the most paid in the last twelve months of the claims, and everybody above 50,000 dollars (D17). Late claims raise the amounts."
    ),
    ListKind.RISING: _(
        "At least 10,000 dollars paid in the last six months, and at least twice the six months before."
    ),
    ListKind.DISCHARGED: _(
        "Left an acute hospital in the last 30 days of the claims, by LACE (0 to 19) and HOSPITAL (0 to 13). Claims know neither hemoglobin nor sodium nor the oncology service, so HOSPITAL is always partial: the second number is the most it can be."
    ),
    ListKind.ILL: _(
        "Two or more points of Charlson's index (weights of 1987) in one of the last two calendar years, at most 200 members. Every diagnosis of a claim counts, also one that was only looked for. Elixhauser counts measures."
    ),
    ListKind.HCC: _(
        "The 200 highest scores of CMS-HCC V28 among Medicare members without Medicaid, always partial: interactions, the filter of encounters and the originally disabled are left out. It is not for payment."
    ),
    ListKind.EXPECTED: _(
        "The 200 members for whom the model of dollars expects most, with what speaks for it. Empty where the model did not beat both simple guesses on later data."
    ),
}
CHARLSON: dict[str, Promise] = {
    "aids": _("AIDS or HIV"), "ami": _("heart attack"), "canc": _("cancer"), "cevd": _("stroke or disease of brain vessels"),
    "chf": _("heart failure"), "copd": _("chronic lung disease"), "dementia": _("dementia"), "diab": _("diabetes"),
    "diabwc": _("diabetes with complications"), "hp": _("paralysis of one side or both legs"), "metacanc": _("cancer that has spread"),
    "mld": _("mild liver disease"), "msld": _("severe liver disease"), "pud": _("peptic ulcer"), "pvd": _("disease of leg or body vessels"),
    "rend": _("kidney disease"), "rheumd": _("rheumatic disease"),
}  # fmt: skip
MISSING: dict[str, Promise] = {
    "hemoglobin": _("hemoglobin"), "sodium": _("sodium"), "oncology service": _("oncology service"),
    "admission type": _("type of admission"), "12 months of history": _("twelve months of history"),
}  # fmt: skip
