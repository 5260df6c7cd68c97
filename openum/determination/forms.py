"""Forms of a decision: approve, approve another service, approve less, say no, intend to say no, end early, reopen."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openum.accounts.models import Plan
from openum.cases.models import Attachment
from openum.design.controls import DAY_TIME, DAY_TIME_FORMAT, SELECT, TEXT, area
from openum.design.forms import NamedForm
from openum.determination.ending import EndingGround
from openum.determination.models import CaseFlag
from openum.determination.rules import GuardAnswer
from openum.directory.models import CodeList
from openum.submission.composing import CPT, ICD_10_CM
from openum.vocabulary.terms import Channel, NetworkStatus, ReasonClass

ACCEPTED_BY_WAY_OF = [(Channel.PHONE, _("Phone")), (Channel.PORTAL, _("Portal"))]

GROUND_WORDS = {
    "fraud_or_similar_fault": _("Fraud or similar fault"),
    "material_misrepresentation": _("A material misrepresentation"),
    "good_cause_to_reopen": _("Good cause to reopen"),
    "service_not_performed": _("The service was not performed"),
}

CLINICAL_REASONS = [
    (ReasonClass.NOT_MEDICALLY_NECESSARY, _("Not medically necessary")),
    (ReasonClass.INFORMATION_NOT_RECEIVED, _("Information not received")),
    (ReasonClass.EXPERIMENTAL, _("Experimental or unproven")),
    (ReasonClass.LEVEL_OR_SITE_OF_CARE, _("Level or site of care")),
    (ReasonClass.BENEFIT_LIMIT, _("Benefit limit")),
    (ReasonClass.OUT_OF_NETWORK, _("Out of network")),
    (ReasonClass.OTHER, _("Other")),
]


class NetworkFields(NamedForm):
    """In or out of the network, and what the plan pays outside it, where the letters have to tell it."""

    network = forms.ChoiceField(
        label=_("The provider"),
        required=False,
        choices=[
            ("", _("Choose")),
            (NetworkStatus.IN_NETWORK, _("In the network")),
            (NetworkStatus.OUT_OF_NETWORK, _("Out of network")),
        ],
        widget=forms.Select(attrs=SELECT),
    )
    plan_pays = forms.DecimalField(
        label=_("What the plan pays out of network, in dollars"), required=False, min_value=0, max_digits=12,
        decimal_places=2, widget=forms.NumberInput(attrs={**TEXT, "step": "0.01", "inputmode": "decimal"}),
        help_text=_("For the whole of what is approved. The letters state it. Leave empty in the network."),
    )  # fmt: skip

    def clean_network(self) -> NetworkStatus | None:
        """Return how the provider stands, or None where the form does not say."""
        given = self.cleaned_data["network"]
        return NetworkStatus(given) if given else None


class ApproveForm(NetworkFields):
    """Approve in full; a physician who departs from the criteria says why."""

    ids = "approve"

    rationale = area(_("Why, if a criterion is not met"), required=False)
    cited_authority = forms.CharField(
        label=_("Authority cited"), required=False, max_length=500, widget=forms.TextInput(attrs=TEXT)
    )
    because = forms.ChoiceField(
        label=_("What changed since the decision"),
        required=False,
        choices=[
            ("", _("Choose")),
            ("peer_to_peer", _("The conversation between clinicians")),
        ],
        widget=forms.Select(attrs=SELECT),
    )


class AlternativeForm(NamedForm):
    """Approve another service than asked, which the requester accepted: which, how many, and their word."""

    ids = "alternative"

    code_system = forms.ChoiceField(label=_("Code list"), widget=forms.Select(attrs=SELECT))
    code = forms.CharField(
        label=_("Code"), max_length=40, widget=forms.TextInput(attrs={**TEXT, "spellcheck": "false"})
    )
    modifiers = forms.CharField(
        label=_("Modifiers"), required=False, max_length=40, widget=forms.TextInput(attrs=TEXT),
        help_text=_("For example the side: RT or LT."),
    )  # fmt: skip
    units = forms.DecimalField(
        label=_("How many"), min_value=0, max_digits=9, decimal_places=3, widget=forms.NumberInput(attrs=TEXT)
    )
    accepted_by = forms.CharField(
        label=_("Accepted by"), max_length=200, widget=forms.TextInput(attrs=TEXT),
        help_text=_("Who on the requester's side. Without their word it is a decision against the request."),
    )  # fmt: skip
    accepted_at = forms.DateTimeField(
        label=_("Accepted on"), input_formats=[DAY_TIME_FORMAT],
        widget=forms.DateTimeInput(attrs=DAY_TIME, format=DAY_TIME_FORMAT),
    )  # fmt: skip
    channel = forms.ChoiceField(
        label=_("Accepted by way of"), choices=ACCEPTED_BY_WAY_OF, widget=forms.Select(attrs=SELECT)
    )
    rationale = area(
        _("Why this service in place of the one asked for"),
        help_text=_("The letter and the requester's system show it."),
    )
    cited_authority = forms.CharField(
        label=_("Authority cited"), required=False, max_length=500, widget=forms.TextInput(attrs=TEXT)
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lists = CodeList.objects.exclude(system=ICD_10_CM).order_by("name").values_list("system", "name")
        choice = self.fields["code_system"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = list(lists) or [(CPT, "CPT")]

    def clean_modifiers(self) -> list[str]:
        """Return the modifiers one by one."""
        return str(self.cleaned_data["modifiers"]).upper().replace(",", " ").split()


class ReturnForm(forms.Form):
    """A question to the nurse before a decision."""

    question = area(_("What should the nurse find out?"), most=4000)


class IntentForm(NamedForm):
    """Mean to deny: what stands in the way, told before the conversation."""

    ids = "intend"

    rationale = area(
        _("What stands in the way"),
        help_text=_("The ordering clinician reads it before the conversation. It stops no clock."),
    )


class DenyForm(NamedForm):
    """Say no: the reason in plain words, the ground, and how each guard is answered."""

    ids = "deny"

    rationale = area(
        _("Why not, in plain words"),
        rows=6,
        help_text=_("Tied to this person's facts. The letter quotes it word for word."),
    )
    reason_class = forms.ChoiceField(
        label=_("Kind of reason"), choices=CLINICAL_REASONS, widget=forms.Select(attrs=SELECT)
    )
    cited_authority = forms.CharField(
        label=_("Statute, NCD or LCD section, plan page"), required=False, max_length=500,
        widget=forms.TextInput(attrs=TEXT), help_text=_("Needed where no guideline of ours applies."),
    )  # fmt: skip
    units = forms.DecimalField(
        label=_("Approve this many instead"), required=False, min_value=0, max_digits=9, decimal_places=3,
        widget=forms.NumberInput(attrs=TEXT), help_text=_("Leave empty to deny all of it."),
    )  # fmt: skip
    evidence = forms.ChoiceField(
        label=_("Documents not opened"), required=False,
        choices=[
            ("", _("I opened them all")),
            (GuardAnswer.ATTEMPTED, _("I tried; they cannot be read")),
            (GuardAnswer.NOT_APPLICABLE, _("They do not bear on this service")),
        ],
        widget=forms.Select(attrs=SELECT),
    )  # fmt: skip
    evidence_reason = forms.CharField(
        label=_("Why"), required=False, max_length=1000, widget=forms.TextInput(attrs=TEXT)
    )
    conversation = forms.ChoiceField(
        label=_("Conversation"), required=False,
        choices=[("", _("As recorded")), (GuardAnswer.NOT_APPLICABLE, _("Does not apply"))],
        widget=forms.Select(attrs=SELECT),
    )  # fmt: skip
    conversation_reason = forms.CharField(
        label=_("Why"), required=False, max_length=1000, widget=forms.TextInput(attrs=TEXT)
    )
    different = area(
        _("What is different from the overturned denials"),
        most=2000,
        rows=2,
        required=False,
        help_text=_("Kept with the decision."),
    )
    ground = forms.ChoiceField(
        label=_("It was approved before: the legal ground to take that back"), required=False,
        widget=forms.Select(attrs=SELECT),
    )  # fmt: skip
    proof = forms.ChoiceField(label=_("The document that proves it"), required=False, widget=forms.Select(attrs=SELECT))
    proof_words = area(_("What it shows"), most=2000, rows=2, required=False)

    def __init__(
        self, *args: Any, grounds: Sequence[str] = (), documents: Sequence[Attachment] = (), **kwargs: Any
    ) -> None:
        """Offer the grounds the law admits against an approval, and the documents of the case as proof."""
        super().__init__(*args, **kwargs)
        nothing = ("", _("None"))
        self.fields["ground"].choices = [nothing, *((each, GROUND_WORDS.get(each, each)) for each in grounds)]  # type: ignore[attr-defined]
        self.fields["proof"].choices = [nothing, *((str(each.public_id), each.title) for each in documents)]  # type: ignore[attr-defined]


class ReadingRulesForm(NamedForm):
    """The text of a document of second readings."""

    ids = "reading-rules"

    text = forms.CharField(
        label=_("Document"), max_length=100_000, strip=False,
        widget=forms.Textarea(attrs={"class": "form-control code", "rows": 24, "spellcheck": "false"}),
    )  # fmt: skip


class ReadingForm(NamedForm):
    """Answer a second reading; sending back needs words."""

    ids = "reading"

    words = area(
        _("Your words"),
        most=4000,
        required=False,
        help_text=_("Needed to send it back. Kept with the case; never in the letter."),
    )


class LookForm(NamedForm):
    """Look again at an approval by a rule; to differ needs words."""

    ids = "look"

    words = area(
        _("What the rule overlooked"),
        most=4000,
        required=False,
        help_text=_("Needed where you would not have approved. The approval stands; whoever keeps the rule reads it."),
    )


GROUNDS_TO_END = [
    (EndingGround.NOT_NEEDED_NOW, _("The care is no longer needed as it was")),
    (EndingGround.GOOD_CAUSE, _("Good cause: new facts show that the approval was wrong")),
    (EndingGround.FRAUD, _("Fraud or similar fault")),
    (EndingGround.MEMBER_WISH, _("The member wishes it")),
]


class EndEarlyForm(NamedForm):
    """End an approval before its day, or let it go on with fewer units: the ground, its proof, and the reason."""

    ids = "end"

    ground = forms.ChoiceField(label=_("Ground"), choices=GROUNDS_TO_END, widget=forms.Select(attrs=SELECT))
    last_day = forms.DateField(
        label=_("Last day of the care as it is now"), widget=forms.DateInput(attrs={**TEXT, "type": "date"}),
        help_text=_("What is given until then stays approved and is never denied afterwards."),
    )  # fmt: skip
    units_after = forms.DecimalField(
        label=_("What stays approved from the day after"), required=False, min_value=0, max_digits=9, decimal_places=3,
        widget=forms.NumberInput(attrs=TEXT), help_text=_("Fewer units than now. Leave empty to end the care."),
    )  # fmt: skip
    proof = area(
        _("What shows the ground"),
        most=2000,
        rows=2,
        help_text=_("The new record, the member’s letter, the finding of the investigation. It stays on the case."),
    )
    rationale = area(
        _("Why, in plain words"),
        rows=6,
        help_text=_("Tied to this person's facts. The letter quotes it word for word."),
    )
    cited_authority = forms.CharField(
        label=_("Statute, NCD or LCD section, plan page"), required=False, max_length=500,
        widget=forms.TextInput(attrs=TEXT), help_text=_("The law of the ground is added by itself."),
    )  # fmt: skip
    different = area(
        _("What is different from the overturned denials"),
        most=2000,
        rows=2,
        required=False,
        help_text=_("Kept with the decision."),
    )

    def clean_ground(self) -> EndingGround:
        """Return the ground."""
        return EndingGround(self.cleaned_data["ground"])


class ReopenForm(NamedForm):
    """Reopen a decision: the ground the law admits, and why in words."""

    ids = "reopen"

    reason = forms.ChoiceField(
        label=_("Ground"),
        choices=[
            ("new and material evidence", _("New and material evidence")),
            ("clerical error", _("Clerical error")),
            ("error on the face of the evidence", _("An error that the evidence shows on its face")),
            ("fraud", _("Fraud or similar fault")),
        ],
        widget=forms.Select(attrs=SELECT),
    )
    explanation = area(
        _("What is new, or what was wrong"), help_text=_("Part of the record, beside the earlier decision.")
    )


class OutreachForm(NamedForm):
    """One attempt to get information that is missing."""

    ids = "outreach"
    OUTCOME_WORDS = (
        ("reached", _("Reached")),
        ("left message", _("Left a message")),
        ("no answer", _("No answer")),
        ("sent", _("Sent")),
        ("wrong number", _("Wrong number")),
    )

    channel = forms.ChoiceField(
        label=_("In which way"),
        choices=[
            (Channel.PHONE, _("Phone")),
            (Channel.FAX, _("Fax")),
            (Channel.PORTAL, _("Portal")),
            (Channel.MAIL, _("Mail")),
        ],
        widget=forms.Select(attrs=SELECT),
    )
    address = forms.CharField(label=_("Number or address tried"), max_length=200, widget=forms.TextInput(attrs=TEXT))
    person = forms.CharField(
        label=_("Who answered"), required=False, max_length=120, widget=forms.TextInput(attrs=TEXT)
    )
    outcome = forms.ChoiceField(label=_("How it ended"), choices=OUTCOME_WORDS, widget=forms.Select(attrs=SELECT))
    note = area(_("What was asked for"), most=2000, rows=2)


class FlagForm(NamedForm):
    """Flag a fact that the law ties a protection to."""

    ids = "flag"

    kind = forms.ChoiceField(
        label=_("What is known"),
        choices=[
            (CaseFlag.EMERGENCY, _("An emergency, as the patient felt it")),
            (CaseFlag.AFTER_STABILIZATION, _("Care right after an emergency")),
            (CaseFlag.BIRTH, _("A birth")),
            (CaseFlag.COURSE_OF_TREATMENT, _("A new member's course of treatment")),
            (CaseFlag.COURT_ORDER, _("A court order")),
        ],
        widget=forms.Select(attrs=SELECT),
    )
    words = area(
        _("In words"),
        most=2000,
        rows=2,
        help_text=_(
            "The symptoms at arrival, the order of the court, how the child was born, or which treatment goes on."
        ),
    )
    starts_at = forms.DateTimeField(
        label=_("Of a birth: when"), required=False, input_formats=[DAY_TIME_FORMAT],
        widget=forms.DateTimeInput(attrs=DAY_TIME, format=DAY_TIME_FORMAT),
        help_text=_("The birth; where the child was born outside a hospital, the admission. In the plan's time."),
    )  # fmt: skip
    is_caesarean = forms.BooleanField(
        label=_("By caesarean section"), required=False, widget=forms.CheckboxInput(attrs={"class": "form-check-input"})
    )


class ClearFlagForm(NamedForm):
    """Clear a flag, with the reason."""

    ids = "clear"

    kind = forms.CharField(max_length=40, widget=forms.HiddenInput)
    because = area(_("Why it no longer stands"), most=2000, rows=2)


class ParityForm(NamedForm):
    """A period to compare, both days in it."""

    ids = "parity"

    plan = forms.ModelChoiceField(label=_("Plan"), queryset=Plan.objects.none(), widget=forms.Select(attrs=SELECT))
    first_day = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={**TEXT, "type": "date"}))
    last_day = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={**TEXT, "type": "date"}))

    def __init__(self, *args: Any, plans: Sequence[Plan], **kwargs: Any) -> None:
        """Offer the reader's own plans."""
        super().__init__(*args, **kwargs)
        choice = self.fields["plan"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = Plan.objects.filter(pk__in=[plan.pk for plan in plans]).order_by("name")
        choice.label_from_instance = lambda plan: plan.name  # type: ignore[method-assign, assignment]
        choice.empty_label = None
