"""The steps of the guided request, and the cover of a captured one. Each form judges fields that are already kept."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openum.accounts.models import Plan
from openum.cases.kinds import DOCUMENT_KINDS, PLACES
from openum.design.controls import DAY, SELECT, TEXT, area
from openum.directory.models import CodeList
from openum.submission.composing import CPT, ICD_10_CM
from openum.vocabulary.identifiers import npi_is_valid
from openum.vocabulary.terms import Channel, Standing, Urgency

UNITS = [("", _("units")), ("DA", _("days")), ("VS", _("visits")), ("HH", _("hours")), ("MO", _("months"))]


class StepForm(forms.Form):
    """A page of the guided request."""


def _npi(value: str) -> str:
    value = value.strip()
    if value and not npi_is_valid(value):
        raise forms.ValidationError(_("This is not a valid NPI: ten digits, the last one is a check digit."))
    return value


class PatientForm(StepForm):
    """Who the request is for."""

    plan = forms.ChoiceField(label=_("Health plan"), widget=forms.Select(attrs=SELECT))
    member_number = forms.CharField(label=_("Member number"), help_text=_("As on the member card."), max_length=80)
    birth_date = forms.DateField(label=_("Date of birth"), widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"))
    family_name = forms.CharField(label=_("Family name"), max_length=200)

    def __init__(self, data: Mapping[str, Any] | None, *, plans: list[Plan], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        choice = self.fields["plan"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(str(plan.public_id), plan.name) for plan in plans]
        for name in ("member_number", "family_name"):
            self.fields[name].widget.attrs.update(TEXT)


class LineForm(StepForm):
    """One service."""

    code_system = forms.ChoiceField(label=_("Code list"), widget=forms.Select(attrs=SELECT), required=False)
    code = forms.CharField(
        label=_("Code"), max_length=40, widget=forms.TextInput(attrs={**TEXT, "spellcheck": "false"})
    )
    modifiers = forms.CharField(
        label=_("Modifiers"), required=False, max_length=40, widget=forms.TextInput(attrs=TEXT),
        help_text=_("For example the side: RT or LT."),
    )  # fmt: skip
    units = forms.DecimalField(
        label=_("How many"), min_value=0, max_digits=9, decimal_places=3, widget=forms.NumberInput(attrs=TEXT)
    )
    unit = forms.ChoiceField(label=_("Counted in"), choices=UNITS, required=False, widget=forms.Select(attrs=SELECT))
    first_day = forms.DateField(
        label=_("First day"), widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"), required=False,
        help_text=_("The planned day, as well as you know it."),
    )  # fmt: skip
    last_day = forms.DateField(
        label=_("Last day"), widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"), required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lists = CodeList.objects.exclude(system=ICD_10_CM).order_by("name").values_list("system", "name")
        choice = self.fields["code_system"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = list(lists) or [(CPT, "CPT")]

    def clean(self) -> dict[str, Any]:
        """Refuse a last day before the first."""
        cleaned = super().clean() or {}
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if isinstance(first, date) and isinstance(last, date) and last < first:
            self.add_error("last_day", _("The last day lies before the first."))
        return cleaned


class ReasonForm(StepForm):
    """Why: the diagnoses."""

    diagnosis1 = forms.CharField(label=_("Main diagnosis, ICD-10 code"), max_length=20)
    diagnosis2 = forms.CharField(label=_("Second diagnosis"), max_length=20, required=False)
    diagnosis3 = forms.CharField(label=_("Third diagnosis"), max_length=20, required=False)
    diagnosis4 = forms.CharField(label=_("Fourth diagnosis"), max_length=20, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for item in self.fields.values():
            item.widget.attrs.update({**TEXT, "spellcheck": "false"})


class PeopleForm(StepForm):
    """Who orders it, and where it will be done."""

    ordering_npi = forms.CharField(label=_("NPI of the ordering clinician"), max_length=10)
    ordering_name = forms.CharField(label=_("Name of the ordering clinician"), max_length=200, required=False)
    ordering_phone = forms.CharField(
        label=_("Phone for questions and for a talk between doctors"), max_length=60, required=False
    )
    facility_npi = forms.CharField(label=_("NPI of the place"), max_length=10, required=False)
    facility_name = forms.CharField(label=_("Name of the place"), max_length=200, required=False)
    place = forms.ChoiceField(
        label=_("Kind of place"), choices=PLACES, required=False, widget=forms.Select(attrs=SELECT)
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, item in self.fields.items():
            if name != "place":
                item.widget.attrs.update(TEXT)

    def clean_ordering_npi(self) -> str:
        """Check the number."""
        return _npi(self.cleaned_data["ordering_npi"])

    def clean_facility_npi(self) -> str:
        """Check the number."""
        return _npi(self.cleaned_data["facility_npi"])


class UrgencyForm(StepForm):
    """How fast an answer is needed, with its definition and attestation."""

    urgency = forms.ChoiceField(
        label=_("How fast is an answer needed?"),
        choices=[
            (Urgency.STANDARD, _("Standard")),
            (Urgency.EXPEDITED, _("Fast-track (expedited)")),
        ],
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
    )
    attested = forms.BooleanField(
        label=_("The clinician named below states that this is so."), required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )  # fmt: skip
    attested_by = forms.CharField(
        label=_("Clinician who states it"), required=False, max_length=200, widget=forms.TextInput(attrs=TEXT)
    )
    message = area(_("Anything the reviewer should know"), most=1_000_000, required=False)

    def clean(self) -> dict[str, Any]:
        """Ask for the attestation when speed is asked for."""
        cleaned = super().clean() or {}
        if cleaned.get("urgency") == Urgency.EXPEDITED:
            if not cleaned.get("attested"):
                self.add_error("attested", _("Fast-track needs this statement."))
            if not cleaned.get("attested_by"):
                self.add_error("attested_by", _("Name the clinician who states it."))
        return cleaned


class CoverForm(StepForm):
    """The receipt of a request that came by phone or mail: how, when, from whom, and what proves it."""

    channel = forms.ChoiceField(
        label=_("How it came"),
        choices=[(Channel.PHONE, _("Phone")), (Channel.MAIL, _("Mail")), (Channel.FAX, _("Fax"))],
        widget=forms.Select(attrs=SELECT),
    )
    standing = forms.ChoiceField(
        label=_("Who asks"),
        choices=[
            (Standing.PROVIDER, _("A provider")),
            (Standing.MEMBER, _("The member")),
            (Standing.REPRESENTATIVE, _("A representative of the member")),
        ],
        widget=forms.Select(attrs=SELECT),
    )
    received_date = forms.DateField(
        label=_("Day it was received"), widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
        help_text=_("The day the call or letter came in, not the day you enter it. Clocks start here."),
    )  # fmt: skip
    received_time = forms.TimeField(
        label=_("Time it was received, in the plan's zone"),
        widget=forms.TimeInput(attrs={"class": "form-control", "type": "time"}, format="%H:%M"),
    )
    proof = forms.CharField(
        label=_("Proof of receipt"), max_length=300, widget=forms.TextInput(attrs=TEXT),
        help_text=_("Call reference, postmark, or fax header."),
    )  # fmt: skip
    caller_name = forms.CharField(
        label=_("Name of the caller or sender"), max_length=200, widget=forms.TextInput(attrs=TEXT), required=False
    )


class CapturePeopleForm(PeopleForm):
    """The same for a capture: a member who asks may not know the doctor's number."""

    ordering_npi = forms.CharField(
        label=_("NPI of the ordering clinician"), max_length=10, required=False,
        help_text=_("A member need not know it: we then ask the doctor."),
    )  # fmt: skip


class PaperForm(forms.Form):
    """One file to add."""

    file = forms.FileField(
        label=_("File"), help_text=_("PDF, picture or text, up to 15 MB."),
        widget=forms.FileInput(attrs={"class": "form-control", "accept": ".pdf,.png,.jpg,.jpeg,.txt,application/pdf,image/*"}),
    )  # fmt: skip
    document_kind = forms.ChoiceField(
        label=_("What it is"), choices=DOCUMENT_KINDS, widget=forms.Select(attrs=SELECT), initial="clinical-note"
    )
    title = forms.CharField(
        label=_("Title"), required=False, max_length=200, widget=forms.TextInput(attrs=TEXT),
        help_text=_("Without a title we take the file's name."),
    )  # fmt: skip
