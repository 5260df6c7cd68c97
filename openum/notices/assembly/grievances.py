"""Letters about a complaint: we have it, and what we found."""

from dataclasses import dataclass
from datetime import date, datetime

from openum.notices.assembly.common import Setting
from openum.notices.content import GrievanceAcknowledgementLetter, GrievanceResolutionLetter, Letter
from openum.notices.facts import Complaint


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
    )
