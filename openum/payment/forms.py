"""The form of a claims examiner."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openum.accounts.models import Plan
from openum.design.controls import DAY, SELECT, TEXT
from openum.design.forms import NamedForm
from openum.payment.rules.matching import ClaimLine

SYSTEMS = [("CPT", "CPT"), ("HCPCS", "HCPCS"), ("NDC", "NDC"), ("REVENUE", _("Revenue code"))]


class OwnLineForm(NamedForm):
    """One line that an office is about to bill, and the authorization it will name."""

    ids = "line"

    number = forms.CharField(label=_("Number of the authorization"), max_length=60, widget=forms.TextInput(attrs=TEXT))
    system = forms.ChoiceField(label=_("Code list"), choices=SYSTEMS, widget=forms.Select(attrs=SELECT))
    code = forms.CharField(label=_("Code"), max_length=20, widget=forms.TextInput(attrs=TEXT))
    service_date = forms.DateField(label=_("Day of the service"), widget=forms.DateInput(attrs=DAY))
    units = forms.DecimalField(
        label=_("Units"), min_value=Decimal("0.001"), max_digits=12, decimal_places=3, initial=1,
        widget=forms.NumberInput(attrs={**TEXT, "step": "any"}),
    )  # fmt: skip
    npis = forms.CharField(
        label=_("NPI of who did it, and of the place"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs=TEXT),
    )
    emergency = forms.BooleanField(
        label=_("It was emergency care"),
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )

    def line(self) -> ClaimLine:
        """Return the line of a valid form."""
        given = self.cleaned_data
        return ClaimLine(
            system=given["system"], code=given["code"].strip().upper(), service_date=given["service_date"],
            units=given["units"], npis=frozenset(given["npis"].split()), is_emergency=given["emergency"],
        )  # fmt: skip


class ClaimLineForm(OwnLineForm):
    """One line of a claim, and whose it is or which authorization it names."""

    plan = forms.ChoiceField(label=_("Health plan"), widget=forms.Select(attrs=SELECT))
    number = forms.CharField(
        label=_("Number of the authorization"), required=False, max_length=60, widget=forms.TextInput(attrs=TEXT)
    )
    member_number = forms.CharField(
        label=_("Member number"), required=False, max_length=60, widget=forms.TextInput(attrs=TEXT)
    )
    field_order = ("plan", "number", "member_number")

    def __init__(self, *args: Any, plans: list[Plan], **kwargs: Any) -> None:
        """Take the plans that may be asked."""
        super().__init__(*args, **kwargs)
        self.plans = {str(plan.public_id): plan for plan in plans}
        self.fields["plan"].choices = [(key, plan.name) for key, plan in self.plans.items()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for one of the two numbers."""
        given: dict[str, Any] = super().clean() or {}
        if not self.errors and not given.get("number", "").strip() and not given.get("member_number", "").strip():
            self.add_error("member_number", _("Enter the member’s number or the number of the authorization."))
        return given
