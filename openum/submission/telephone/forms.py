"""What intake asks in a call, beside what every request asks."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openum.design.controls import SELECT, TEXT, area
from openum.submission.forms import StepForm
from openum.submission.telephone.services import ASKED, BY_PHYSICIAN, NOT_FAST
from openum.vocabulary.identifiers import npi_is_valid
from openum.vocabulary.terms import Standing

RADIO = {"class": "form-check-input"}


class CallerForm(StepForm):
    """Who calls, for whom, on which number they are reached, and how that was checked."""

    standing = forms.ChoiceField(
        label=_("Who asks"), widget=forms.Select(attrs=SELECT),
        choices=[
            (Standing.PROVIDER, _("A provider")),
            (Standing.MEMBER, _("The member")),
            (Standing.REPRESENTATIVE, _("A representative of the member")),
        ],
    )  # fmt: skip
    caller_name = forms.CharField(label=_("Name of the caller"), max_length=200, widget=forms.TextInput(attrs=TEXT))
    call_organization = forms.CharField(
        label=_("Office or hospital"), required=False, max_length=200, widget=forms.TextInput(attrs=TEXT)
    )
    call_npi = forms.CharField(
        label=_("NPI of the office"), required=False, max_length=10, widget=forms.TextInput(attrs=TEXT)
    )
    call_back = forms.CharField(
        label=_("Number to call back"), max_length=60,
        widget=forms.TextInput(attrs={**TEXT, "type": "tel", "inputmode": "tel"}),
    )  # fmt: skip
    call_fax = forms.CharField(label=_("Fax"), required=False, max_length=60, widget=forms.TextInput(attrs=TEXT))
    call_checked = forms.ChoiceField(
        label=_("How was it checked who calls?"), widget=forms.Select(attrs=SELECT),
        choices=[
            ("", _("Choose")),
            ("on_file", _("The call came from a number on file")),
            ("called_back", _("Called back on a number on file")),
            ("facts", _("Two facts agreed with what is on file")),
            ("unchecked", _("It could not be checked: told the caller nothing about the member")),
        ],
    )  # fmt: skip

    def clean_call_npi(self) -> str:
        """Check the number."""
        value = str(self.cleaned_data["call_npi"]).strip()
        if value and not npi_is_valid(value):
            raise forms.ValidationError(_("This is not a valid NPI: ten digits, the last one is a check digit."))
        return value

    def clean(self) -> dict[str, Any]:
        """A provider's caller names the office."""
        cleaned = super().clean() or {}
        if cleaned.get("standing") == Standing.PROVIDER and not cleaned.get("call_organization"):
            self.add_error("call_organization", _("Name the office or hospital."))
        return cleaned


class SpeedForm(StepForm):
    """The question the law asks of speed, and who answers it so."""

    call_speed = forms.ChoiceField(
        label=_("Could waiting for the usual time seriously harm the member's life, health or ability to regain full function?"),
        widget=forms.RadioSelect(attrs=RADIO), initial=NOT_FAST,
        choices=[
            (NOT_FAST, _("No, the usual time is enough")),
            (BY_PHYSICIAN, _("Yes, a physician says so, or the office says it for the physician: the plan must decide fast")),
            (ASKED, _("Yes, the member or who acts for the member asks: the fast time counts until the plan answers")),
        ],
    )  # fmt: skip
    call_speed_by = forms.CharField(
        label=_("Physician who says so"), required=False, max_length=200, widget=forms.TextInput(attrs=TEXT)
    )

    def clean(self) -> dict[str, Any]:
        """Ask for the physician's name where a physician says so."""
        cleaned = super().clean() or {}
        if cleaned.get("call_speed") == BY_PHYSICIAN and not cleaned.get("call_speed_by"):
            self.add_error("call_speed_by", _("Name the physician who says so."))
        return cleaned


class ComingForm(StepForm):
    """What will be sent, and what else was said."""

    call_papers = area(_("Papers to come, how and by when"), most=2000, required=False)
    call_message = area(_("What the caller said, in their words"), most=20000, required=False)


class EndForm(forms.Form):
    """Why no request came of a call."""

    words = area(_("Why did no request come of it?"), most=2000, rows=2)
