"""Forms that somebody is still filling: kept as typed, valid or not; the forms judge them later."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.cases.models import ServiceLine
from openum.db.text import clean
from openum.review.models import UnsentForm
from openum.vocabulary.errors import Invalid

FORMS = re.compile(r"approve|alternative|intend|deny|refer|ask|reopen|end|talk|answer-[0-9A-Za-z.-]{1,40}")
KEPT_FOR = timedelta(days=30)
"""A form that nobody sent goes after this time."""
_LONGEST = 20_000
_MOST = 80


@permitted(Permission.REVIEW_LINES, Permission.DECIDE_ADVERSELY, Permission.HOLD_PEER_TO_PEER, on="line.case")
@transaction.atomic
def keep_form(*, line: ServiceLine, form: str, fields: Mapping[str, str], by: User, at: datetime) -> UnsentForm:
    """Keep what was typed into a form; the writer's forms that lay too long go.

    Raises:
        Invalid: there is no such form.
    """
    if not FORMS.fullmatch(form):
        raise Invalid("There is no such form. Reload the page.")
    UnsentForm.objects.filter(writer=by, saved_at__lt=at - KEPT_FOR).delete()
    typed = {key[:80]: clean(value)[:_LONGEST] for key, value in list(fields.items())[:_MOST]}
    row, _ = UnsentForm.objects.update_or_create(
        line=line, writer=by, form=form, defaults={"fields": typed, "saved_at": at}
    )
    return row


@permitted(Permission.REVIEW_LINES, Permission.DECIDE_ADVERSELY, Permission.HOLD_PEER_TO_PEER, on="line.case")
@transaction.atomic
def forget_form(*, line: ServiceLine, form: str, by: User) -> None:
    """Let go of a form that was sent."""
    UnsentForm.objects.filter(line=line, writer=by, form=form).delete()
