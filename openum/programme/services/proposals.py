"""A service whose request brings nothing is proposed to the committee; the committee answers. The list changes by publication."""

from datetime import datetime
from typing import Any, ClassVar

from django.db import transaction

from openum import audit
from openum.accounts.models import Plan, User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.programme.askings import askings, lines_asked
from openum.programme.events import RequirementProposalAnswered, RequirementRemovalProposed
from openum.programme.models import RequirementProposal
from openum.programme.rules.worth import Advice, Weighed, weigh
from openum.programme.worth import worth
from openum.vocabulary.errors import Conflict, Invalid

PROPOSABLE = frozenset({Advice.REMOVE, Advice.BY_RULE})


class RemovalNotSupported(Conflict):
    """The figures do not say that asking for the service brings nothing."""

    code: ClassVar[str] = "requirement-removal-not-supported"


class ProposalWaits(Conflict):
    """A proposal about the service waits for the committee."""

    code: ClassVar[str] = "requirement-proposal-waits"


class ProposalAnswered(Conflict):
    """The committee has answered."""

    code: ClassVar[str] = "requirement-proposal-answered"


class WordsMissing(Invalid):
    """A proposal and its answer say why."""

    code: ClassVar[str] = "requirement-proposal-without-words"


def weighed(plan: Plan, *, at: datetime) -> list[Weighed]:
    """Return what asking for each service brought a plan in the period of the terms, the clearest cases first."""
    held = worth()
    rows = askings(lines_asked(plan, days=held.days, at=at), until=at, with_acts=True)
    return weigh(rows, terms=held.terms, effort=held.effort, kept=[(one.system, one.begins) for one in held.kept])


def figures_of_service(row: Weighed) -> dict[str, Any]:
    """Return the figures of a service as they are kept with a proposal; minutes and cents in whole numbers."""
    return {
        "asked": row.asked, "decided": row.decided, "approved": row.approved, "by_machine": row.by_machine,
        "refused": row.refused, "overturned": row.overturned, "stood": row.stood, "minutes": round(row.minutes),
        "cents": round(row.cents), "advice": row.advice.value, "terms_version": worth().version,
    }  # fmt: skip


@permitted(Permission.WATCH_SAFEGUARDS, on="plan")
@transaction.atomic
def propose_removal(
    *, plan: Plan, system: str, code: str, line_of_business: str, words: str, by: User, at: datetime
) -> RequirementProposal:
    """Put before the committee that a service need not be asked for any more, with the figures of now.

    Raises:
        PermissionRefused, OutOfReach: the actor does not watch this plan.
        WordsMissing: no reason was written.
        RemovalNotSupported: the adviser does not say so of this service.
        ProposalWaits: a proposal about it is not answered.
    """
    if not words.strip():
        raise WordsMissing("Say why the requirement should go. The committee reads it.")
    Plan.objects.select_for_update().get(pk=plan.pk)
    row = next(
        (
            each
            for each in weighed(plan, at=at)
            if each.service == (system, code) and each.line_of_business == line_of_business
        ),
        None,
    )
    if row is None or row.advice not in PROPOSABLE:
        raise RemovalNotSupported(
            "The figures of this service do not support a removal. Open the list again: they may have changed."
        )
    same = RequirementProposal.objects.filter(plan=plan, system=system, code=code, line_of_business=line_of_business)
    if same.filter(answered_at__isnull=True).exists():
        raise ProposalWaits("A proposal about this service waits for the committee. Answer it first.")
    proposal = RequirementProposal.objects.create(
        plan=plan, system=system, code=code, line_of_business=line_of_business, figures=figures_of_service(row),
        words=words.strip(), proposed_by=by, proposed_at=at,
    )  # fmt: skip
    audit.record(RequirementRemovalProposed(proposal_id=proposal.public_id), by=by, at=at)
    return proposal


@permitted(Permission.PUBLISH_GUIDELINES, on="proposal.plan")
@transaction.atomic
def answer_proposal(
    *, proposal: RequirementProposal, accepted: bool, words: str, by: User, at: datetime
) -> RequirementProposal:
    """Keep the committee's answer. An accepted proposal changes no list: the next version is published by people.

    Raises:
        PermissionRefused, OutOfReach: the actor does not publish for this plan.
        WordsMissing: no reason was written.
        ProposalAnswered: it has an answer.
    """
    if not words.strip():
        raise WordsMissing("Say why the committee answers so. Who proposed it reads it.")
    kept = RequirementProposal.objects.select_for_update().get(pk=proposal.pk)
    if kept.answered_at is not None:
        raise ProposalAnswered("The committee has answered this proposal. Open the list again.")
    kept.is_accepted, kept.answer, kept.answered_by, kept.answered_at = accepted, words.strip(), by, at
    kept.save(update_fields=["is_accepted", "answer", "answered_by", "answered_at"])
    audit.record(RequirementProposalAnswered(proposal_id=kept.public_id, accepted=accepted), by=by, at=at)
    return kept
