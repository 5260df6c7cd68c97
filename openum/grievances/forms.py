"""Forms of complaints and disputes."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openum.appeals.forms import CALLS, REASONS
from openum.design.controls import CHECK, SELECT, TEXT, area
from openum.design.forms import NamedForm
from openum.determination.kept import kept_words
from openum.grievances.rules import About
from openum.vocabulary.terms import Channel

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
    issue = area(_("Tell us what happened"))
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
    issue = area(_("What the caller or the letter says"))
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

    def __init__(self, *args: Any, has_receipt: bool = False, has_member: bool = False, **kwargs: Any) -> None:
        """Leave out how and when it came, and whose it is, where a paper or an appeal says so."""
        super().__init__(*args, **kwargs)
        known = ("channel", "received_at", "proof") if has_receipt else ()
        for name in (*known, "member_number", "filer_name") if has_member else known:
            del self.fields[name]


class ExtendForm(NamedForm):
    """More time for the complaint."""

    ids = "extend"

    reason = forms.ChoiceField(label=_("Reason of the law"), choices=REASONS, widget=forms.Select(attrs=SELECT))
    because = area(_("Why, in plain words, for the letter"), rows=2)


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

    issue = area(_("What you dispute, and why"), rows=6)


class DisputeAnswerForm(NamedForm):
    """The answer to a provider's dispute."""

    ids = "answer"

    is_for_provider = forms.TypedChoiceField(
        label=_("What it comes to"), choices=[("no", _("Our answer stays")), ("yes", _("We agree with the provider"))],
        coerce=lambda word: word == "yes", widget=forms.RadioSelect(attrs=CHECK),
    )  # fmt: skip
    answer = area(_("Reasons, for the letter"), rows=6)


class AnswerForm(NamedForm):
    """What was found and what is done."""

    ids = "answer"

    found = area(_("What we found"))
    done = area(_("What we do about it"))
    words_kept = kept_words()
    is_substantiated = forms.BooleanField(
        label=_("The complaint is justified"), required=False, widget=forms.CheckboxInput(attrs=CHECK)
    )
