"""The first appeal from a decision: to the plan, or at once to a hearing where the state itself pays."""

from datetime import datetime

from django.db import transaction

from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.appeals.models import Appeal
from openum.appeals.queries import APPEALABLE, day_of, published_law
from openum.appeals.rules.filing import NothingToAppeal
from openum.appeals.rules.law import OUTSIDE
from openum.appeals.services.filing import AppealAsked, take_in
from openum.appeals.services.outside import open_first
from openum.cases.models import ServiceLine
from openum.cases.services import lock_line
from openum.clocks.models import Clock
from openum.determination.models.decisions import BY_OUTSIDE_REVIEW
from openum.determination.queries import current_determination
from openum.vocabulary.errors import Invalid
from openum.vocabulary.terms import ClockPurpose, LineStatus


@permitted(Permission.FILE_APPEAL, on="line.case")
@transaction.atomic
def file_appeal(*, line: ServiceLine, asked: AppealAsked, by: User, at: datetime) -> Appeal:
    """Take an appeal from the decision on a line, to whoever the law puts first.

    The line stays as it was decided; the appeal is a request of its own with its own clocks. A missing form and a late
    filing are kept as states, with a letter that says what helps.

    Raises:
        NothingToAppeal: no adverse decision stands and no time to decide has lapsed, or an appeal runs already.
        FilerNotNamed: somebody acts for the member and is not named.
        NoAppealLaw: no published law speaks of this product.
        Invalid: received in the future.
    """
    if asked.received_at > at:
        raise Invalid("An appeal cannot have been received in the future. Check date, time and zone.")
    line = lock_line(line)
    _check_appealable(line)
    law, policy = published_law(line.case.product, on=day_of(line.case.product, asked.received_at))
    first = law.levels[0]
    if first.body in OUTSIDE:
        return open_first(line, asked, law, policy, level=first, by=by, at=at)
    return take_in(line, asked, law, policy, after=None, by=by, at=at)


def _check_appealable(line: ServiceLine) -> None:
    lapsed = Clock.objects.filter(
        request=line.request, purpose=ClockPurpose.DECIDE, binds=True, lapsed_at__isnull=False, stopped_at__isnull=True
    ).exists()
    standing = current_determination(line)
    if standing is not None and standing.is_adverse and standing.deciding_function == BY_OUTSIDE_REVIEW:
        raise NothingToAppeal(
            "The independent reviewer decided this. The letter of the reviewer says how to ask for what comes next."
        )
    if LineStatus(line.status) not in APPEALABLE and not lapsed:
        raise NothingToAppeal(
            "Nothing on this request can be appealed now: no decision says no, and no time to decide has passed."
        )
