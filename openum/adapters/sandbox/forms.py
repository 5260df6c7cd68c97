"""Forms of the sandbox pages."""

from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from openum.design.controls import SELECT, TEXT
from openum.design.forms import NamedForm
from openum.submission.arming import ARMED_ERRORS, ARMED_STATUSES, Armed, SandboxAnswer

ANSWERS = [
    (SandboxAnswer.APPROVE, _("Approve")),
    (SandboxAnswer.DENY, _("Deny")),
    (SandboxAnswer.MODIFY, _("Approve in part")),
    (SandboxAnswer.MODIFY_CODE, _("Approve another service")),
    (SandboxAnswer.PEND, _("Pend")),
    (SandboxAnswer.PEND_THEN_APPROVE, _("Pend, then approve")),
    (SandboxAnswer.PEND_THEN_DENY, _("Pend, then deny")),
    (SandboxAnswer.ASK_FOR_DOCUMENTS, _("Ask for documents")),
    (SandboxAnswer.ASK_BY_TASK, _("Ask for documents, by Task only")),
    (SandboxAnswer.ASK_BY_COMMUNICATION_REQUEST, _("Ask for documents, by CommunicationRequest only")),
    (SandboxAnswer.ASK_FOR_FORM, _("Ask for a form")),
    (SandboxAnswer.ERROR, _("Answer with an error")),
    (SandboxAnswer.SLOW, _("Answer slowly")),
    (SandboxAnswer.REFUSE, _("Refuse by status")),
]
LASTING = [(3600, _("an hour")), (86_400, _("a day")), (7 * 86_400, _("a week"))]


class ArmForm(forms.Form):
    """The next answer for a client of a sandbox plan."""

    client = forms.UUIDField(widget=forms.HiddenInput)
    answer = forms.ChoiceField(label=_("Next answer"), choices=ANSWERS, widget=forms.Select(attrs=SELECT))
    delay_seconds = forms.IntegerField(
        label=_("Seconds until it comes, when later or slow"), min_value=0, max_value=86_400, initial=10,
        required=False, widget=forms.NumberInput(attrs=TEXT),
    )  # fmt: skip
    error_code = forms.ChoiceField(
        label=_("Reject reason of an error (X12 901)"), required=False, initial="42",
        choices=[(code, code) for code in ARMED_ERRORS], widget=forms.Select(attrs=SELECT),
    )  # fmt: skip
    http_status = forms.TypedChoiceField(
        label=_("Status of a refusal"), required=False, coerce=int, empty_value=None, initial=422,
        choices=[(status, str(status)) for status in ARMED_STATUSES], widget=forms.Select(attrs=SELECT),
    )  # fmt: skip
    lasts_seconds = forms.TypedChoiceField(
        label=_("Stays armed for"), coerce=int, required=False, empty_value="86400", initial=86_400, choices=LASTING,
        widget=forms.Select(attrs=SELECT),
    )  # fmt: skip
    is_standing = forms.BooleanField(
        label=_("Answer every message so, until it ends"), required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )  # fmt: skip

    def armed(self) -> Armed:
        """Return the answer that was chosen; parts that do not belong to it are left out."""
        facts = self.cleaned_data
        answer = SandboxAnswer(facts["answer"])
        return Armed(
            answer=answer,
            delay_seconds=facts["delay_seconds"] or 0,
            error_code=facts["error_code"] if answer == SandboxAnswer.ERROR else "",
            http_status=facts["http_status"] if answer == SandboxAnswer.REFUSE else None,
            is_standing=facts["is_standing"],
            lasts=timedelta(seconds=int(facts["lasts_seconds"])),
        )


class SearchForm(NamedForm):
    """Words that a recorded message holds."""

    ids = "search"

    client = forms.UUIDField(required=False, widget=forms.HiddenInput)
    words = forms.CharField(
        label=_("Words in the message"), required=False, max_length=200, widget=forms.TextInput(attrs=TEXT)
    )
