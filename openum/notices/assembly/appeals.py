"""Letters about an appeal: we have it, not fast, still no, dismissed, sent on, checked."""

from dataclasses import dataclass
from datetime import date, datetime

from openum.notices.assembly.common import Setting
from openum.notices.assembly.decision import Approval, Decision, approved, citation_of, gaps_of, guideline_of
from openum.notices.compose import date_words
from openum.notices.content import Letter
from openum.notices.content_of_appeals import (
    AppealAcknowledgementLetter,
    AppealDismissedLetter,
    AppealExtensionLetter,
    AppealSentOnLetter,
    AppealSpeedRefusedLetter,
    AppealUpheldLetter,
    ContinuationEndedLetter,
    ExternalReviewCheckedLetter,
    ReviewTakenBackLetter,
)
from openum.notices.elements import COLUMN_OF, Audience, Column
from openum.notices.facts import (
    KEEPS_BENEFIT,
    AppealDismissed,
    AppealFacts,
    ContinuationEnded,
    Disclosure,
    MoreTime,
    NextLevel,
    Reason,
    RuleReliedOn,
    SentOn,
)
from openum.notices.facts import SpeedRefused as Speed
from openum.vocabulary.terms import LineOfBusiness


@dataclass(frozen=True, kw_only=True)
class Story:
    """What letters need of an appeal, as plain facts.

    Attributes:
        level: key of the level in the published sentences: plan, second, review_entity, fair_hearing, external, state_external.
        filed_by: the filer's name; empty for the member.
        last_day: of the time to answer, or to ask for the next level.
    """

    number: str
    filed_at: datetime
    filed_by: str
    level: str
    last_day: date | None = None


def facts_of(story: Story, setting: Setting) -> AppealFacts:
    """Name the appeal."""
    return AppealFacts(
        number=story.number,
        received_on=setting.day_of(story.filed_at),
        filed_by=story.filed_by or setting.case.member.full_name,
        level=setting.say(f"appeal.levels.{story.level}"),
    )


def acknowledgement_letter(setting: Setting, story: Story, *, waits_for: str) -> Letter:
    """Build the receipt of an appeal; `waits_for` is the key of what is still needed, empty when the time runs."""
    return AppealAcknowledgementLetter(
        **setting.base(),
        appeal=facts_of(story, setting),
        decide_by=None if waits_for else story.last_day,
        waits_for=setting.say(
            f"appeal.waits_for.{waits_for}",
            until=date_words(story.last_day, setting.language) if story.last_day else "",
        )
        if waits_for
        else "",
        send_more=setting.say("appeal.send_more"),
        file_copy=setting.say("appeal.file_copy", phone=setting.plan.phone),
    )


def speed_refused_letter(setting: Setting, story: Story, *, decide_by: date) -> Letter:
    """Build the letter about an appeal that is not decided fast."""
    return AppealSpeedRefusedLetter(
        **setting.base(),
        appeal=facts_of(story, setting),
        speed=Speed(
            decide_by=decide_by,
            ask_again=setting.say("expedite.ask_again"),
            grievance=setting.say("expedite.grievance"),
        ),
    )


_GOES_ON = {Column.MEDICAID: "appeal.continuation_after", Column.INTEGRATED: "integrated.continuation_after"}


def upheld_letter(
    setting: Setting,
    story: Story,
    decision: Decision,
    *,
    field: str,
    next_level: str,
    approvals: tuple[Approval, ...],
    offers_second: bool = False,
    experts: tuple[str, ...] = (),
    specialty_review_by: date | None = None,
) -> Letter:
    """Build the letter that still says no.

    Args:
        decision: the reviewer's, with the map it froze.
        field: the reviewer's field of medicine.
        next_level: key of the level that follows.
        approvals: what a partial reversal gave.
        offers_second: the plan offers a voluntary second appeal of its own.
        specialty_review_by: last day on which the provider may ask that a like specialty looks at it; None elsewhere.
        experts: whose medical advice was obtained, with field and licence, followed or not.
    """
    reason = setting.texts.reason(decision.reason, decision.reason_class)
    until = date_words(story.last_day, setting.language) if story.last_day else ""
    is_erisa = setting.line_of_business is LineOfBusiness.ERISA_GROUP
    column = COLUMN_OF[setting.line_of_business]
    return AppealUpheldLetter(
        **setting.base(),
        appeal=facts_of(story, setting),
        decided_on=setting.day_of(decision.decided_at),
        reviewed_by=setting.say("appeal.reviewed_by", field=setting.say_or("fields", field, field)),
        reason=Reason(label=setting.of(reason.label) if reason else "", specific=setting.speak(decision.rationale)),
        gaps=tuple(gaps_of(decision, setting)),
        rule=RuleReliedOn(text=setting.of(reason.rule) if reason else "", citation=citation_of(decision, setting)),
        disclosure=Disclosure(
            free_copies=setting.say("copies.right"), how_to_ask=setting.say("copies.how", phone=setting.plan.phone)
        ),
        experts=setting.say("appeal.experts_named", experts="; ".join(experts))
        if experts
        else setting.say("appeal.experts"),
        next_level=NextLevel(
            what=setting.say(f"appeal.next.{next_level}.what"),
            how=setting.say(f"appeal.next.{next_level}.how", phone=setting.plan.phone),
            when=setting.say(f"appeal.next.{next_level}.when", until=until),
            court=setting.say("appeal.court") if is_erisa else "",
            help_offices=setting.help_offices(),
        ),
        continuation=setting.say(_GOES_ON[column])
        if setting.line_of_business in KEEPS_BENEFIT and setting.audience is Audience.MEMBER
        else "",
        offers_second=offers_second,
        voluntary=_voluntary(setting, specialty_review_by) if offers_second else "",
        approved=tuple(approved(each, setting) for each in approvals),
        cites_authority_only=bool(decision.cited_authority) and not guideline_of(decision.evidence_map)[0],
    )


def _voluntary(setting: Setting, specialty_review_by: date | None) -> str:
    """Say what the plan itself still offers: a second appeal, or in Texas the review by a like specialty."""
    if specialty_review_by is None:
        return setting.say("appeal.voluntary", phone=setting.plan.phone)
    until = date_words(specialty_review_by, setting.language)
    return setting.say("appeal.specialty_review", until=until, phone=setting.plan.phone)


def dismissed_letter(setting: Setting, story: Story, *, why: str, review: str) -> Letter:
    """Build the letter about a dismissal; `why` empty: the appeal was taken back; `review` is the key of who reviews it."""
    until = date_words(story.last_day, setting.language) if story.last_day else ""
    return AppealDismissedLetter(
        **setting.base(),
        appeal=facts_of(story, setting),
        dismissal=AppealDismissed(
            why=setting.speak(why) if why else setting.say("appeal.taken_back"),
            review=setting.say(f"appeal.dismissal_review.{review}", until=until),
            take_back=setting.say("appeal.take_back"),
        ),
    )


def sent_on_letter(
    setting: Setting, story: Story, *, to: str, because: str, time: tuple[int, str] | None = None
) -> Letter:
    """Build the letter about a file that went to an outside reviewer; `last_day` of the story is when that body answers.

    Args:
        time: amount and unit of the time that body has, from the row that its clock runs by; None where none runs.
    """
    until = date_words(story.last_day, setting.language) if story.last_day else ""
    answer = story.level
    if story.level in {"external", "state_external"} and time is not None and until:
        answer = "timed"
    elif story.level == "external" or (story.level == "review_entity" and not until):
        answer = "review_entity_open"
    return AppealSentOnLetter(
        **setting.base(),
        appeal=facts_of(story, setting),
        sent=SentOn(
            to=to,
            why=setting.say(f"appeal.sent_because.{because}"),
            send_more=setting.say("appeal.send_more_outside"),
            answer=setting.say(
                f"appeal.outside_answer.{answer}",
                until=until,
                time=setting.say(f"time.{time[1]}", n=str(time[0])) if time else "",
            ),
        ),
    )


def checked_letter(setting: Setting, story: Story, *, result: str, note: str, organization: str) -> Letter:
    """Build the letter about the preliminary review of an external review."""
    until = date_words(story.last_day, setting.language) if story.last_day else ""
    return ExternalReviewCheckedLetter(
        **setting.base(),
        appeal=facts_of(story, setting),
        result=" ".join(part for part in (setting.say(f"appeal.checked.{result}"), setting.speak(note)) if part),
        what_now=setting.say(f"appeal.what_now.{result}", organization=organization, until=until),
    )


def extension_letter(setting: Setting, story: Story, *, why: str, decide_by: date) -> Letter:
    """Build the letter about more time for an appeal, with the right to complain about it."""
    return AppealExtensionLetter(
        **setting.base(),
        appeal=facts_of(story, setting),
        more_time=more_time(setting, why=why, decide_by=decide_by),
    )


def more_time(setting: Setting, *, why: str, decide_by: date) -> MoreTime:
    """Describe an extension in the words of the person who took it; the right to a fast complaint is the member's."""
    return MoreTime(
        because=setting.speak(why),
        decide_by=decide_by,
        grievance=setting.say("extension.grievance") if setting.audience is Audience.MEMBER else "",
    )


def continuation_ended_letter(setting: Setting, story: Story, *, ground: str, last_day: date) -> Letter:
    """Build the letter about the end of a continued benefit; `ground` is the key of why it ends."""
    return ContinuationEndedLetter(
        **setting.base(),
        appeal=facts_of(story, setting),
        ended=ContinuationEnded(
            because=setting.say(f"appeal.continuation_ended.{ground}"),
            last_day=last_day,
            cost=setting.say(
                "integrated.continuation_cost"
                if COLUMN_OF[setting.line_of_business] is Column.INTEGRATED
                else "appeal.continuation_cost"
            ),
            what_now=setting.say("appeal.continuation_what_now", phone=setting.plan.phone),
        ),
    )


def review_taken_back_letter(setting: Setting, story: Story, *, to: str, decide_by: date) -> Letter:
    """Build the letter about a review outside that ends undecided; `to` names the body that had the file, empty: nobody."""
    return ReviewTakenBackLetter(
        **setting.base(),
        appeal=facts_of(story, setting),
        because=setting.say("appeal.review_taken_back.because"),
        file=setting.say("appeal.review_taken_back.asked_back", organization=to)
        if to
        else setting.say("appeal.review_taken_back.not_sent"),
        decide_by=decide_by,
        complain=setting.say("appeal.review_taken_back.complain") if setting.audience is Audience.MEMBER else "",
    )
