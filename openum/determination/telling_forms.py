"""Forms beside a decision: the provider's network with what the plan pays, and the call with the answer."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openum.cases.models import Party
from openum.design.forms import NamedForm
from openum.determination.forms import DAY_TIME, DAY_TIME_FORMAT, SELECT, TEXT
from openum.determination.telling import OUTCOMES
from openum.vocabulary.terms import NetworkStatus

MEMBER = "member"
OUTCOME_WORDS = dict(
    zip(OUTCOMES, (_("Reached"), _("Left a message"), _("No answer"), _("Wrong number")), strict=True)
)  # fmt: skip


class NetworkForm(NamedForm):
    """In or out of the network, and what the plan pays outside it."""

    ids = "network"

    status = forms.ChoiceField(
        label=_("The provider"),
        choices=[
            (NetworkStatus.IN_NETWORK, _("In the network")),
            (NetworkStatus.OUT_OF_NETWORK, _("Out of network")),
        ],
        widget=forms.Select(attrs=SELECT),
    )
    plan_pays = forms.DecimalField(
        label=_("What the plan pays out of network, in dollars"), required=False, min_value=0, max_digits=12,
        decimal_places=2, widget=forms.NumberInput(attrs={**TEXT, "step": "0.01", "inputmode": "decimal"}),
        help_text=_("For the whole of what is approved. The letters state it. Leave empty in the network."),
    )  # fmt: skip

    def clean_status(self) -> NetworkStatus:
        """Return the status."""
        return NetworkStatus(self.cleaned_data["status"])


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
