"""Letters about a complaint: we have it, we need more time, what we found. And about a provider's dispute."""

from dataclasses import dataclass
from datetime import date, datetime

from openum.notices.assembly.appeals import more_time
from openum.notices.assembly.common import Setting
from openum.notices.content import Letter
from openum.notices.content_of_appeals import (
    DisputeAcknowledgementLetter,
    DisputeAnswerLetter,
    GrievanceAcknowledgementLetter,
    GrievanceExtensionLetter,
    GrievanceResolutionLetter,
)
from openum.notices.facts import Complaint, Dispute


@dataclass(frozen=True, kw_only=True)
class Story:
    """What letters need of a complaint, as plain facts. `filed_by` is empty for the member; `about` a published key."""

    number: str
    filed_at: datetime
    filed_by: str
    about: str


def facts_of(story: Story, setting: Setting) -> Complaint:
    """Name the complaint."""
    return Complaint(
        number=story.number,
        received_on=setting.day_of(story.filed_at),
        filed_by=story.filed_by or setting.case.member.full_name,
        about=setting.say(f"grievance.about.{story.about}"),
    )


def acknowledgement_letter(setting: Setting, story: Story, *, answer_by: date) -> Letter:
    """Build the receipt of a complaint."""
    return GrievanceAcknowledgementLetter(
        **setting.base(),
        complaint=facts_of(story, setting),
        answer_by=answer_by,
        appeal_is_other=setting.say("grievance.appeal_is_other", phone=setting.plan.phone),
    )


def resolution_letter(setting: Setting, story: Story, *, found: str, done: str) -> Letter:
    """Build the answer to a complaint, in the words of the person who looked into it."""
    return GrievanceResolutionLetter(
        **setting.base(),
        complaint=facts_of(story, setting),
        found=setting.speak(found),
        done=setting.speak(done),
        further=setting.say("grievance.further", phone=setting.plan.phone),
        is_about_care=story.about == "care",
        quality_review=setting.say("grievance.quality_review"),
    )


def extension_letter(setting: Setting, story: Story, *, why: str, answer_by: date) -> Letter:
    """Build the letter about more time for a complaint."""
    return GrievanceExtensionLetter(
        **setting.base(),
        complaint=facts_of(story, setting),
        more_time=more_time(setting, why=why, decide_by=answer_by),
    )


@dataclass(frozen=True, kw_only=True)
class DisputeStory:
    """What letters need of a provider's dispute, as plain facts."""

    number: str
    filed_at: datetime
    filed_by: str


def _dispute(story: DisputeStory, setting: Setting) -> Dispute:
    return Dispute(number=story.number, received_on=setting.day_of(story.filed_at), filed_by=story.filed_by)


def dispute_acknowledgement_letter(setting: Setting, story: DisputeStory, *, answer_by: date) -> Letter:
    """Build the receipt of a provider's dispute."""
    return DisputeAcknowledgementLetter(
        **setting.base(),
        dispute=_dispute(story, setting),
        member_right=setting.say("dispute.member_right"),
        answer_by=answer_by,
        send_more=setting.say("dispute.send_more"),
    )


def dispute_answer_letter(
    setting: Setting, story: DisputeStory, *, answer: str, answered_by: str, is_for_provider: bool
) -> Letter:
    """Build the answer to a provider's dispute, in the words of the person who decided it."""
    return DisputeAnswerLetter(
        **setting.base(),
        dispute=_dispute(story, setting),
        member_right=setting.say("dispute.member_right"),
        result=setting.say(f"dispute.result.{'for_provider' if is_for_provider else 'stays'}"),
        answer=setting.speak(answer),
        answered_by=answered_by,
        further=setting.say("dispute.further", phone=setting.plan.phone),
    )
