"""Giving an appeal to somebody new, and asking a panel for a second opinion."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.queries import reviewer_facts, scope_of
from openum.accounts.rules import Permission
from openum.appeals.events import PanelAsked, PanelVoteCast, ReviewerAssigned
from openum.appeals.models import Appeal, PanelVote
from openum.appeals.queries import candidate_for, day_of, licence_for, need_of
from openum.appeals.rules.deciding import PanelOpen, check_panel_size
from openum.appeals.rules.reviewers import check_may_be_assigned
from openum.appeals.rules.states import WITH_PLAN, AppealState, IllegalAppealStep, NotYourAppeal
from openum.appeals.services.steps import lock, move
from openum.vocabulary.errors import Conflict, Invalid


@permitted(Permission.MANAGE_APPEALS, on="appeal.line.case")
@transaction.atomic
def assign_reviewer(*, appeal: Appeal, reviewer: User, by: User, at: datetime) -> Appeal:
    """Give the appeal to a reviewer who took no part before; the conditions stay on the appeal as they stood.

    Raises:
        ReviewerNotIndependent: naming the conditions that do not hold.
        Conflict: the reviewer advises on the panel of this appeal.
        IllegalAppealStep: the plan does not decide this appeal now.
    """
    appeal = lock(appeal)
    if appeal.panel.filter(physician=reviewer).exists():
        raise Conflict("This physician was asked for an opinion on this appeal. Assign somebody else to decide it.")
    today = day_of(appeal.line.case.product, at)
    checks = check_may_be_assigned(candidate_for(appeal, reviewer, on=today), need_of(appeal, on=today))
    appeal.assigned_to, appeal.assigned_at, appeal.assigned_by = reviewer, at, by
    appeal.independence = [asdict(check) for check in checks]
    move(
        appeal, AppealState.ASSIGNED, by=by, at=at, cause="reviewer assigned",
        fields=["assigned_to", "assigned_at", "assigned_by", "independence"],
    )  # fmt: skip
    audit.record(
        ReviewerAssigned(
            case_id=appeal.line.case.public_id, line_ids=(appeal.line.public_id,), appeal_id=appeal.public_id,
            reviewer_id=reviewer.public_id,
        ),
        by=by,
        at=at,
    )  # fmt: skip
    return appeal


@permitted(Permission.MANAGE_APPEALS, Permission.DECIDE_APPEALS, on="appeal.line.case")
@transaction.atomic
def ask_panel(*, appeal: Appeal, physicians: Sequence[User], by: User, at: datetime) -> Appeal:
    """Ask an odd number of independent physicians for a second opinion. The panel advises; the reviewer decides.

    The coordinator asks, or the reviewer to whom the appeal is assigned. Each opinion is written before its author sees
    another.

    Raises:
        NotYourAppeal: a reviewer to whom the appeal is not assigned.
        PanelSize: an even number, or fewer than three.
        ReviewerNotIndependent: one of them took part before, or has an interest.
        Conflict: a panel was asked already, or the reviewer who decides would advise as well.
    """
    appeal = lock(appeal)
    if Permission.MANAGE_APPEALS not in scope_of(by).permissions and appeal.assigned_to_id != by.pk:
        raise NotYourAppeal("This appeal is not assigned to you. Its reviewer or the coordinator asks a panel.")
    if appeal.state not in WITH_PLAN:
        raise IllegalAppealStep("A second opinion is asked while the plan decides.")
    if appeal.panel.exists():
        raise Conflict("A panel was asked for this appeal already.")
    people = list(dict.fromkeys(physicians))
    if any(person.pk == appeal.assigned_to_id for person in people):
        raise Conflict("The reviewer who decides gives no opinion on the panel. Choose other physicians.")
    check_panel_size(len(people))
    today = day_of(appeal.line.case.product, at)
    need = need_of(appeal, on=today)
    for physician in people:
        check_may_be_assigned(candidate_for(appeal, physician, on=today), need)
    PanelVote.objects.bulk_create(
        PanelVote(appeal=appeal, physician=physician, asked_at=at, asked_by=by) for physician in people
    )
    audit.record(
        PanelAsked(
            case_id=appeal.line.case.public_id, line_ids=(appeal.line.public_id,), appeal_id=appeal.public_id,
            physician_ids=tuple(physician.public_id for physician in people),
        ),
        by=by,
        at=at,
    )  # fmt: skip
    return appeal


@permitted(Permission.DECIDE_APPEALS, on="appeal.line.case")
@transaction.atomic
def vote_on_panel(*, appeal: Appeal, for_member: bool, rationale: str, by: User, at: datetime) -> PanelVote:
    """Cast a vote of the panel, with its reason; once. Licence, field and conditions are kept as they stand now.

    Raises:
        PanelOpen: not asked, or voted already.
        ReviewerNotIndependent: unfit by now: a licence ran out, or a conflict of interest was declared.
        Invalid: no reason.
    """
    if not rationale.strip():
        raise Invalid("Write the reason for your vote.")
    appeal = lock(appeal)
    vote = PanelVote.objects.select_for_update().filter(appeal=appeal, physician=by).first()
    if vote is None or vote.voted_at is not None:
        raise PanelOpen("You were not asked for this panel, or you have voted already.")
    today = day_of(appeal.line.case.product, at)
    checks = check_may_be_assigned(candidate_for(appeal, by, on=today), need_of(appeal, on=today))
    vote.for_member, vote.rationale, vote.voted_at = for_member, rationale.strip(), at
    vote.licence, vote.independence = licence_for(appeal, by, on=today), [asdict(check) for check in checks]
    vote.specialty = ", ".join(sorted(reviewer_facts(by).specialties))
    vote.save()
    audit.record(
        PanelVoteCast(
            case_id=appeal.line.case.public_id, line_ids=(appeal.line.public_id,), appeal_id=appeal.public_id
        ),
        by=by,
        at=at,
    )
    return vote
