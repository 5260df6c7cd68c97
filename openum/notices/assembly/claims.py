"""The letter to a provider about a finding of a review after the service."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from openum.notices.assembly.common import Setting
from openum.notices.content import Letter
from openum.notices.content_of_appeals import ClaimFindingLetter
from openum.notices.facts_of_claims import ClaimReviewed


@dataclass(frozen=True, kw_only=True)
class Story:
    """What the letter needs of a finding, as plain facts; `pages` are titles with page numbers."""

    number: str
    claim_id: str
    line: int
    words: str
    pages: tuple[tuple[str, int], ...]
    documented_code: str
    documented_units: Decimal | None
    unit: str
    offers_late_request: bool
    reply_by: date


def finding_letter(setting: Setting, story: Story) -> Letter:
    """Build the letter in the words of the reviewer."""
    supports = [story.documented_code] if story.documented_code else []
    if story.documented_units is not None:
        supports.append(setting.quantity(story.documented_units, story.unit, ""))
    return ClaimFindingLetter(
        **setting.base(),
        finding=ClaimReviewed(
            number=story.number,
            claim=setting.say("claim_review.claim", claim=story.claim_id, line=str(story.line)),
            words=setting.speak(story.words),
            pages="; ".join(
                setting.say("claim_review.page", title=title, page=str(page)) for title, page in story.pages
            )
            or setting.say("claim_review.no_pages"),
            supports=", ".join(supports) or setting.say("claim_review.as_written"),
            reply_by=story.reply_by,
        ),
        nature=setting.say("claim_review.nature"),
        how_to_answer=setting.say("claim_review.how_to_answer", phone=setting.plan.phone),
        member_right=setting.say("claim_review.member_right"),
        late_request=setting.say(f"claim_review.late_request.{'yes' if story.offers_late_request else 'no'}"),
    )
