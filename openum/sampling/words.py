"""What universes, elements and verdicts are called."""

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from openum.design.status import chip
from openum.sampling.rules import Element, Step, Universe, Verdict

UNIVERSES: dict[Universe, Promise] = {
    Universe.DECISIONS: _("Decisions on requests"),
    Universe.APPEALS: _("Decisions on appeals"),
    Universe.COMPLAINTS: _("Answers to complaints"),
}
ELEMENTS: dict[Element, Promise] = {
    Element.TIME: _("Answered in time"),
    Element.DECIDER: _("Decided by the right person"),
    Element.GROUNDS: _("Grounds and evidence are on file"),
    Element.NOTICE: _("The letter says what it must, and left in time"),
}
VERDICTS: dict[Verdict, Promise] = {
    Verdict.PASS: _("Passes"),
    Verdict.FAIL: _("Fails"),
    Verdict.NOT_APPLICABLE: _("Does not apply"),
}
_TONES = {Verdict.PASS: ("check", "ok"), Verdict.FAIL: ("times", "danger"), Verdict.NOT_APPLICABLE: ("dash", "muted")}
STEPS: dict[Step, Promise] = {
    Step.READ_FIRST: _("Read the first eight files to which it applies."),
    Step.MET_ON_FIRST: _("Met: the first eight files pass, the others need not be read."),
    Step.READ_ALL: _("A file fails: read all files."),
    Step.DONE: _("All files are read."),
}


def verdict_chip(verdict: str) -> SafeString:
    """Draw a verdict as word, shape and tone."""
    shape, tone = _TONES[Verdict(verdict)]
    return chip(VERDICTS[Verdict(verdict)], shape_name=shape, tone=tone)
