"""The published terms of a conversation, as they hold for a line on a day."""

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from openum.cases.models import Case, ServiceLine
from openum.directory.models import Policy
from openum.directory.queries import policies_on
from openum.review.rules.offers import OFFERS, NoOfferTerms, OfferTerms, choose_terms, read_terms
from openum.vocabulary.packs import read_yaml


@lru_cache(maxsize=64)
def _rows_of(digest: str, body: str) -> tuple[OfferTerms, ...]:
    """Parse a published file; the digest names the content."""
    return read_terms(read_yaml(body))


def local_day_of(case: Case, at: datetime) -> date:
    """Return the day in the product's own zone."""
    return at.astimezone(ZoneInfo(case.product.time_zone)).date()


def terms_of(line: ServiceLine, *, at: datetime) -> tuple[OfferTerms, Policy]:
    """Return the terms that hold for a line, and the policy they stand in.

    Raises:
        NoOfferTerms: nothing is published for it.
    """
    policies = policies_on(plan=line.case.plan, kind=OFFERS, on=local_day_of(line.case, at))
    rows = {row: policy for policy in policies for row in _rows_of(policy.digest, policy.body)}
    if not rows:
        raise NoOfferTerms("No rule says when a conversation is offered. Ask compliance to publish one.")
    product = line.case.product
    chosen = choose_terms(
        tuple(rows), line_of_business=product.line_of_business, state=product.state, timing=line.request.timing
    )
    return chosen, rows[chosen]
