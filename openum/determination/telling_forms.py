"""Forms beside a decision: the provider's network with what the plan pays, and the call with the answer."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openum.cases.models import Party
from openum.design.controls import DAY_TIME, DAY_TIME_FORMAT, SELECT, TEXT
from openum.design.forms import NamedForm
from openum.determination.forms import NetworkFields
from openum.determination.telling import OUTCOMES

MEMBER = "member"
OUTCOME_WORDS = dict(
    zip(OUTCOMES, (_("Reached"), _("Left a message"), _("No answer"), _("Wrong number")), strict=True)
)  # fmt: skip


class NetworkForm(NetworkFields):
    """In or out of the network, and what the plan pays outside it, stated by itself."""

    ids = "network"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Want the answer: this form has no other question."""
        super().__init__(*args, **kwargs)
        self.fields["network"].required = True


class ToldForm(NamedForm):
    """One call with the answer: whom, which number, how it ended."""

    ids = "told"

    to = forms.ChoiceField(label=_("Who was called"), widget=forms.Select(attrs=SELECT))
    phone = forms.CharField(label=_("Number called"), max_length=60, widget=forms.TextInput(attrs=TEXT))
    person = forms.CharField(
        label=_("Who was spoken to"), required=False, max_length=120, widget=forms.TextInput(attrs=TEXT)
    )
    outcome = forms.ChoiceField(
        label=_("How the call ended"), choices=list(OUTCOME_WORDS.items()), widget=forms.Select(attrs=SELECT),
        help_text=_("Only a call that reached its person meets the duty."),
    )  # fmt: skip
    called_at = forms.DateTimeField(
        label=_("When"), input_formats=[DAY_TIME_FORMAT],
        widget=forms.DateTimeInput(attrs=DAY_TIME, format=DAY_TIME_FORMAT),
    )  # fmt: skip

    def __init__(self, *args: Any, parties: Sequence[tuple[Party, str]] = (), **kwargs: Any) -> None:
        """Offer the member and the parties of the request, each with a name."""
        super().__init__(*args, **kwargs)
        choice = self.fields["to"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [(MEMBER, _("The member")), *((str(party.public_id), name) for party, name in parties)]
