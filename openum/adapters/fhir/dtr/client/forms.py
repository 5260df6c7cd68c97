"""What the client's pages ask beside the form itself: which form, whose records, which request."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openum.accounts.models import Plan
from openum.design.controls import SELECT, TEXT

FILE = {"class": "form-control", "accept": ".json,application/json,application/fhir+json"}


class StartForm(forms.Form):
    """Which form, for which plan and patient."""

    plan = forms.ChoiceField(label=_("Health plan"), widget=forms.Select(attrs=SELECT))
    form = forms.ChoiceField(label=_("Form"), required=False, widget=forms.Select(attrs=SELECT))
    package = forms.FileField(
        label=_("Or a form from a file"), required=False, widget=forms.FileInput(attrs=FILE),
        help_text=_("A Questionnaire, or the answer of $questionnaire-package, as JSON."),
    )  # fmt: skip
    subject = forms.CharField(
        label=_("Patient"), max_length=200, widget=forms.TextInput(attrs=TEXT),
        help_text=_("As your office knows the patient. The plan does not see this word."),
    )  # fmt: skip

    def __init__(self, *args: Any, plans: list[Plan], choices: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plan, form = self.fields["plan"], self.fields["form"]
        assert isinstance(plan, forms.ChoiceField)
        assert isinstance(form, forms.ChoiceField)
        plan.choices = [(str(one.public_id), one.name) for one in plans]
        form.choices = [("", _("Choose")), *choices]

    def clean(self) -> dict[str, Any]:
        """Ask for a form or a file."""
        cleaned = super().clean() or {}
        if not cleaned.get("form") and not cleaned.get("package"):
            self.add_error("form", _("Choose a form, or a file that holds one."))
        return cleaned


class RecordsForm(forms.Form):
    """Where the records are: a registered FHIR server, or a file."""

    server = forms.ChoiceField(label=_("FHIR server"), required=False, widget=forms.Select(attrs=SELECT))
    patient = forms.CharField(
        label=_("Patient id there"), required=False, max_length=80, widget=forms.TextInput(attrs=TEXT)
    )
    token = forms.CharField(
        label=_("Access token"), required=False, max_length=8000,
        widget=forms.PasswordInput(attrs={**TEXT, "autocomplete": "off"}),
        help_text=_("Used once for this reading and not kept."),
    )  # fmt: skip
    file = forms.FileField(
        label=_("Or a file with the records"), required=False, widget=forms.FileInput(attrs=FILE),
        help_text=_("A FHIR Bundle of this one patient, as JSON."),
    )  # fmt: skip

    def __init__(self, *args: Any, servers: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        server = self.fields["server"]
        assert isinstance(server, forms.ChoiceField)
        server.choices = [("", _("Choose")), *((one, one) for one in servers)]

    def clean(self) -> dict[str, Any]:
        """Ask for one of the two."""
        cleaned = super().clean() or {}
        if not cleaned.get("file") and not (cleaned.get("server") and cleaned.get("patient")):
            raise forms.ValidationError(_("Choose a file, or a server and the patient's id there."))
        return cleaned
