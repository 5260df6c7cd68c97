"""Forms of complaints and disputes."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openum.appeals.forms import CALLS, REASONS
from openum.design.forms import NamedForm
from openum.grievances.rules import About
from openum.vocabulary.terms import Channel

TEXT: dict[str, Any] = {"class": "form-control", "autocomplete": "off"}
AREA: dict[str, Any] = {"class": "form-control", "rows": 4}
SELECT = {"class": "form-select"}
CHECK = {"class": "form-check-input"}
ABOUT = [
    (About.SERVICE, _("How you were served")),
    (About.CARE, _("The care you got")),
    (About.ACCESS, _("How hard it was to get care")),
    (About.EXTENSION, _("That more time was taken")),
    (About.SPEED, _("That a fast answer was refused")),
    (About.PRIVACY, _("Privacy")),
    (About.BILLING, _("A bill")),
    (About.OTHER, _("Something else")),
]


class ComplaintForm(NamedForm):
    """A complaint of a member, or of somebody for the member."""

    ids = "complaint"

    about = forms.ChoiceField(label=_("What is it about?"), choices=ABOUT, widget=forms.Select(attrs=SELECT))
    issue = forms.CharField(label=_("Tell us what happened"), max_length=8000, widget=forms.Textarea(attrs=AREA))
    filer_name = forms.CharField(
        label=_("Your name, if you complain for the member"), required=False, max_length=200,
        widget=forms.TextInput(attrs=TEXT),
    )  # fmt: skip


ABOUT_AT_THE_DESK = [
    (About.SERVICE, _("How the member was served")),
    (About.CARE, _("The care the member got")),
    (About.ACCESS, _("Access to care")),
    (About.EXTENSION, _("An extension that was taken")),
    (About.SPEED, _("A refused fast answer")),
    (About.PRIVACY, _("Privacy")),
    (About.BILLING, _("A bill")),
    (About.OTHER, _("Something else")),
]


class IntakeForm(NamedForm):
    """A complaint that came by telephone, mail or fax, in the words of the desk."""

    ids = "complaint"

    about = forms.ChoiceField(label=_("Subject"), choices=ABOUT_AT_THE_DESK, widget=forms.Select(attrs=SELECT))
    issue = forms.CharField(
        label=_("What the caller or the letter says"), max_length=8000, widget=forms.Textarea(attrs=AREA)
    )
    filer_name = forms.CharField(
        label=_("Who complains, if not the member"), required=False, max_length=200,
        widget=forms.TextInput(attrs=TEXT),
    )  # fmt: skip
    member_number = forms.CharField(label=_("Member number"), max_length=60, widget=forms.TextInput(attrs=TEXT))
    channel = forms.ChoiceField(
        label=_("How it came"),
        choices=[(Channel.PHONE, _("Telephone")), (Channel.MAIL, _("Mail")), (Channel.FAX, _("Fax"))],
        widget=forms.Select(attrs=SELECT),
    )
    received_at = forms.DateTimeField(
        label=_("First received by anybody of the plan"),
        widget=forms.DateTimeInput(attrs={"class": "form-control", "type": "datetime-local"}),
    )
    proof = forms.CharField(
        label=_("Proof of receipt"), required=False, max_length=300, widget=forms.TextInput(attrs=TEXT)
    )


class ExtendForm(NamedForm):
    """More time for the complaint."""

    ids = "extend"

    reason = forms.ChoiceField(label=_("Reason of the law"), choices=REASONS, widget=forms.Select(attrs=SELECT))
    because = forms.CharField(
        label=_("Why, in plain words, for the letter"),
        max_length=8000,
        widget=forms.Textarea(attrs={**AREA, "rows": 2}),
    )


class TellForm(NamedForm):
    """A telephone call about the answer to a fast complaint."""

    ids = "tell"

    outcome = forms.ChoiceField(label=_("How the call ended"), choices=CALLS, widget=forms.Select(attrs=SELECT))
    person = forms.CharField(
        label=_("Who was spoken to"), required=False, max_length=200, widget=forms.TextInput(attrs=TEXT)
    )


class DisputeForm(NamedForm):
    """A practice disputes a decision or a payment for itself."""

    ids = "dispute"

    issue = forms.CharField(
        label=_("What you dispute, and why"), max_length=8000, widget=forms.Textarea(attrs={**AREA, "rows": 6})
    )


class DisputeAnswerForm(NamedForm):
    """The answer to a provider's dispute."""

    ids = "answer"

    is_for_provider = forms.TypedChoiceField(
        label=_("What it comes to"), choices=[("no", _("Our answer stays")), ("yes", _("We agree with the provider"))],
        coerce=lambda word: word == "yes", widget=forms.RadioSelect(attrs=CHECK),
    )  # fmt: skip
    answer = forms.CharField(
        label=_("Reasons, for the letter"), max_length=8000, widget=forms.Textarea(attrs={**AREA, "rows": 6})
    )


class AnswerForm(NamedForm):
    """What was found and what is done."""

    ids = "answer"

    found = forms.CharField(label=_("What we found"), max_length=8000, widget=forms.Textarea(attrs=AREA))
    done = forms.CharField(label=_("What we do about it"), max_length=8000, widget=forms.Textarea(attrs=AREA))
    words_kept = forms.CharField(
        label=_("If words must stay that are hard to read: keep, because"), required=False, max_length=2000,
        help_text=_("The letter to the member stops where your words make it harder than the plan's aim."),
        widget=forms.Textarea(attrs={**AREA, "rows": 2}),
    )  # fmt: skip
    is_substantiated = forms.BooleanField(
        label=_("The complaint is justified"), required=False, widget=forms.CheckboxInput(attrs=CHECK)
    )
