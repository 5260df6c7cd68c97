"""The short administrative whitelist: not a member, true duplicate, not our plan, exclusion, withdrawn."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.cases.models import ServiceLine
from openum.cases.rules import check_transition
from openum.cases.services import lock_line
from openum.determination.conditions import check_conditions
from openum.determination.events import LineClosedAdministratively
from openum.determination.models import Determination
from openum.determination.queries import current_determination
from openum.determination.reasons import check_may_close_administratively
from openum.determination.rules import RationaleMissing
from openum.determination.services.record import Decision, record_decision
from openum.vocabulary.terms import LineStatus, ReasonClass

_OUTCOME = {ReasonClass.WITHDRAWN_BY_REQUESTER: LineStatus.WITHDRAWN}


@permitted(Permission.CLOSE_ADMINISTRATIVELY, on="line.case")
@transaction.atomic
def close_administratively(
    *, line: ServiceLine, reason_class: ReasonClass, explanation: str, by: User, at: datetime
) -> Determination:
    """Close a line for a reason that needs no clinical judgment; its own reason class and letter.

    Raises:
        NotAdministrative: the reason is clinical, or the member is protected by EPSDT.
        RationaleMissing: no explanation.
        IllegalTransition: the line is decided.
    """
    line = lock_line(line)
    born, today = line.case.member.birth_date, at.astimezone(ZoneInfo(line.case.product.time_zone)).date()
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day)) if born else None
    check_may_close_administratively(
        permissions=scope_of(by).permissions,
        is_machine=by.is_machine,
        reason_class=reason_class,
        line_of_business=line.case.product.line_of_business,
        age=age,
    )
    if not explanation.strip():
        raise RationaleMissing("Explain the closing in a sentence. The letter quotes it.")
    if reason_class is not ReasonClass.WITHDRAWN_BY_REQUESTER:
        check_conditions(line, reason_class)
    outcome = _OUTCOME.get(reason_class, LineStatus.DISMISSED)
    check_transition(current=LineStatus(line.status), target=outcome)
    supersedes = current_determination(line)
    determination = record_decision(
        line=line,
        decision=Decision(
            outcome=outcome,
            reason_class=reason_class,
            reason=reason_class.replace("_", "-"),
            rationale=explanation,
            supersedes=supersedes,
            supersedes_because="correction" if supersedes else "",
        ),
        by=by,
        at=at,
    )
    audit.record(
        LineClosedAdministratively(
            case_id=line.case.public_id,
            line_ids=(line.public_id,),
            determination_id=determination.public_id,
            reason_class=reason_class,
        ),
        by=by,
        at=at,
    )
    return determination
