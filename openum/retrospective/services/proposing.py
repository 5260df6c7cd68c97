"""A pattern becomes a proposal to change a guideline: a draft for the committee, started where guidelines are written."""

from datetime import datetime

from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.criteria.models import GuidelineDraft
from openum.criteria.services import start_draft_from
from openum.directory.models import Policy
from openum.retrospective.rules.patterns import Pattern
from openum.vocabulary.errors import Invalid


@permitted(Permission.WRITE_GUIDELINES)
def propose_change(
    *, pattern: Pattern, policy: Policy, version: str, words: str, by: User, at: datetime
) -> GuidelineDraft:
    """Start the next version of a guideline from a pattern; the draft says where it comes from. Nothing changes by it.

    Raises:
        Invalid: no words, or no version.
        GuidelineIsPublished, DraftChangedMeanwhile: the version exists.
    """
    if not words.strip() or not version.strip():
        raise Invalid("Name the new version, and say what should change and why. The committee reads it.")
    key = pattern.key
    about = " ".join(part for part in (key.service, key.diagnosis, key.provider, key.population) if part)
    return start_draft_from(
        policy=policy, version=version.strip(), by=by, at=at,
        because=f"Claim review: {about}, {pattern.leads} of {pattern.of_provider} found. {words.strip()}",
    )  # fmt: skip
