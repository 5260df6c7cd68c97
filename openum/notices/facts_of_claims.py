"""The facts of letters about claims under review. Pure."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from openum.notices.elements import Laws, everywhere, needed

CLAIM_REVIEW: Final[Laws] = everywhere("plan policy and provider contract, claim review")


@dataclass(frozen=True, kw_only=True)
class ClaimReviewed:
    """What was found about a line of a claim, and until when the provider may answer."""

    number: str = needed("the number of the finding", CLAIM_REVIEW)
    claim: str = needed("the number of the claim and its line", CLAIM_REVIEW)
    words: str = needed("what was found", CLAIM_REVIEW)
    pages: str = needed("where it stands in the record", CLAIM_REVIEW)
    supports: str = needed("what the record supports", CLAIM_REVIEW)
    reply_by: date | None = needed("the last day to answer the finding", CLAIM_REVIEW, default=None)
