"""Forms of reviews after the service."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openum.design.controls import CHECK, SELECT, TEXT, area
from openum.design.forms import NamedForm
from openum.determination.kept import kept_words
from openum.retrospective.faces import ANSWERS, ISSUES, QUESTIONS
from openum.retrospective.rules.leads import MOST_BYTES
from openum.vocabulary.terms import Channel

CHOOSE = ("", _("Choose"))
"""Nothing is answered for the reviewer."""
MOMENT = {"class": "form-control", "type": "datetime-local"}


class LeadsFileForm(NamedForm):
    """The file that `openum claims leads` wrote."""

    ids = "load"

    plan = forms.ChoiceField(label=_("Plan"), widget=forms.Select(attrs=SELECT))
    file = forms.FileField(label=_("File of leads (CSV)"), widget=forms.FileInput(attrs={"class": "form-control"}))

    def __init__(self, *args: Any, plans: list[tuple[str, str]], **kwargs: Any) -> None:
        """Offer the plans of the reader."""
        super().__init__(*args, **kwargs)
        self.fields["plan"].choices = plans  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        """Refuse what no file of leads is as large as."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("This file is too large. Load it in parts."))
        return file


class DismissForm(NamedForm):
    """Why there is nothing in a lead."""

    ids = "dismiss"

    because = area(_("Why there is nothing in it"), most=2000)


class TakeUpForm(NamedForm):
    """A claim becomes a case."""

    ids = "take"

    received_at = forms.DateTimeField(
        label=_("Claim received"), help_text=_("The time to decide runs from here."),
        widget=forms.DateTimeInput(attrs=MOMENT),
    )  # fmt: skip
    diagnosis = forms.CharField(
        label=_("Diagnosis (ICD-10-CM)"), required=False, max_length=8,
        help_text=_("Where the file names none."), widget=forms.TextInput(attrs=TEXT),
    )  # fmt: skip


class FindingForm(NamedForm):
    """What was found about a claim line."""

    ids = "finding"

    issue = forms.ChoiceField(label=_("Finding"), choices=[CHOOSE, *ISSUES.items()], widget=forms.Select(attrs=SELECT))
    words = area(_("What was found, for the letter"))
    document = forms.ChoiceField(label=_("Document that shows it"), required=False, widget=forms.Select(attrs=SELECT))
    page = forms.IntegerField(
        label=_("Page"), required=False, min_value=1, max_value=9999, widget=forms.NumberInput(attrs=TEXT)
    )
    documented_code = forms.CharField(
        label=_("Code that the record supports"), required=False, max_length=12, widget=forms.TextInput(attrs=TEXT)
    )
    documented_units = forms.DecimalField(
        label=_("Units that the record supports"), required=False, min_value=0, max_digits=9, decimal_places=3,
        widget=forms.NumberInput(attrs=TEXT),
    )  # fmt: skip
    amount = forms.DecimalField(
        label=_("Amount in question, in dollars"), required=False, min_value=0, max_digits=11, decimal_places=2,
        widget=forms.NumberInput(attrs=TEXT),
    )  # fmt: skip
    offers_late_request = forms.BooleanField(
        label=_("Offer a late request for authorization"), required=False, widget=forms.CheckboxInput(attrs=CHECK)
    )

    def __init__(self, *args: Any, documents: list[tuple[str, str]], **kwargs: Any) -> None:
        """Ask the four questions, and offer the documents of the case."""
        super().__init__(*args, **kwargs)
        self.fields["document"].choices = [("", _("None")), *documents]  # type: ignore[attr-defined]
        asked = {
            question.value: forms.ChoiceField(
                label=str(words), choices=[CHOOSE, *ANSWERS.items()], widget=forms.Select(attrs=SELECT)
            )
            for question, words in QUESTIONS.items()
        }
        self.fields = {"issue": self.fields.pop("issue"), **asked, **self.fields}


class ReplyForm(NamedForm):
    """A provider's answer to a finding."""

    ids = "reply"

    agrees = forms.TypedChoiceField(
        label=_("What the provider says"), choices=[("no", _("Says why not")), ("yes", _("Agrees"))],
        coerce=lambda word: word == "yes", widget=forms.RadioSelect(attrs=CHECK),
    )  # fmt: skip
    said_by = forms.CharField(
        label=_("Who answered on the provider's side"), max_length=200, widget=forms.TextInput(attrs=TEXT)
    )
    words = area(_("What was said or written"))
    channel = forms.ChoiceField(
        label=_("How it came"), widget=forms.Select(attrs=SELECT),
        choices=[
            (Channel.MAIL, _("Mail")), (Channel.PHONE, _("Telephone")), (Channel.FAX, _("Fax")),
            (Channel.PORTAL, _("Portal")),
        ],
    )  # fmt: skip
    received_at = forms.DateTimeField(label=_("Received"), widget=forms.DateTimeInput(attrs=MOMENT))
    late_because = forms.CharField(
        label=_("Why it is taken although the time was over"), required=False, max_length=2000,
        widget=forms.TextInput(attrs=TEXT),
    )  # fmt: skip


class SettleForm(NamedForm):
    """The answer to a rebuttal."""

    ids = "settle"

    is_accepted = forms.TypedChoiceField(
        label=_("What it comes to"), choices=[("no", _("The finding stays")), ("yes", _("We accept the rebuttal"))],
        coerce=lambda word: word == "yes", widget=forms.RadioSelect(attrs=CHECK),
    )  # fmt: skip
    answer = area(_("Reasons"))


class HoldForm(NamedForm):
    """Payment is held."""

    ids = "hold"

    because = area(_("Why the payment is held"), most=2000)


class AdjustForm(NamedForm):
    """A physician approves a claim as the record shows it."""

    ids = "adjust"

    code = forms.CharField(
        label=_("Code to pay"), required=False, max_length=12, widget=forms.TextInput(attrs=TEXT),
        help_text=_("Empty: as billed."),
    )  # fmt: skip
    units = forms.DecimalField(
        label=_("Units to pay"), required=False, min_value=0, max_digits=9, decimal_places=3,
        widget=forms.NumberInput(attrs=TEXT), help_text=_("Empty: as billed."),
    )  # fmt: skip
    rationale = area(_("Why, for the letter"))
    cited_authority = forms.CharField(
        label=_("Coding rule it rests on"), max_length=500, widget=forms.TextInput(attrs=TEXT)
    )
    evidence_reason = forms.CharField(
        label=_("Why not every document was opened"), required=False, max_length=500,
        widget=forms.TextInput(attrs=TEXT),
    )  # fmt: skip
    conversation_reason = forms.CharField(
        label=_("Why no conversation between clinicians came first"), required=False, max_length=500,
        widget=forms.TextInput(attrs=TEXT),
    )  # fmt: skip
    listed = area(
        _("About the provider on a list: who gives the care instead, or why the law lets it be paid"),
        most=2000,
        required=False,
        help_text="42 CFR 422.222, 1001.1901",
    )
    words_kept = kept_words()


class DuplicateForm(NamedForm):
    """A person says that a claim came twice."""

    ids = "duplicate"

    explanation = area(_("Which claim it repeats, for the letter"), most=2000)


class ProposalForm(NamedForm):
    """A pattern, and the guideline that it speaks against."""

    ids = "propose"

    pattern = forms.ChoiceField(label=_("Pattern"), widget=forms.Select(attrs=SELECT))
    guideline = forms.ChoiceField(label=_("Guideline"), widget=forms.Select(attrs=SELECT))
    version = forms.CharField(label=_("New version"), max_length=40, widget=forms.TextInput(attrs=TEXT))
    words = area(_("What should change, and why"), most=2000)

    def __init__(self, *args: Any, patterns: list[tuple[str, str]], guidelines: list[str], **kwargs: Any) -> None:
        """Offer what is on the board, and what is published."""
        super().__init__(*args, **kwargs)
        self.fields["pattern"].choices = patterns  # type: ignore[attr-defined]
        self.fields["guideline"].choices = [(each, each) for each in guidelines]  # type: ignore[attr-defined]
