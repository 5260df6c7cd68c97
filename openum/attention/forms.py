"""Forms of the suggestions."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openum.accounts.models import Plan
from openum.attention.rules.scores import Answered
from openum.design.controls import SELECT, TEXT
from openum.design.forms import NamedForm

FILE = {"class": "form-control"}
ANSWERS = {
    Answered.HELP_OFFERED: _("Help was offered"),
    Answered.NOT_REACHED: _("Not reached"),
    Answered.DECLINED: _("The member wants no help"),
    Answered.SET_ASIDE: _("Set aside: it does not fit"),
}


class TakeInForm(NamedForm):
    """The scores of one model with its card."""

    ids = "take"

    plan = forms.ChoiceField(label=_("Health plan"), widget=forms.Select(attrs=SELECT))
    card = forms.FileField(
        label=_("Card of the model (model_….json)"), widget=forms.ClearableFileInput(attrs={**FILE, "accept": ".json"})
    )
    scores = forms.FileField(
        label=_("Scores (scores.csv)"), widget=forms.ClearableFileInput(attrs={**FILE, "accept": ".csv"})
    )

    def __init__(self, *args: Any, plans: list[Plan], **kwargs: Any) -> None:
        """Take the plans of who loads."""
        super().__init__(*args, **kwargs)
        self.plans = {str(plan.public_id): plan for plan in plans}
        self.fields["plan"].choices = [(key, plan.name) for key, plan in self.plans.items()]  # type: ignore[attr-defined]


class AnswerForm(NamedForm):
    """What was done with a suggestion."""

    ids = "answer"

    did = forms.ChoiceField(label=_("What was done"), choices=list(ANSWERS.items()), widget=forms.Select(attrs=SELECT))
    words = forms.CharField(
        label=_("What was offered, or why nothing was"), max_length=2000, widget=forms.TextInput(attrs=TEXT)
    )
