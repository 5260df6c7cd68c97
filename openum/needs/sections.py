"""What `needs` contributes to the case page: what the plan had said before the request."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_noop as _

from openum.accounts.models import User
from openum.cases.holdings import declare, holds
from openum.cases.models import Case
from openum.cases.panels import Panel, register
from openum.design.moments import day, moment
from openum.needs.models import Citation
from openum.needs.queries import citations_of
from openum.needs.words import look_of


def _assertions(case: Case, user: User, at: datetime) -> Mapping[str, Any]:
    zone = case.plan.time_zone
    return {
        "cited": [
            {
                "assertion": one.assertion,
                "words": look_of(one.assertion).words,
                "codes": ", ".join(" ".join(service) for service in one.assertion.services),
                "told": moment(one.assertion.told_at, zone),
                "last_day": day(one.assertion.valid_to - timedelta(days=1)) if one.assertion.valid_to else "",
                "rests_on": [" ".join(entry) for entry in one.assertion.rests_on],
            }
            for one in (citations_of(case) if holds(case, Citation) else ())
        ]
    }


def register_sections() -> None:
    """Register the section, and what a case may lack; called once at start."""
    declare((Citation,), "case")
    register(Panel("assertions", _("Said before the request"), 55, "needs/panels/assertions.html", _assertions))
