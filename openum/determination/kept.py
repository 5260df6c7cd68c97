"""The place on a form where somebody says why words stay that are hard for the member to read."""

from django import forms
from django.utils.translation import gettext_lazy as _

from openum.design.controls import area
from openum.determination.reasons import KEPT_WORDS


def kept_words() -> forms.CharField:
    """Return the field: without an answer the letter stops where it is harder to read than the plan's aim."""
    return area(
        _("If words must stay that are hard to read: keep, because"), most=2000, rows=2, required=False,
        help_text=_("The letter to the member stops where your words make it harder than the plan's aim."),
    )  # fmt: skip


class KeptWordsForm(forms.Form):
    """The same place where the answers of a form are kept among the statements of a decision."""

    def __init__(self, *, because: str) -> None:
        """Show what was typed until now; the name of the field is that of the statement."""
        super().__init__(prefix="statement", auto_id="%s", initial={KEPT_WORDS: because})
        self.fields[KEPT_WORDS] = kept_words()
