"""Forms of appeals: filing, the coordinator's steps, the reviewer's decision, the outside answer."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openum.appeals.faces import BODIES, FILERS
from openum.appeals.rules.deciding import CauseKind
from openum.appeals.rules.filing import Ground
from openum.appeals.rules.law import Body, Filer
from openum.appeals.rules.states import Outcome
from openum.appeals.services.effectuating import PROOFS
from openum.appeals.services.outside import RESULTS
from openum.design.controls import CHECK, DAY, DAY_TIME, SELECT, TEXT, area
from openum.design.forms import NamedForm
from openum.determination.kept import kept_words
from openum.determination.rules import GuardAnswer
from openum.vocabulary.terms import Channel

REASONS = [
    ("enrollee_asked", _("The member asked for more time")),
    ("info", _("More information is needed, and waiting helps the member")),
    ("noncontract_evidence", _("A provider outside the network may send what changes the decision")),
    ("extraordinary", _("Something out of the ordinary happened")),
]
CALLS = [
    ("reached", _("Reached")),
    ("left message", _("Left a message")),
    ("no answer", _("No answer")),
    ("wrong number", _("Wrong number")),
]


def _text(label: Any, *, required: bool = False, help_text: Any = "", most: int = 300) -> forms.CharField:
    return forms.CharField(
        label=label, required=required, max_length=most, help_text=help_text, widget=forms.TextInput(attrs=TEXT)
    )


def _check(label: Any, *, required: bool = False) -> forms.BooleanField:
    return forms.BooleanField(label=label, required=required, widget=forms.CheckboxInput(attrs=CHECK))


class PublicAppealForm(NamedForm):
    """The appeal of a member, or of somebody who acts for one: a name only where it is needed."""

    ids = "appeal"

    filer = forms.ChoiceField(
        label=_("Who appeals?"), choices=[(Filer.MEMBER, _("I do, for myself")), (Filer.REPRESENTATIVE, _("I act for the member"))],
        widget=forms.RadioSelect(attrs=CHECK), initial=Filer.MEMBER,
    )  # fmt: skip
    name = _text(_("Your name, if you act for the member"))
    relationship = _text(_("How you know the member"))
    issue = area(_("Why should we say yes?"), required=False, rows=5, help_text=_("You can leave this empty."))
    wants_speed = _check(_("Waiting could harm my health: please answer fast"))
    clinician_supports = _check(_("My doctor says that it cannot wait"))
    signed_on = forms.DateField(
        label=_("Day on which the member signed that you may act"), required=False, widget=forms.DateInput(attrs=DAY)
    )
    paper = forms.FileField(
        label=_("The signed paper"), required=False, widget=forms.FileInput(attrs={"class": "form-control"}),
        help_text=_("PDF, picture or text. You can send it later."),
    )  # fmt: skip
    evidence = forms.FileField(
        label=_("A paper for us to read"), required=False, widget=forms.FileInput(attrs={"class": "form-control"})
    )


class OfficeAppealForm(NamedForm):
    """The appeal of a practice for its patient."""

    ids = "appeal"

    name = _text(_("Doctor who appeals"), required=True)
    issue = area(_("Why should it be approved?"), required=False, rows=5)
    wants_speed = _check(_("The standard time could seriously harm life, health or recovery"))
    signed_on = forms.DateField(
        label=_("Day on which the member signed"), required=False, widget=forms.DateInput(attrs=DAY),
        help_text=_("Needed only where the law asks for the member's consent."),
    )  # fmt: skip
    paper = forms.FileField(
        label=_("The signed paper"), required=False, widget=forms.FileInput(attrs={"class": "form-control"})
    )
    evidence = forms.FileField(
        label=_("Records for the reviewer"), required=False, widget=forms.FileInput(attrs={"class": "form-control"})
    )


class IntakeAppealForm(NamedForm):
    """An appeal that came by telephone, mail, fax, or through another department."""

    ids = "appeal"

    channel = forms.ChoiceField(
        label=_("How it came"),
        choices=[(Channel.PHONE, _("Telephone")), (Channel.MAIL, _("Mail")), (Channel.FAX, _("Fax"))],
        widget=forms.Select(attrs=SELECT),
    )
    received_at = forms.DateTimeField(
        label=_("First received by anybody of the plan"), widget=forms.DateTimeInput(attrs=DAY_TIME),
        help_text=_("The call, the date stamp or the fax header. A forwarded appeal keeps its first receipt."),
    )  # fmt: skip
    proof = _text(_("Proof of receipt"), help_text=_("Call reference, postmark, fax header, who forwarded it."))
    filer = forms.ChoiceField(label=_("Who appeals"), choices=list(FILERS.items()), widget=forms.Select(attrs=SELECT))
    name = _text(_("Name of the filer, if not the member"))
    relationship = _text(_("Relationship"))
    address = area(_("Address for letters to the filer"), most=500, rows=2, required=False)
    issue = area(_("What was said or written"), required=False)
    wants_speed = _check(_("Asks for a fast answer"))
    clinician_supports = _check(_("A clinician says that waiting could harm"))
    signed_on = forms.DateField(
        label=_("Paper of standing signed on"), required=False, widget=forms.DateInput(attrs=DAY)
    )

    def __init__(self, *args: Any, has_receipt: bool = False, **kwargs: Any) -> None:
        """Leave out how and when it came where a paper says so."""
        super().__init__(*args, **kwargs)
        if has_receipt:
            for name in ("channel", "received_at", "proof"):
                del self.fields[name]


class FormPaperForm(NamedForm):
    """The paper of standing."""

    ids = "form"

    signed_on = forms.DateField(label=_("Signed on"), widget=forms.DateInput(attrs=DAY))
    channel = forms.ChoiceField(
        label=_("How it came"),
        choices=[(Channel.MAIL, _("Mail")), (Channel.FAX, _("Fax")), (Channel.PORTAL, _("Portal"))],
        widget=forms.Select(attrs=SELECT),
    )
    paper = forms.FileField(label=_("The paper"), widget=forms.FileInput(attrs={"class": "form-control"}))


class ReasonForm(NamedForm):
    """One reason in words, for the record."""

    ids = "reason"

    reason = area(_("Reason"), rows=2)


class DismissForm(NamedForm):
    """Close an appeal without judging the care."""

    ids = "dismiss"

    ground = forms.ChoiceField(
        label=_("Ground"),
        choices=[
            (Ground.NO_STANDING, _("The form that shows standing did not come")),
            (Ground.LATE, _("Filed late, without good cause")),
            (Ground.NOT_APPEALABLE, _("Not a decision that can be appealed")),
        ],
        widget=forms.Select(attrs=SELECT),
    )
    explanation = area(_("Why, for the letter"), rows=2)


class ElsewhereForm(NamedForm):
    """Forward an appeal that is not ours."""

    ids = "elsewhere"

    to = _text(_("Sent to"), required=True)
    proof = _text(_("Proof of forwarding"), required=True)


class WithdrawForm(NamedForm):
    """The filer takes the appeal back."""

    ids = "withdraw"

    who = _text(_("Who takes it back"), required=True)
    why = _text(_("Why"), required=True)


class CheckForm(NamedForm):
    """The preliminary review of an external review."""

    ids = "check"

    result = forms.ChoiceField(
        label=_("Result"),
        choices=list(zip(RESULTS, (_("Complete"), _("Incomplete"), _("Not eligible")), strict=True)),
        widget=forms.Select(attrs=SELECT),
    )
    note = area(_("What is missing, or why it is not open"), required=False, rows=2)
    is_assigned_later = _check(_("Give it to an organization in a step of its own"))


_CAUSES = [
    ("", _("Choose")),
    (CauseKind.NODE, _("A criterion")),
    (CauseKind.FACT, _("A fact of the record")),
    (CauseKind.STEP, _("A step of our work")),
]


class OutsideForm(NamedForm):
    """What an outside body decided."""

    ids = "outside"

    outcome = forms.ChoiceField(
        label=_("Outcome"),
        choices=[(Outcome.OVERTURNED, _("Overturned")), (Outcome.PARTLY, _("Overturned in part")), (Outcome.UPHELD, _("Upheld"))],
        widget=forms.Select(attrs=SELECT),
    )  # fmt: skip
    units = forms.DecimalField(
        label=_("Units given in all, if in part"), required=False, min_value=0, max_digits=9, decimal_places=3,
        widget=forms.NumberInput(attrs=TEXT),
    )  # fmt: skip
    reference = _text(_("Its reference"), required=True)
    received_at = forms.DateTimeField(
        label=_("When its decision reached us"), required=False, widget=forms.DateTimeInput(attrs=DAY_TIME),
        help_text=_("Empty: now. The time to carry it out counts from here."),
    )  # fmt: skip
    rationale = area(_("Its reasons"))
    cause_kind = forms.ChoiceField(
        label=_("What failed at our decision"), required=False, choices=_CAUSES, widget=forms.Select(attrs=SELECT)
    )
    cause_key = _text(_("Which criterion"), most=40)
    cause_words = area(_("In a sentence, for the next reviewer"), required=False, rows=2)
    listed = area(
        _("About the provider on a list: who gives the care instead, or why the law lets it be paid"),
        required=False,
        rows=2,
        help_text="42 CFR 422.222, 1001.1901",
    )


class EffectuateForm(NamedForm):
    """The proof that a reversal was carried out."""

    ids = "effectuate"

    proof_kind = forms.ChoiceField(
        label=_("Proof"),
        choices=list(zip(PROOFS, (_("Authorization"), _("Payment"), _("Service provided")), strict=True)),
        widget=forms.Select(attrs=SELECT),
    )
    proof = _text(_("Number or date"), required=True)


class ContinueForm(NamedForm):
    """A wish to keep the benefit while the appeal runs."""

    ids = "continue"

    was_authorized = _check(_("The decision ends, suspends or reduces care that was authorized before"))
    ordered_by_provider = _check(_("An authorized provider ordered it"))
    recovery_told = _check(_("The member was told that the plan may ask for the costs back"))
    has_consent = _check(_("A provider asks, and the member agreed in writing"))


class EndContinuationForm(NamedForm):
    """The last day of a benefit that went on during the appeal."""

    ids = "end_continuation"

    last_day = forms.DateField(label=_("Last day of the benefit"), widget=forms.DateInput(attrs=DAY))


class ExtendForm(NamedForm):
    """More time for the appeal: why the law admits it, and why in words."""

    ids = "extend"

    reason = forms.ChoiceField(label=_("Reason of the law"), choices=REASONS, widget=forms.Select(attrs=SELECT))
    because = area(_("Why, in plain words, for the letter"), rows=2)
    call_outcome = forms.ChoiceField(
        label=_("How the call to the member ended"), required=False, choices=[("", _("No call")), *CALLS],
        widget=forms.Select(attrs=SELECT), help_text=_("Medicaid wants a call before the letter."),
    )  # fmt: skip


class TellForm(NamedForm):
    """A telephone call about the answer to a fast appeal."""

    ids = "tell"

    outcome = forms.ChoiceField(label=_("How the call ended"), choices=CALLS, widget=forms.Select(attrs=SELECT))
    person = _text(_("Who was spoken to"))
    phone = _text(_("Number called"), most=60)
    note = area(_("What was said"), required=False, rows=2)


class HearingForm(NamedForm):
    """The day of a hearing, as the outside body set it."""

    ids = "hearing"

    hearing_at = forms.DateTimeField(label=_("Day and hour"), widget=forms.DateTimeInput(attrs=DAY_TIME))
    how = _text(_("Where, or how one takes part"), required=True)


class RepresentativeForm(NamedForm):
    """How a representative is called and reached."""

    ids = "correct"

    name = _text(_("Name"), required=True)
    relationship = _text(_("Relationship"))
    address = area(_("Address for letters"), most=500, rows=2, required=False)
    phone = _text(_("Telephone"), most=60)


class EndStandingForm(NamedForm):
    """Somebody does not act for the member any more."""

    ids = "end"

    said_by = _text(_("Who ended it"), required=True)
    reason = area(_("Why"), rows=2)


class InterestForm(NamedForm):
    """A conflict of interest with a provider."""

    ids = "interest"

    npi = _text(_("Provider number (NPI)"), required=True, most=10)
    reason = _text(_("What the interest is"), required=True)


class EndInterestForm(NamedForm):
    """The end of a declared conflict."""

    ids = "ending"

    npi = _text(_("Provider number (NPI)"), required=True, most=10)
    ends_on = forms.DateField(label=_("First day without it"), widget=forms.DateInput(attrs=DAY))


class OrganizationForm(NamedForm):
    """An outside review body."""

    ids = "organization"

    body = forms.ChoiceField(
        label=_("Kind"), choices=[(key, words) for key, words in BODIES.items() if key != Body.PLAN],
        widget=forms.Select(attrs=SELECT),
    )  # fmt: skip
    name = _text(_("Name"), required=True, help_text=_("The same name again changes the organization."))
    address = _text(_("Address"))
    phone = _text(_("Telephone"), most=60)
    accredited_to = forms.DateField(
        label=_("First day without accreditation"), required=False, widget=forms.DateInput(attrs=DAY)
    )
    interests = area(_("Conflicts: one a line, provider number and why"), most=4000, required=False)


class VerdictForm(NamedForm):
    """The reviewer's decision: outcome, reasons, what failed, and the statement on conflicts."""

    ids = "verdict"

    outcome = forms.ChoiceField(
        label=_("Decision"),
        choices=[(Outcome.UPHELD, _("Uphold")), (Outcome.OVERTURNED, _("Overturn")), (Outcome.PARTLY, _("Overturn in part"))],
        widget=forms.RadioSelect(attrs=CHECK),
    )  # fmt: skip
    rationale = area(
        _("Why, in plain words"),
        rows=6,
        help_text=_("Tied to this person's facts. The letter quotes it word for word."),
    )
    words_kept = kept_words()
    units = forms.DecimalField(
        label=_("Units given in all, if in part"), required=False, min_value=0, max_digits=9, decimal_places=3,
        widget=forms.NumberInput(attrs=TEXT),
    )  # fmt: skip
    cited_authority = _text(_("Authority cited"), help_text=_("Needed where no guideline of ours applies."))
    evidence = forms.ChoiceField(
        label=_("Documents not opened"), required=False,
        choices=[
            ("", _("I opened them all")),
            (GuardAnswer.ATTEMPTED, _("I tried; they cannot be read")),
            (GuardAnswer.NOT_APPLICABLE, _("They do not bear on this service")),
        ],
        widget=forms.Select(attrs=SELECT),
    )  # fmt: skip
    evidence_reason = _text(_("Why"))
    cause_kind = forms.ChoiceField(
        label=_("If reversed: what failed at the first decision"), required=False, choices=_CAUSES,
        widget=forms.Select(attrs=SELECT),
    )  # fmt: skip
    cause_key = _text(_("Which criterion"), most=40)
    cause_words = area(_("In a sentence, for the next reviewer of such a request"), required=False, rows=2)
    listed = area(
        _("About the provider on a list: who gives the care instead, or why the law lets it be paid"),
        required=False,
        rows=2,
        help_text="42 CFR 422.222, 1001.1901",
    )
    attests = _check(
        _(
            "I took no part in the decision that is appealed, I report to nobody who did, and I have no interest in its outcome."
        ),
    )


class SpecialtyReviewForm(NamedForm):
    """The provider asks that a like specialty reviews the no, with good cause (Tex. Ins. Code 4201.356(b))."""

    ids = "specialty"

    name = forms.CharField(label=_("Which provider asks"), max_length=200, widget=forms.TextInput(attrs=TEXT))
    issue = area(_("The good cause, in the provider's words"), rows=3)


class VoteForm(NamedForm):
    """A vote of the panel."""

    ids = "vote"

    for_member = forms.TypedChoiceField(
        label=_("Your opinion"), choices=[("yes", _("For the member")), ("no", _("For the decision"))],
        coerce=lambda word: word == "yes", widget=forms.RadioSelect(attrs=CHECK),
    )  # fmt: skip
    rationale = area(_("Why"), rows=3)
