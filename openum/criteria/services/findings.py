"""Records what a person found for a criterion. It stands above the machine's answer and never erases it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from openum import audit
from openum.accounts.models import User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.cases import working
from openum.cases.models import Attachment, ServiceLine
from openum.cases.services import lock_line
from openum.criteria import queries
from openum.criteria.events import FindingRecorded
from openum.criteria.models import Finding
from openum.criteria.rules import (
    AuthorityNeeded,
    CriterionNotOverridable,
    check_leaf,
    check_may_find,
    check_note,
)
from openum.criteria.services.evidence import link_evidence
from openum.criteria.tree import unwanted_leaves
from openum.db.text import clean
from openum.vocabulary.terms import FindingValue


@dataclass(frozen=True, kw_only=True)
class EvidenceRef:
    """A place in the record that a person names together with a finding."""

    attachment: Attachment | None = None
    resource_key: str = ""
    page: int | None = None
    quote: str = ""
    quote_start: int | None = None
    quote_end: int | None = None


@permitted(Permission.REVIEW_LINES, on="line.case")
@transaction.atomic
def record_finding(
    *,
    line: ServiceLine,
    leaf: str,
    value: FindingValue,
    by: User,
    at: datetime,
    note: str = "",
    evidence: Sequence[EvidenceRef] = (),
    question: str = "",
    authority: str = "",
) -> Finding:
    """Record a person's answer to one criterion.

    Args:
        line: the requested service.
        leaf: the key of the criterion; free where no guideline of ours holds.
        value: met, not met or unknown.
        note: why; required for not met, and against the machine's answer.
        evidence: places in the record, linked in the same step.
        question: what was asked; required where no guideline of ours holds.
        authority: statute, NCD, LCD, plan page or licensed set; required where no guideline of ours holds.
        by: a person with the permission to review.
        at: the instant.

    Raises:
        MachineMayNotFind: `by` is no person.
        PermissionRefused: the person may not review.
        CriterionUnknown: the guideline has no such criterion.
        CriterionNotOverridable: the guideline leaves the criterion to the record alone.
        FindingNeedsNote: the note is missing.
        AuthorityNeeded: no guideline holds and none is cited.
    """
    check_may_find(is_machine=by.kind != User.PERSON)
    line = lock_line(line)
    working.remember(queries.map_key(line), None)
    matched = queries.standing_match(line)
    standing = {finding.is_machine: finding for finding in queries.current_findings(line).filter(leaf=leaf)}
    machine, before = standing.get(True), standing.get(False)
    if matched.guideline is not None:
        check_leaf([known.key for known in matched.guideline.leaves], leaf)
        criterion = matched.guideline.leaf(leaf)
        assert criterion is not None
        if not criterion.overridable:
            raise CriterionNotOverridable(
                f"Criterion {leaf} is answered by the record alone. Ask for the record instead."
            )
        question = criterion.question.en
    elif not authority.strip() or not question.strip():
        raise AuthorityNeeded(
            "No guideline of the plan holds for this service. Name the question and the authority: a statute, "
            "NCD or LCD section, plan page or licensed-set id."
        )
    must_not_hold = matched.guideline is not None and leaf in unwanted_leaves(matched.guideline.root)
    check_note(
        value=value,
        machine=FindingValue(machine.value) if machine else None,
        note=note,
        against=FindingValue.MET if must_not_hold else FindingValue.NOT_MET,
    )
    if before is not None:
        Finding.objects.filter(pk=before.pk).update(superseded_at=at)
    finding = Finding.objects.create(
        line=line,
        policy=matched.policy,
        leaf=clean(leaf),
        question=clean(question),
        authority=clean(authority.strip()),
        value=value,
        is_machine=False,
        note=clean(note.strip()),
        input_digest=machine.input_digest if machine else "",
        made_by=by,
        made_at=at,
        supersedes=before,
    )
    for ref in evidence:
        link_evidence(
            line=line, leaf=leaf, attachment=ref.attachment, resource_key=ref.resource_key, page=ref.page,
            quote=ref.quote, quote_start=ref.quote_start, quote_end=ref.quote_end, by=by, at=at,
        )  # fmt: skip
    audit.record(
        FindingRecorded(
            case_id=line.case.public_id,
            line_ids=(line.public_id,),
            finding_id=finding.public_id,
            leaf=leaf,
            value=value.value,
        ),
        by=by,
        at=at,
    )
    return finding
