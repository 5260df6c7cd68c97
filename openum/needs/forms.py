"""What a person says to learn whether a service needs authorization."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openum.accounts.models import Plan
from openum.cases.kinds import PLACES
from openum.design.controls import DAY, SELECT, TEXT
from openum.directory.models import Product
from openum.vocabulary.identifiers import npi_is_valid

SYSTEMS = [("CPT", "CPT"), ("HCPCS", "HCPCS"), ("REVENUE", _("Revenue code")), ("RXNORM", "RxNorm")]
CIRCUMSTANCES = [
    ("", _("None of these")),
    ("emergency", _("Emergency care")),
    ("post_stabilization", _("Care right after an emergency, to keep the patient stable")),
    ("maternity_stay", _("Hospital stay after a birth")),
    ("inpatient_substance_use", _("Inpatient treatment of substance use")),
]


class CheckForm(forms.Form):
    """One service, for a member or for anybody with a product of the plan."""

    plan = forms.ChoiceField(label=_("Health plan"), widget=forms.Select(attrs=SELECT))
    member_number = forms.CharField(
        label=_("Member number"), required=False, max_length=80, widget=forms.TextInput(attrs=TEXT),
        help_text=_("As on the member card. Leave it out to ask in general, for a product."),
    )  # fmt: skip
    birth_date = forms.DateField(
        label=_("Date of birth"), required=False, widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
        help_text=_("Needed with a member number. Without one, it tells the age."),
    )  # fmt: skip
    product = forms.ChoiceField(
        label=_("Product"), required=False, widget=forms.Select(attrs=SELECT),
        help_text=_("Needed without a member number."),
    )  # fmt: skip
    code_system = forms.ChoiceField(label=_("Code list"), choices=SYSTEMS, widget=forms.Select(attrs=SELECT))
    code = forms.CharField(
        label=_("Code"), max_length=40, widget=forms.TextInput(attrs={**TEXT, "spellcheck": "false"})
    )
    first_day = forms.DateField(
        label=_("Day of the service"), required=False, widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"),
        help_text=_("The planned day, as well as you know it. Empty: today."),
    )  # fmt: skip
    place = forms.ChoiceField(
        label=_("Kind of place"), choices=PLACES, required=False, widget=forms.Select(attrs=SELECT)
    )
    npi = forms.CharField(
        label=_("NPI of who will do it"), required=False, max_length=10, widget=forms.TextInput(attrs=TEXT)
    )
    circumstance = forms.ChoiceField(
        label=_("Is it one of these?"), choices=CIRCUMSTANCES, required=False, widget=forms.Select(attrs=SELECT)
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, plans: Sequence[Plan], products: Sequence[Product]
    ) -> None:
        super().__init__(data)
        self.products = {str(one.public_id): one for one in products}
        self._choice("plan").choices = [(str(plan.public_id), plan.name) for plan in plans]
        named = [(str(one.public_id), f"{one.plan.name}: {one.name}") for one in products]
        self._choice("product").choices = [("", _("The member's own")), *named]

    def _choice(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        return field

    def clean_code(self) -> str:
        """Return the code as lists write it."""
        return str(self.cleaned_data["code"]).strip().upper()

    def clean_npi(self) -> str:
        """Refuse a number that cannot be an NPI."""
        npi = str(self.cleaned_data["npi"]).strip()
        if npi and not npi_is_valid(npi):
            raise forms.ValidationError(_("This is not a valid NPI: ten digits, the last one is a check digit."))
        return npi

    def clean(self) -> dict[str, Any]:
        """Ask for a member with date of birth, or for a product of the plan."""
        cleaned = super().clean() or {}
        product = self.products.get(str(cleaned.get("product")))
        if cleaned.get("member_number"):
            if not cleaned.get("birth_date"):
                self.add_error("birth_date", _("The date of birth must come with the member number."))
        elif product is None:
            self.add_error("product", _("Give a member number, or choose a product."))
        elif "plan" in cleaned and str(product.plan.public_id) != cleaned["plan"]:
            self.add_error("product", _("This product is not one of the health plan chosen above."))
        return cleaned


class FindForm(forms.Form):
    """A receipt by its number."""

    number = forms.CharField(
        label=_("Receipt number"), max_length=40, widget=forms.TextInput(attrs=TEXT), help_text=_("Like N-26-0000123.")
    )
