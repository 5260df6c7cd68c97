"""The only writer of lists of papers and of what people said of a paper."""

from datetime import datetime
from pathlib import Path

from openum import audit
from openum.accounts.models import Plan, User
from openum.cases.models import Attachment
from openum.db.text import clean
from openum.db.transactions import atomic
from openum.directory.models import Policy
from openum.directory.services import publish_policy
from openum.intake.checklist.queries import DOCUMENTS, ShownPaper
from openum.intake.checklist.rules import PaperState, read_list
from openum.intake.events import PaperMarked
from openum.intake.models import PaperMark


@atomic
def publish_documents(*, path: Path, by: User, at: datetime, plan: Plan | None = None) -> Policy:
    """Publish one file of `policies/documents/` as an immutable row.

    Raises:
        DocumentListInvalid: the list has a fault; nothing is published.
        PolicyVersionChanged: the version is published with other content.
    """
    body = path.read_text(encoding="utf-8")
    papers = read_list(body)
    return publish_policy(
        kind=DOCUMENTS, key=papers.key, version=papers.version, body=body, source=papers.source,
        effective_from=papers.effective_from, plan=plan, by=by, at=at,
    )  # fmt: skip


@atomic
def mark_paper(
    *, shown: ShownPaper, state: PaperState, document: Attachment | None, reason: str, by: User, at: datetime
) -> PaperMark:
    """Keep what somebody said of a paper; the guarded steps of `review` check who may."""
    mark = PaperMark.objects.create(
        line=shown.line, document_kind=shown.paper.kind, state=state, attachment=document, reason=clean(reason.strip()),
        policy=shown.listed.policy, said_by=by, said_at=at,
    )  # fmt: skip
    audit.record(
        PaperMarked(
            case_id=shown.line.case.public_id, line_ids=(shown.line.public_id,), mark_id=mark.public_id, state=state
        ),
        by=by,
        at=at,
    )
    return mark
