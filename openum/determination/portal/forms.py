"""Forms of the provider office on a request that is under way."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openum.cases.kinds import DOCUMENT_KINDS, PLACES
from openum.design.controls import DAY, SELECT, TEXT, area
from openum.design.forms import NamedForm

REASON: dict[str, Any] = {"class": "form-control", "rows": 2}


class WithdrawForm(NamedForm):
    """Take a line back."""

    ids = "withdraw"

    reason = area(_("Why is it taken back?"), most=1000, rows=2)


class AmendForm(NamedForm):
    """Change days, place or number of an open line, days or place of an approved one; empty fields stay as they are."""

    ids = "amend"

    service_from = forms.DateField(label=_("First day"), required=False, widget=forms.DateInput(attrs=DAY))
    service_to = forms.DateField(label=_("Last day"), required=False, widget=forms.DateInput(attrs=DAY))
    place = forms.ChoiceField(
        label=_("Kind of place"), required=False, choices=PLACES, widget=forms.Select(attrs=SELECT)
    )
    requested_units = forms.DecimalField(
        label=_("How many"), required=False, min_value=0, max_digits=9, decimal_places=3,
        widget=forms.NumberInput(attrs=TEXT),
    )  # fmt: skip
    reason = area(_("Why is it changed?"), most=1000, rows=2)


class PaperForm(NamedForm):
    """One more paper for a request under way."""

    ids = "paper"

    file = forms.FileField(
        label=_("File"),
        help_text=_("PDF, picture or text, up to 15 MB."),
        widget=forms.FileInput(attrs={"class": "form-control"}),
    )
    document_kind = forms.ChoiceField(label=_("What it is"), choices=DOCUMENT_KINDS, widget=forms.Select(attrs=SELECT))
    title = forms.CharField(label=_("Title"), required=False, max_length=200, widget=forms.TextInput(attrs=TEXT))


class ShareForm(NamedForm):
    """A link for somebody: whom it is for, and how long it shows."""

    ids = "share"

    made_for = forms.CharField(
        label=_("Who is the link for?"), help_text=_("For example: my sister. Who opens the link does not see this."), max_length=100,
        widget=forms.TextInput(attrs=TEXT),
    )  # fmt: skip
    days = forms.TypedChoiceField(
        label=_("How long does it show?"), coerce=int, initial=30, widget=forms.Select(attrs=SELECT),
        choices=[(7, _("One week")), (30, _("One month")), (90, _("Three months"))],
    )  # fmt: skip
