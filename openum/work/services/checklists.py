"""Publish checklist templates."""

from datetime import datetime
from pathlib import Path

from openum.accounts.models import Plan, User
from openum.db.transactions import atomic
from openum.directory.models import Policy
from openum.directory.services import publish_policy
from openum.work.queries.around import CHECKLIST
from openum.work.rules.checklists import read_template


@atomic
def publish_checklist(*, path: Path, by: User, at: datetime, plan: Plan | None = None) -> Policy:
    """Publish one file of `policies/checklists/` as an immutable row.

    Raises:
        ChecklistInvalid: the template has a fault; nothing is published.
        PolicyVersionChanged: the version is published with other content.
    """
    body = path.read_text(encoding="utf-8")
    template = read_template(body)
    return publish_policy(
        kind=CHECKLIST, key=template.key, version=template.version, body=body, source=template.source,
        effective_from=template.effective_from, plan=plan, by=by, at=at,
    )  # fmt: skip
