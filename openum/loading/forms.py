"""Forms of loading claims."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openum.accounts.models import Plan
from openum.design.controls import SELECT, TEXT
from openum.design.forms import NamedForm

ENCODINGS = [("utf-8", "UTF-8"), ("cp1252", "Windows-1252"), ("latin-1", "ISO 8859-1"), ("utf-16", "UTF-16")]


class ManyFilesInput(forms.ClearableFileInput):
    """A control that takes several files."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files, which the view reads by chunks; how many is the service's to judge."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Return the files."""
        return list(data or [])


class FilesForm(NamedForm):
    """The files to load; the view reads them by chunks."""

    ids = "give"

    plan = forms.ChoiceField(label=_("Health plan"), widget=forms.Select(attrs=SELECT))
    given = ManyFilesField(
        label=_("Files"),
        required=False,
        help_text=_("Eligibility, medical claims, pharmacy claims or providers as Parquet, CSV or CSV packed with gzip."),
        widget=ManyFilesInput(attrs={"class": "form-control", "multiple": True, "accept": ".parquet,.csv,.gz,.txt"}),
    )  # fmt: skip
    source = forms.CharField(
        label=_("Source"),
        required=False,
        max_length=100,
        help_text=_("A short name of the system the files come from. Claim numbers of different sources may be alike."),
        widget=forms.TextInput(attrs=TEXT),
    )
    encoding = forms.ChoiceField(
        label=_("Encoding of CSV files"), choices=ENCODINGS, initial="utf-8", widget=forms.Select(attrs=SELECT)
    )

    def __init__(self, *args: Any, plans: list[Plan], **kwargs: Any) -> None:
        """Take the plans of who loads."""
        super().__init__(*args, **kwargs)
        self.plans = {str(plan.public_id): plan for plan in plans}
        self.fields["plan"].choices = [(key, plan.name) for key, plan in self.plans.items()]  # type: ignore[attr-defined]
