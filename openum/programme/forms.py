"""Forms of the figures."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openum.design.controls import SELECT, TEXT
from openum.design.forms import NamedForm

LARGEST_FILE = 200_000
"""Bytes of a delegate's file; the figures of a year need a few thousand."""


class FreezeForm(NamedForm):
    """Why posted figures are corrected."""

    ids = "freeze"

    because = forms.CharField(
        label=_("Why the posted figures are corrected"), required=False, max_length=1000,
        help_text=_("Only where figures of the year are posted."), widget=forms.TextInput(attrs=TEXT),
    )  # fmt: skip


class DelegateFileForm(NamedForm):
    """A delegate's file."""

    ids = "delegate"

    file = forms.FileField(
        label=_("The delegate’s file (CSV)"), widget=forms.ClearableFileInput(attrs={"class": "form-control", "accept": ".csv,text/csv"})
    )  # fmt: skip

    def clean_file(self) -> Any:
        """Refuse what is far larger than figures can be."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(_("The file is too large. Send the figures, not the requests behind them."))
        return file


class ProposalForm(NamedForm):
    """That a service need not be asked for any more, and why."""

    ids = "proposal"

    service = forms.ChoiceField(label=_("Service"), widget=forms.Select(attrs=SELECT))
    words = forms.CharField(label=_("Why it should go"), max_length=1000, widget=forms.TextInput(attrs=TEXT))

    def __init__(self, *args: Any, services: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        """Take the services that the figures allow to propose, as value and label."""
        super().__init__(*args, **kwargs)
        self.fields["service"].choices = list(services)  # type: ignore[attr-defined]


class AnswerForm(NamedForm):
    """Why the committee answers so."""

    ids = "answer"

    words = forms.CharField(label=_("Why"), max_length=1000, widget=forms.TextInput(attrs=TEXT))
