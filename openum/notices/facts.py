"""The facts letters are made of, each bound to a row of the case. Pure; dates are dates of the plan's zone.

Every field declared with `needed` is one row of the content matrix: what it is called when it is missing, and the law.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from openum.notices.elements import ADVERSE, MEMBER_ONLY, PROVIDER_ONLY, Column, Laws, everywhere, needed
from openum.vocabulary.terms import LineOfBusiness

QUALITY: Final = "NCQA UM 7"
ACCESS: Final = "45 CFR 92.10, 92.11"
REASON_TO_PROVIDER: Final = "42 CFR 422.122(a), 438.242(b)(8), 45 CFR 156.223(a)"

APPROVAL: Final[Laws] = {
    Column.MEDICARE: "42 CFR 422.568(c), 422.112(b)(8)(i)",
    Column.PART_D: "42 CFR 423.568(e)",
    Column.MEDICAID: "42 CFR 438.210(d)",
    Column.ERISA: "29 CFR 2560.503-1(f)(2)(iii)",
}
REASON: Final[Laws] = ADVERSE
ERISA_ONLY: Final[Laws] = {Column.ERISA: ADVERSE[Column.ERISA]}
MEDICAID_ONLY: Final[Laws] = {
    Column.MEDICAID: "42 CFR 438.404(b), 438.420; paid by the state 431.230, 431.231",
    Column.INTEGRATED: "42 CFR 422.631(d)(1)(iii), 422.632",
}
KEEPS_BENEFIT: Final = frozenset(
    {LineOfBusiness.MEDICAID_MANAGED_CARE, LineOfBusiness.MEDICAID_FFS, LineOfBusiness.INTEGRATED_DUAL}
)
"""Where a benefit may go on during an appeal: not in CHIP, which leaves 42 CFR 438.420 out (457.1260)."""
INTEGRATED_ONLY: Final[Laws] = {Column.INTEGRATED: "42 CFR 422.631(d)(1), form CMS-10716"}


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """Where the letter goes. The address is the confidential one when the member asked for that (45 CFR 164.522(b))."""

    name: str = needed("the name of the person it is written to", everywhere(QUALITY))
    address_lines: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PlanContact:
    """The plan as the reader meets it."""

    name: str = needed("the name of the plan", everywhere(QUALITY))
    phone: str = needed("a telephone number for help", everywhere(QUALITY))
    tty: str = needed("a TTY number", everywhere(ACCESS), audiences=MEMBER_ONLY)
    hours: str = ""
    address_lines: tuple[str, ...] = ()
    fax: str = ""
    website: str = ""


@dataclass(frozen=True, kw_only=True)
class MemberFacts:
    """Whom the request is about."""

    name: str = needed("the member's name", ADVERSE)
    number: str = needed("the member's number", ADVERSE)


@dataclass(frozen=True, kw_only=True)
class RequestFacts:
    """Which request it is."""

    number: str = needed("the request number", ADVERSE)
    received_on: date | None = needed("the day the request arrived", ADVERSE, default=None)
    requested_by: str = needed("who asked for the service", ADVERSE)
    treating: str = ""


@dataclass(frozen=True, kw_only=True)
class ServiceFacts:
    """One requested service in plain words, with its code."""

    words: str = needed("the service in plain words", ADVERSE)
    code: str = needed("the code of the service", ADVERSE)
    dates: str = needed("the dates of the service", ADVERSE)
    provider: str = needed("who would give the service", ADVERSE)
    quantity: str = needed("how much was asked for", ADVERSE)
    place: str = ""


@dataclass(frozen=True, kw_only=True)
class Assistance:
    """Language help and the nondiscrimination notice; taglines are rows of the tagline policy."""

    nondiscrimination: str = needed("the nondiscrimination notice", everywhere("45 CFR 92.10"))
    taglines: tuple["Tagline", ...] = needed("the language assistance taglines", everywhere("45 CFR 92.11"), default=())


@dataclass(frozen=True, kw_only=True)
class Tagline:
    """One sentence that offers free language help, in one language."""

    language: str
    name: str
    text: str
    is_right_to_left: bool = False


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why we said no, tied to this member's facts. A code or label alone is never enough."""

    label: str = needed("the kind of reason", REASON)
    specific: str = needed("the specific reason, tied to the member's facts", REASON)


@dataclass(frozen=True, kw_only=True)
class CriterionGap:
    """One criterion that was not met or could not be shown, quoted from its guideline."""

    guideline: str = needed("the name of the guideline", REASON)
    version: str = needed("the version of the guideline", REASON)
    node: str = ""
    quoted: str = needed("the wording of the criterion that was not met", REASON)
    seen: str = needed("what we saw in the record", REASON)
    missing: str = needed("what was missing", REASON)
    to_satisfy: str = needed("what would satisfy the criterion", REASON)
    alternative: str = ""  # says that meeting one of several is enough


@dataclass(frozen=True, kw_only=True)
class RuleReliedOn:
    """The benefit provision, NCD or LCD section, guideline or protocol behind the decision."""

    text: str = needed("the rule relied on", REASON)
    citation: str = needed("the citation of the rule relied on", REASON)


@dataclass(frozen=True, kw_only=True)
class Disclosure:
    """The right to free copies, and to an explanation of the clinical judgment."""

    free_copies: str = needed("the right to free copies of documents and criteria", ADVERSE)
    how_to_ask: str = needed("how to ask for the copies", ADVERSE)


@dataclass(frozen=True, kw_only=True)
class AppealRights:
    """What the reader may do about it: where, how, until when, and who helps."""

    right: str = needed("the right to appeal", ADVERSE)
    how: str = needed("how to appeal", ADVERSE)
    where_lines: tuple[str, ...] = needed("where to send the appeal", ADVERSE, default=())
    phone: str = needed("the appeal telephone number", ADVERSE)
    deadline: date | None = needed("the last day to appeal", ADVERSE, default=None)
    deadline_words: str = needed("how the last day to appeal is counted", ADVERSE)
    standard_time: str = needed("how long a standard appeal takes", ADVERSE)
    expedited_right: str = needed("the right to a fast appeal and what counts as urgent", ADVERSE)
    expedited_time: str = needed("how long a fast appeal takes", ADVERSE)
    next_level: str = needed(
        "the review that follows the plan's own (independent or external review, hearing)", ADVERSE
    )
    court: str = needed(
        "the right to sue under ERISA section 502(a)",
        {Column.ERISA: "29 CFR 2560.503-1(g)(1)(iv)"},
        only=frozenset({LineOfBusiness.ERISA_GROUP}),
    )
    representative: str = needed("the right to be helped by a representative", ADVERSE)
    help_offices: tuple[str, ...] = needed("the offices that help", ADVERSE, audiences=MEMBER_ONLY, default=())


@dataclass(frozen=True, kw_only=True)
class Benefits:
    """What Medicare and what Medicaid say of one service, in one letter."""

    both: str = needed("that Medicare and Medicaid were both looked at", INTEGRATED_ONLY)
    finding: str = needed("why neither Medicare nor Medicaid covers it for this person", INTEGRATED_ONLY)
    takes_effect: str = needed("when the decision takes effect", INTEGRATED_ONLY)


@dataclass(frozen=True, kw_only=True)
class Continuation:
    """Keeping a benefit while the appeal runs."""

    how: str = needed("how to keep the benefit during the appeal", MEDICAID_ONLY)
    when: str = needed("until when to ask to keep the benefit", MEDICAID_ONLY)
    cost: str = needed("what a continued benefit may cost the member", MEDICAID_ONLY)


@dataclass(frozen=True, kw_only=True)
class ReviewerContact:
    """Who decided, and how a clinician can talk to a reviewer who can change the decision."""

    name: str = needed("the name of the clinician who decided", everywhere(QUALITY), audiences=PROVIDER_ONLY)
    credentials: str = needed(
        "the credentials of the clinician who decided", everywhere(QUALITY), audiences=PROVIDER_ONLY
    )
    phone: str = needed("the direct telephone for a peer-to-peer talk", everywhere(QUALITY), audiences=PROVIDER_ONLY)
    how: str = needed("how to ask for a peer-to-peer talk", everywhere(QUALITY), audiences=PROVIDER_ONLY)
    until: str = needed("until when a peer-to-peer talk is possible", everywhere(QUALITY), audiences=PROVIDER_ONLY)


@dataclass(frozen=True, kw_only=True)
class ApprovedService:
    """One authorization: what, from when, until which day or circumstance, on which conditions, and how to extend it."""

    words: str = needed("what was approved", APPROVAL)
    code: str = needed("the code of what was approved", APPROVAL)
    quantity: str = needed("how much was approved", APPROVAL)
    authorization_number: str = needed("the authorization number", APPROVAL)
    provider: str = needed("who may give the service", APPROVAL)
    starts_on: date | None = needed("the start of the approval", APPROVAL, default=None)
    ends: date | str | None = needed("the day or circumstance on which the approval ends", APPROVAL, default=None)
    conditions: str = needed("the conditions of the approval, or that there are none", APPROVAL)
    how_to_extend: str = needed("how to extend the approval", APPROVAL)
    place: str = ""


@dataclass(frozen=True, kw_only=True)
class RequestedItem:
    """One thing we need before we can decide."""

    what: str = needed("what is needed", everywhere("29 CFR 2560.503-1(f)(3); 42 CFR 422.568; 42 CFR 438.210"))
    why: str = needed("why it is needed", everywhere("29 CFR 2560.503-1(f)(3); 42 CFR 422.568; 42 CFR 438.210"))
    criterion: str = ""


@dataclass(frozen=True, kw_only=True)
class Extension:
    """More time, as each law allows it."""

    circumstances: str = needed(
        "the reason for the extension",
        {
            Column.MEDICARE: "42 CFR 422.568(b)(2)",
            Column.INTEGRATED: "42 CFR 422.631(d)(2)(ii)",
            Column.MEDICAID: "42 CFR 438.404(c)(4)",
            Column.ERISA: "29 CFR 2560.503-1(f)(2)(iii)(A)",
        },
    )
    decide_by: date | None = needed(
        "the new date of the decision",
        {
            Column.MEDICARE: "42 CFR 422.568(b)(2)",
            Column.INTEGRATED: "42 CFR 422.631(d)(2)(ii)",
            Column.MEDICAID: "42 CFR 438.404(c)(4)",
            Column.ERISA: "29 CFR 2560.503-1(f)(2)(iii)(A)",
        },
        default=None,
    )
    grievance: str = needed(
        "the right to a grievance about the extension",
        {Column.MEDICARE: "42 CFR 422.568(b)(2)(ii)", Column.MEDICAID: "42 CFR 438.404(c)(4)(i)"},
        audiences=MEMBER_ONLY,
    )
    standards: str = needed("the standards on which the benefit rests", {Column.ERISA: "29 CFR 2560.503-1(f)(3)"})
    open_points: str = needed("the issues that prevent a decision", {Column.ERISA: "29 CFR 2560.503-1(f)(3)"})
    respond_by: date | None = needed(
        "the day by which to answer, at least 45 days away", {Column.ERISA: "29 CFR 2560.503-1(f)(3)"}, default=None
    )


@dataclass(frozen=True, kw_only=True)
class EarlierDecision:
    """The decision that this letter replaces; it stays in the file, unchanged."""

    notice_number: str = ""
    decided_on: date | None = needed("the day of the earlier decision", everywhere(QUALITY), default=None)
    what_changed: str = needed("what changed since the earlier decision", everywhere(QUALITY))


@dataclass(frozen=True, kw_only=True)
class Withdrawal:
    """Who took the request back, when and how."""

    by: str = needed("who withdrew the request", everywhere("42 CFR 422.568(g), 438.402; plan policy"))
    on: date | None = needed(
        "the day of the withdrawal", everywhere("42 CFR 422.568(g), 438.402; plan policy"), default=None
    )
    channel: str = needed("how the withdrawal reached us", everywhere("plan policy"))


@dataclass(frozen=True, kw_only=True)
class SpeedRefused:
    """A request to decide fast that was refused: the standard time holds, and what one may do about it."""

    decide_by: date | None = needed(
        "the day by which we decide", everywhere("42 CFR 422.570(d)(2)(i); plan policy"), default=None
    )
    ask_again: str = needed(
        "the right to ask again with a doctor's support", everywhere("42 CFR 422.570(d)(2)(iii); plan policy")
    )
    grievance: str = needed(
        "the right to a fast complaint, and how", everywhere("42 CFR 422.570(d)(2)(ii), (iv); plan policy")
    )


@dataclass(frozen=True, kw_only=True)
class Lateness:
    """A decision that was due and not made; the duty to decide stays."""

    due_on: date | None = needed(
        "the day the decision was due",
        {
            Column.MEDICARE: "42 CFR 422.568(f), 422.572(f)",
            Column.PART_D: "42 CFR 423.568(h)",
            Column.MEDICAID: "42 CFR 438.404(c)(5)",
            Column.ERISA: "29 CFR 2560.503-1(l), 45 CFR 147.136(b)(2)(ii)(F)",
        },
        default=None,
    )
    awaited: str = needed("what we still wait for or do", everywhere("42 CFR 422.568(f); Cal. HSC 1367.01(h)(5)"))


APPEAL: Final[Laws] = {
    Column.MEDICARE: "42 CFR 422.590, 422.582",
    Column.INTEGRATED: "42 CFR 422.629(g), 422.633",
    Column.PART_D: "42 CFR 423.590, 423.582",
    Column.MEDICAID: "42 CFR 438.406, 438.408",
    Column.ERISA: "29 CFR 2560.503-1(i), (j), 45 CFR 147.136(b), (d)",
}
GRIEVANCE: Final[Laws] = {
    Column.MEDICARE: "42 CFR 422.564",
    Column.INTEGRATED: "42 CFR 422.630",
    Column.PART_D: "42 CFR 423.564",
    Column.MEDICAID: "42 CFR 438.406, 438.408",
    Column.ERISA: "plan policy, complaints",
}
DISPUTE: Final[Laws] = everywhere("plan policy and provider contract, disputes")
CONTINUATION: Final[Laws] = everywhere("42 CFR 438.420(c)-(d)")
VOLUNTARY: Final[Laws] = {Column.ERISA: "29 CFR 2560.503-1(j)(4), (c)(3)"}
MEDICARE_ONLY: Final[Laws] = {Column.MEDICARE: "42 CFR 422.564(e)(3)(iii)"}
MORE_TIME: Final[Laws] = {
    Column.MEDICARE: "42 CFR 422.590(f), 422.564(e)(2)",
    Column.INTEGRATED: "42 CFR 422.633(f)(3), 422.630(e)(2)",
    Column.PART_D: "42 CFR 423.564(e)(2)",
    Column.MEDICAID: "42 CFR 438.408(c)(2)",
    Column.ERISA: "plan policy, extensions that the claimant agrees to",
}


@dataclass(frozen=True, kw_only=True)
class Software:
    """What the law of a place has a plan tell the member about software in review."""

    law: str
    text: str = needed(
        "the disclosure about software", everywhere("42 CFR 422.101(c); state law on software in review")
    )


@dataclass(frozen=True, kw_only=True)
class AppealFacts:
    """Which appeal it is."""

    number: str = needed("the number of the appeal", APPEAL)
    received_on: date | None = needed("the day the appeal arrived", APPEAL, default=None)
    filed_by: str = needed("who filed the appeal", APPEAL)
    level: str = needed("the level of the appeal", APPEAL)


@dataclass(frozen=True, kw_only=True)
class NextLevel:
    """The review that follows: what it is, how and until when, and that it is free."""

    what: str = needed("the review that follows", APPEAL)
    how: str = needed("how the next review is asked for", APPEAL)
    when: str = needed("until when the next review can be asked for, or when the file goes there", APPEAL)
    court: str = needed(
        "the right to sue under ERISA section 502(a)",
        {Column.ERISA: "29 CFR 2560.503-1(j)(4)"},
        only=frozenset({LineOfBusiness.ERISA_GROUP}),
    )
    help_offices: tuple[str, ...] = needed("the offices that help", APPEAL, audiences=MEMBER_ONLY, default=())


@dataclass(frozen=True, kw_only=True)
class AppealDismissed:
    """An appeal that was closed without a decision on the care, and what one may do about it."""

    why: str = needed("why the appeal was dismissed", APPEAL)
    review: str = needed("the right to a review of the dismissal", APPEAL)
    take_back: str = needed("how the dismissal can be taken back for good cause", APPEAL)


@dataclass(frozen=True, kw_only=True)
class SentOn:
    """A file that went to an outside reviewer."""

    to: str = needed("who reviews the file now", APPEAL)
    why: str = needed("why the file went there", APPEAL)
    send_more: str = needed("how to send the reviewer more papers", APPEAL)
    answer: str = needed("when the reviewer answers", APPEAL)


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """Which complaint it is."""

    number: str = needed("the number of the complaint", GRIEVANCE)
    received_on: date | None = needed("the day the complaint arrived", GRIEVANCE, default=None)
    filed_by: str = needed("who complained", GRIEVANCE)
    about: str = needed("what the complaint is about", GRIEVANCE)


@dataclass(frozen=True, kw_only=True)
class MoreTime:
    """More time for an appeal or a complaint: why, until when, and how to complain about it."""

    because: str = needed("the reason for the extension", MORE_TIME)
    decide_by: date | None = needed("the new date of the answer", MORE_TIME, default=None)
    grievance: str = needed("the right to a grievance about the extension", MORE_TIME, audiences=MEMBER_ONLY)


@dataclass(frozen=True, kw_only=True)
class ContinuationEnded:
    """A benefit that went on while an appeal ran, and that now ends."""

    because: str = needed("why the benefit ends", CONTINUATION)
    last_day: date | None = needed("the last day of the benefit", CONTINUATION, default=None)
    cost: str = needed("what the continued benefit may cost the member", CONTINUATION)
    what_now: str = needed("what one can do about the end of the benefit", CONTINUATION)


@dataclass(frozen=True, kw_only=True)
class Dispute:
    """Which dispute of a provider it is."""

    number: str = needed("the number of the dispute", DISPUTE)
    received_on: date | None = needed("the day the dispute arrived", DISPUTE, default=None)
    filed_by: str = needed("which provider disputes", DISPUTE)
