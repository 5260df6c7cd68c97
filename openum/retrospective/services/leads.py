"""Taking leads over from a file, and setting one aside."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db import transaction

from openum import audit
from openum.accounts.models import Plan, User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.db.text import clean
from openum.retrospective.events import LeadDismissed, LeadsLoaded, LeadsRead
from openum.retrospective.models import Lead
from openum.retrospective.rules.leads import LeadRow, LeadState, read_leads
from openum.vocabulary.errors import Conflict, Invalid

_AT_ONCE = 500


class LeadSettled(Conflict):
    """The lead was dismissed, or its claim is under review."""

    code: ClassVar[str] = "lead-settled"


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """How many leads of a file are new, and how many were known."""

    new: int
    known: int


def _key(data_source: str, rule: str, claim_id: str, line: int) -> tuple[str, str, str, int]:
    return rule, data_source, claim_id, line


@permitted(Permission.REVIEW_LINES, on="plan")
@transaction.atomic
def load_leads(*, plan: Plan, content: bytes, by: User, at: datetime) -> Loaded:
    """Take the leads of a file over, all or none. A lead that is known stays as it is, dismissed or not.

    Raises:
        LeadsUnreadable: naming row and cure.
    """
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    rows: dict[tuple[str, str, str, int], LeadRow] = {}
    for row in read_leads(content):
        rows.setdefault(_key(row.data_source, row.rule, row.claim_id, row.claim_line), row)
    known = {
        _key(*found)
        for found in Lead.objects.filter(plan=plan).values_list("data_source", "rule", "claim_id", "claim_line")
    }
    new = [row for key, row in rows.items() if key not in known]
    Lead.objects.bulk_create(
        [
            Lead(
                plan=plan, rule=clean(row.rule), rule_version=row.version, person_id=clean(row.person_id),
                payer=clean(row.payer), data_source=clean(row.data_source), claim_id=clean(row.claim_id),
                claim_line=row.claim_line, provider=clean(row.provider), day=row.day, procedure=clean(row.procedure),
                drg=clean(row.drg), modifiers=[clean(code) for code in row.modifiers], place=clean(row.place),
                diagnosis=clean(row.diagnosis), units=row.units, charge_cents=row.charge_cents,
                amount_cents=row.amount_cents, evidence=clean(row.evidence), loaded_by=by, loaded_at=at,
            )
            for row in new
        ],
        batch_size=_AT_ONCE,
    )  # fmt: skip
    loaded = Loaded(new=len(new), known=len(rows) - len(new))
    audit.record(
        LeadsLoaded(
            plan_id=plan.public_id, digest=hashlib.sha256(content).hexdigest(), new=loaded.new, known=loaded.known
        ),
        by=by,
        at=at,
    )
    return loaded


@permitted(Permission.REVIEW_LINES, on="lead")
@transaction.atomic
def dismiss_lead(*, lead: Lead, because: str, by: User, at: datetime) -> Lead:
    """Set a lead aside with the reason; the next file does not bring it back.

    Raises:
        Invalid: no reason.
        LeadSettled: dismissed before, or under review.
    """
    lead = Lead.objects.select_for_update(of=("self",)).get(pk=lead.pk)
    if lead.state != LeadState.OPEN:
        raise LeadSettled("This lead was settled already. Reload the page.")
    if not because.strip():
        raise Invalid("Say why there is nothing in it. The reason teaches the rule.")
    lead.state, lead.dismissed_because = LeadState.DISMISSED, clean(because.strip())
    lead.settled_by, lead.settled_at = by, at
    lead.save()
    audit.record(LeadDismissed(lead_id=lead.public_id), by=by, at=at)
    return lead


@permitted(Permission.REVIEW_LINES)
def note_leads_read(*, leads: Sequence[Lead], page: str, by: User, at: datetime) -> None:
    """Record which leads a person was shown; nothing shown, nothing recorded."""
    if leads:
        audit.record(LeadsRead(lead_ids=tuple(lead.public_id for lead in leads), cause=page), by=by, at=at)
