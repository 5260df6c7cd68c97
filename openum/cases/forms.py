"""Forms of the case file."""

from django import forms
from django.utils.translation import gettext_lazy as _

from openum.design.controls import area


class NoteForm(forms.Form):
    """A note on a case."""

    text = area(_("Note"), most=20_000)
    is_part_of_record = forms.BooleanField(
        label=_("Part of the record"), required=False, initial=True,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )  # fmt: skip
