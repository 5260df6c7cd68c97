"""The form that closes one service for an administrative reason."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openum.design.controls import SELECT, area
from openum.design.forms import NamedForm
from openum.determination.kept import kept_words
from openum.vocabulary.terms import ReasonClass


class CloseForm(NamedForm):
    """Close one line for a reason that needs no clinical judgement."""

    ids = "close"

    reason_class = forms.ChoiceField(
        label=_("Why no clinical judgement is needed"),
        choices=[
            (ReasonClass.NOT_A_MEMBER, _("Not a member on that day")),
            (ReasonClass.DUPLICATE, _("The same request was made before")),
            (ReasonClass.NOT_OUR_PLAN, _("Another plan is responsible")),
            (ReasonClass.EXCLUSION, _("Excluded by the plan papers, with no clinical exception")),
        ],
        widget=forms.Select(attrs=SELECT),
    )
    explanation = area(
        _("In a sentence for the member"),
        most=2000,
        help_text=_("The letter quotes it: the page of the plan papers, the other plan, or the earlier request."),
    )
    repeats = forms.ChoiceField(
        label=_("Of a duplicate: which request it repeats"), required=False, widget=forms.Select(attrs=SELECT)
    )
    words_kept = kept_words()

    def __init__(self, *args: Any, twins: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        """Offer the other requests of this service; where there is none the question does not stand there."""
        super().__init__(*args, **kwargs)
        field = self.fields["repeats"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Choose")), *twins] if len(twins) > 1 else list(twins)
        if not twins:
            del self.fields["repeats"]
