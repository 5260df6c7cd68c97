"""Forms about time: extend a request, ask for speed, refuse speed; the owner and the cause of a breach."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openum.accounts.models import User
from openum.clocks.models import Cause
from openum.design.controls import TEXT, area
from openum.design.forms import NamedForm

WHEN: dict[str, Any] = {"class": "form-control", "type": "datetime-local"}
WHEN_FORMAT = "%Y-%m-%dT%H:%M"

REASON_WORDS = {
    "enrollee_asked": _("The member asks for more time"),
    "provider_asked": _("The provider asks for more time"),
    "noncontract_evidence": _("Evidence of a provider without a contract may change the answer"),
    "extraordinary_circumstances": _("Extraordinary circumstances, in the member's interest"),
    "info": _("Information is missing that is in the member's interest"),
    "beyond_control": _("Matters beyond the control of the plan"),
}


class ExtendForm(NamedForm):
    """Take the one extension that the law allows, for a reason it admits."""

    ids = "extend"

    reason = forms.ChoiceField(label=_("Why"), widget=forms.Select(attrs={"class": "form-select"}))

    def __init__(self, *args: Any, reasons: Sequence[str], **kwargs: Any) -> None:
        """Offer only the reasons that the law admits; where it names none, those that people know."""
        super().__init__(*args, **kwargs)
        shown = reasons or tuple(REASON_WORDS)
        self.fields["reason"].choices = [(reason, REASON_WORDS.get(reason, reason)) for reason in shown]  # type: ignore[attr-defined]


class SpeedForm(NamedForm):
    """Somebody asked to decide fast."""

    ids = "speed"

    asked_at = forms.DateTimeField(
        label=_("When it was asked"), input_formats=[WHEN_FORMAT],
        widget=forms.DateTimeInput(attrs=WHEN, format=WHEN_FORMAT), help_text=_("In the plan's time."),
    )  # fmt: skip
    asked_by = forms.CharField(label=_("Who asked"), max_length=200, widget=forms.TextInput(attrs=TEXT))
    reason = area(_("Why waiting could do harm"), most=4000, help_text=_("Part of the record."))


class RefuseSpeedForm(NamedForm):
    """A clinician refuses to decide fast."""

    ids = "refuse"

    reason = area(
        _("Why the standard time does no harm"),
        most=4000,
        help_text=_("Part of the record. The letter tells the member what to do; it does not quote this."),
    )


class ExplainForm(NamedForm):
    """Say why a due time passed, and what was changed."""

    ids = "explain"

    cause = forms.ChoiceField(
        label=_("Cause"), choices=[("", ""), *Cause.choices], widget=forms.Select(attrs={"class": "form-select"})
    )
    explanation = area(_("What happened"), most=4000)
    remedy = area(_("What was changed so that it does not happen again"), most=4000, required=False)


class AssignForm(NamedForm):
    """Give a breach to the person who finds its cause."""

    ids = "assign"

    owner = forms.ChoiceField(label=_("Owner"), widget=forms.Select(attrs={"class": "form-select"}))

    def __init__(self, *args: Any, people: Sequence[User], **kwargs: Any) -> None:
        """Offer the people of the plan."""
        super().__init__(*args, **kwargs)
        self.fields["owner"].choices = [("", ""), *((str(one.pk), one.name) for one in people)]  # type: ignore[attr-defined]
