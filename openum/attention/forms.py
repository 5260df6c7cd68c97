"""Forms of the suggestions."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openum.accounts.models import Plan, User
from openum.attention.rules.scores import Answered
from openum.design.controls import SELECT, TEXT
from openum.design.forms import NamedForm
from openum.work.queries.around import staff_of

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


class OfferForm(AnswerForm):
    """What was done about somebody on a list, and who goes on with it."""

    owner = forms.ChoiceField(label=_("Who goes on with it"), required=False, widget=forms.Select(attrs=SELECT))
    due_on = forms.DateField(
        label=_("By"), required=False, widget=forms.DateInput(attrs={**TEXT, "type": "date"}, format="%Y-%m-%d"),
        help_text=_("An offer of help becomes a task of this person. It is due at five in the afternoon, in the plan's time."),
    )  # fmt: skip

    def __init__(self, *args: Any, plan: Plan, user: User, due_on: date, **kwargs: Any) -> None:
        """Offer the plan's people, oneself first; `due_on` is proposed."""
        super().__init__(*args, **kwargs)
        self.people = {str(row.public_id): row for row in staff_of([plan.pk])}
        self.fields["owner"].choices = [  # type: ignore[attr-defined]
            ("", _("Nobody: it is done")), *((key, row.name) for key, row in self.people.items())
        ]  # fmt: skip
        if not self.is_bound:
            self.initial.setdefault("owner", str(user.public_id))
            self.initial.setdefault("due_on", due_on)

    def clean(self) -> dict[str, Any]:
        """Ask for a day where somebody goes on."""
        given = super().clean() or {}
        if given.get("owner") and not given.get("due_on") and "due_on" not in self.errors:
            self.add_error("due_on", _("Say by when."))
        return given
