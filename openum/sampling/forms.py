"""Forms of the samples."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openum.criteria.faces.words import LINES_OF_BUSINESS
from openum.design.controls import CHECK, DAY, SELECT, TEXT, area
from openum.design.forms import NamedForm
from openum.sampling.queries import Wanted
from openum.sampling.rules import Universe
from openum.sampling.services import MOST_FILES
from openum.sampling.words import ELEMENTS, UNIVERSES, VERDICTS

SIZE = 30


class SampleForm(NamedForm):
    """A universe and how many files are drawn from it."""

    ids = "sample"

    universe = forms.ChoiceField(
        label=_("What was answered"), choices=[(key.value, words) for key, words in UNIVERSES.items()],
        widget=forms.Select(attrs=SELECT),
    )  # fmt: skip
    first_day = forms.DateField(label=_("Answered from"), widget=forms.DateInput(attrs=DAY))
    last_day = forms.DateField(label=_("Answered until"), widget=forms.DateInput(attrs=DAY))
    lines_of_business = forms.MultipleChoiceField(
        label=_("Lines of business"), required=False, choices=list(LINES_OF_BUSINESS.items()),
        widget=forms.CheckboxSelectMultiple(attrs=CHECK), help_text=_("None ticked: all."),
    )  # fmt: skip
    adverse_only = forms.BooleanField(
        label=_("Only answers against the person who asked"), required=False, widget=forms.CheckboxInput(attrs=CHECK)
    )
    size = forms.IntegerField(
        label=_("How many files"), min_value=1, max_value=MOST_FILES, initial=SIZE,
        widget=forms.NumberInput(attrs={"class": "form-control"}),
    )  # fmt: skip
    seed = forms.CharField(
        label=_("Seed"), required=False, max_length=100, widget=forms.TextInput(attrs=TEXT),
        help_text=_("Empty: one is drawn. The examiner may name one, so that nobody can say the files were chosen."),
    )  # fmt: skip
    purpose = area(_("Who examines, and under what"), most=500, rows=2)
    sealed_basis = forms.CharField(
        label=_("Law that opens specially protected files to the examiner"), required=False, max_length=200,
        widget=forms.TextInput(attrs=TEXT),
        help_text=_("For example 42 CFR 2.53. Empty: those files are left out, and how many is told."),
    )  # fmt: skip

    def wanted(self) -> Wanted:
        """Return the universe of a valid form."""
        given = self.cleaned_data
        return Wanted(
            universe=Universe(given["universe"]), first_day=given["first_day"], last_day=given["last_day"],
            lines_of_business=tuple(given["lines_of_business"]), adverse_only=given["adverse_only"],
            with_sealed=bool(given["sealed_basis"].strip()),
        )  # fmt: skip


class GuestForm(NamedForm):
    """Who may read the files, and until when."""

    ids = "guest"

    name = forms.CharField(label=_("Name"), max_length=200, widget=forms.TextInput(attrs=TEXT))
    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs=TEXT))
    last_day = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs=DAY))


class VerdictForm(NamedForm):
    """What was found about one element of a file."""

    ids = "verdict"

    element = forms.ChoiceField(
        choices=[(key.value, words) for key, words in ELEMENTS.items()], widget=forms.HiddenInput
    )
    verdict = forms.ChoiceField(
        label=_("What you found"), choices=[("", "–"), *((key.value, words) for key, words in VERDICTS.items())],
        widget=forms.Select(attrs=SELECT),
    )  # fmt: skip
    note = area(_("Why"), most=4000, rows=2, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Give every element's form its own ids."""
        super().__init__(*args, **kwargs)
        element = (self.data.get("element") if self.is_bound else None) or self.initial.get("element", "")
        self.auto_id = f"verdict-{element}_%s"
