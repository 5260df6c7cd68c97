"""Forms of the rounds."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openum.accounts.models import User
from openum.design.controls import DAY, SELECT
from openum.design.forms import NamedForm
from openum.directory.models import Policy

HOW_MANY = (5, 10, 15, 20, 30)


class RoundForm(NamedForm):
    """A new round: which guideline, how many patients, who reads, until when."""

    ids = "round"

    guideline = forms.ChoiceField(label=_("Guideline"), widget=forms.Select(attrs=SELECT))
    how_many = forms.TypedChoiceField(
        label=_("How many patients"), coerce=int, choices=[(number, str(number)) for number in HOW_MANY],
        initial=HOW_MANY[1], widget=forms.Select(attrs=SELECT),
        help_text=_("Taken evenly from the test patients of the guideline, so that each kind is among them."),
    )  # fmt: skip
    readers = forms.MultipleChoiceField(label=_("Who reads"), widget=forms.CheckboxSelectMultiple)
    due_on = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs=DAY))

    def __init__(self, *args: Any, guidelines: Sequence[Policy], people: Sequence[User], **kwargs: Any) -> None:
        """Take what may be chosen."""
        super().__init__(*args, **kwargs)
        self.guidelines = {str(row.public_id): row for row in guidelines}
        self.people = {str(user.public_id): user for user in people}
        self.fields["guideline"].choices = [(key, f"{row.key} {row.version}") for key, row in self.guidelines.items()]  # type: ignore[attr-defined]
        self.fields["readers"].choices = [(key, user.name) for key, user in self.people.items()]  # type: ignore[attr-defined]

    def chosen(self) -> tuple[Policy, list[User], date, int]:
        """Return guideline, readers, last day and number of patients of a valid form."""
        given = self.cleaned_data
        readers = [self.people[key] for key in given["readers"]]
        return self.guidelines[given["guideline"]], readers, given["due_on"], given["how_many"]
