"""Forms of review: a criterion's answer, a link, a question to the provider, a referral, a conversation."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from openum.design.forms import NamedForm
from openum.vocabulary.terms import FindingValue

TEXT: dict[str, Any] = {"class": "form-control", "autocomplete": "off"}
AREA: dict[str, Any] = {"class": "form-control", "rows": 3}
SELECT = {"class": "form-select"}
DAY_TIME: dict[str, Any] = {"class": "form-control", "type": "datetime-local"}
DAY_TIME_FORMAT = "%Y-%m-%dT%H:%M"


class FindingForm(forms.Form):
    """A person's answer to one criterion."""

    value = forms.ChoiceField(
        label=_("Finding"),
        choices=[
            (FindingValue.MET, _("Met")),
            (FindingValue.NOT_MET, _("Not met")),
            (FindingValue.UNKNOWN, _("Unknown")),
        ],
    )
    note = forms.CharField(
        label=_("Why"), required=False, max_length=4000, widget=forms.Textarea(attrs={**AREA, "rows": 2})
    )
    authority = forms.CharField(label=_("Authority"), required=False, max_length=500)
    question = forms.CharField(required=False, max_length=500)


class LinkForm(forms.Form):
    """A place in the record for a criterion: a page, quoted words, or a clinical record."""

    leaf = forms.CharField(max_length=40)
    attachment = forms.UUIDField(required=False)
    page = forms.IntegerField(required=False, min_value=1)
    quote = forms.CharField(required=False, max_length=2000)
    resource_key = forms.CharField(required=False, max_length=200)


class AskForm(forms.Form):
    """An itemised question: each item may be changed, dropped or added."""

    message = forms.CharField(
        label=_("A word to the provider"), required=False, max_length=4000, widget=forms.Textarea(attrs=AREA)
    )


class ReferForm(forms.Form):
    """A referral to a physician."""

    summary = forms.CharField(
        label=_("The situation in a paragraph"), max_length=8000, widget=forms.Textarea(attrs={**AREA, "rows": 8}),
        help_text=_("The physician reads this first. It was drafted from the criteria; put it into your own words."),
    )  # fmt: skip
    recommendation = forms.CharField(
        label=_("What you would look at"), required=False, max_length=4000, widget=forms.Textarea(attrs=AREA)
    )
    lower_level_considered = forms.CharField(
        label=_("Lower level of care considered"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={**AREA, "rows": 2}),
    )
    specialty = forms.CharField(
        label=_("Field of medicine"), required=False, max_length=80, widget=forms.TextInput(attrs=TEXT)
    )


class SlotForm(forms.Form):
    """A time for conversations, in the plan's zone."""

    starts_at = forms.DateTimeField(
        label=_("Starts"),
        input_formats=[DAY_TIME_FORMAT],
        widget=forms.DateTimeInput(attrs=DAY_TIME, format=DAY_TIME_FORMAT),
    )
    minutes = forms.IntegerField(
        label=_("Minutes"), min_value=5, max_value=60, initial=10, widget=forms.NumberInput(attrs=TEXT)
    )


class ConversationForm(NamedForm):
    """What came of a conversation."""

    ids = "talk"

    held_from = forms.DateTimeField(
        label=_("From"),
        input_formats=[DAY_TIME_FORMAT],
        widget=forms.DateTimeInput(attrs=DAY_TIME, format=DAY_TIME_FORMAT),
    )
    held_to = forms.DateTimeField(
        label=pgettext_lazy("end of a time", "To"),
        input_formats=[DAY_TIME_FORMAT],
        widget=forms.DateTimeInput(attrs=DAY_TIME, format=DAY_TIME_FORMAT),
    )
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=[
            ("new information", _("New information: I look again")),
            ("upheld", _("My view stays")),
            ("agreed alternative", _("We agreed on something else; the provider amends the request")),
        ],
        widget=forms.Select(attrs=SELECT),
    )
    note = forms.CharField(
        label=_("What was said"), max_length=8000, widget=forms.Textarea(attrs={**AREA, "rows": 5}),
        help_text=_("Part of the record."),
    )  # fmt: skip


class AttemptForm(NamedForm):
    """An attempt to reach the ordering clinician."""

    ids = "attempt"

    outcome = forms.ChoiceField(
        label=_("How it ended"),
        choices=[
            ("left message", _("Left a message")),
            ("no answer", _("No answer")),
            ("wrong number", _("Wrong number")),
            ("declined", _("The clinician declined")),
        ],
        widget=forms.Select(attrs=SELECT),
    )
    address = forms.CharField(label=_("Number called"), max_length=60, widget=forms.TextInput(attrs=TEXT))
    person = forms.CharField(
        label=_("Who answered"), required=False, max_length=120, widget=forms.TextInput(attrs=TEXT)
    )
    note = forms.CharField(
        label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={**AREA, "rows": 2})
    )
    is_final = forms.BooleanField(
        label=_("Close the offer"), required=False, widget=forms.CheckboxInput(attrs={"class": "form-check-input"})
    )


class BookingForm(forms.Form):
    """A practice books a time."""

    slot = forms.UUIDField(error_messages={"required": _("Choose a time."), "invalid": _("Choose a time.")})
    attendee = forms.CharField(label=_("Who will take the call"), max_length=200, widget=forms.TextInput(attrs=TEXT))
    call_back = forms.CharField(
        label=_("Number we call"),
        max_length=60,
        widget=forms.TextInput(attrs={**TEXT, "type": "tel", "autocomplete": "tel"}),
    )
