"""Forms of a call."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from openum.callers.models import Call
from openum.callers.queries import appealable_in, letters_in
from openum.callers.rules import Caller, Fact
from openum.callers.services import Said
from openum.design.controls import SELECT, TEXT, area
from openum.design.forms import NamedForm
from openum.grievances.forms import ABOUT

CALLERS = [
    (Caller.MEMBER, _("The member")),
    (Caller.REPRESENTATIVE, _("Somebody who acts for the member")),
    (Caller.PROVIDER, _("A provider's office")),
]
LANGUAGES = [
    *settings.LANGUAGES, ("zh", _("Chinese")), ("vi", _("Vietnamese")), ("ko", _("Korean")), ("tl", _("Tagalog")),
    ("ru", _("Russian")), ("ar", _("Arabic")), ("ht", _("Haitian Creole")), ("fr", _("French")), ("pl", _("Polish")),
    ("pt", _("Portuguese")),
]  # fmt: skip


class CheckForm(NamedForm):
    """Who calls: two facts or more, and in whose person."""

    ids = "check"

    plan = forms.ChoiceField(label=_("Health plan"), widget=forms.Select(attrs=SELECT))
    caller = forms.ChoiceField(label=_("Who calls"), choices=CALLERS, widget=forms.Select(attrs=SELECT))
    member_number = forms.CharField(
        label=_("Member number"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={**TEXT, "autofocus": True}),
    )
    name = forms.CharField(
        label=_("Given and family name of the member"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs=TEXT),
    )
    birth_date = forms.DateField(
        label=_("Date of birth"), required=False,
        widget=forms.DateInput(attrs={"class": "form-control", "type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip
    phone = forms.CharField(
        label=_("Telephone on file"), required=False, max_length=60, widget=forms.TextInput(attrs=TEXT)
    )
    street = forms.CharField(
        label=_("Street on file"), required=False, max_length=200, widget=forms.TextInput(attrs=TEXT)
    )
    caller_name = forms.CharField(
        label=_("Name of the caller, if not the member"), required=False, max_length=200,
        widget=forms.TextInput(attrs=TEXT),
    )  # fmt: skip
    relationship = forms.CharField(
        label=_("In what right the caller acts"), required=False, max_length=200, widget=forms.TextInput(attrs=TEXT)
    )

    def __init__(self, *args: Any, plans: list[Any], **kwargs: Any) -> None:
        """Offer the plans that the person serves."""
        super().__init__(*args, **kwargs)
        choice = self.fields["plan"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(str(plan.public_id), plan.name) for plan in plans]

    def said(self) -> Said:
        """Return what the caller said."""
        given = self.cleaned_data
        facts = {fact: str(given[fact.value] or "") for fact in Fact}
        return Said(
            facts=facts, birth_date=given["birth_date"], caller=Caller(given["caller"]), name=given["caller_name"],
            relationship=given["relationship"],
        )  # fmt: skip


class NoteForm(NamedForm):
    """What was said."""

    ids = "note"
    words = area(_("What was said"), most=4000)


class AppealForm(NamedForm):
    """An appeal by word of mouth."""

    ids = "appeal"
    line = forms.ChoiceField(label=_("Which decision"), widget=forms.Select(attrs=SELECT))
    issue = area(_("Why the caller does not agree, in their words"))
    wants_speed = forms.BooleanField(
        label=_("Waiting could harm the member: ask for a fast answer"), required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )  # fmt: skip

    def __init__(self, *args: Any, call: Call, **kwargs: Any) -> None:
        """Offer the decisions that can be appealed."""
        super().__init__(*args, **kwargs)
        self.lines = {str(line.public_id): line for line in appealable_in(call)}
        choice = self.fields["line"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(key, f"{line.case.number}, {line.sequence}") for key, line in self.lines.items()]


class ComplaintForm(NamedForm):
    """A complaint by word of mouth."""

    ids = "complaint"
    about = forms.ChoiceField(label=_("What it is about"), choices=ABOUT, widget=forms.Select(attrs=SELECT))
    issue = area(_("What happened, in their words"))


class LetterForm(NamedForm):
    """A letter to send once more."""

    ids = "letter"
    letter = forms.ChoiceField(label=_("Which letter"), widget=forms.Select(attrs=SELECT))

    def __init__(self, *args: Any, call: Call, **kwargs: Any) -> None:
        """Offer the letters that went to the member."""
        super().__init__(*args, **kwargs)
        self.letters = {str(notice.public_id): notice for notice in letters_in(call)}
        choice = self.fields["letter"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(key, f"{row.number}, {row.title}") for key, row in self.letters.items()]


class LanguageForm(NamedForm):
    """The language of letters and calls."""

    ids = "language"
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES, widget=forms.Select(attrs=SELECT))
