"""Publish deadline rows and escalation ladders: from files to immutable policies."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from openum import audit
from openum.accounts.models import Plan, User
from openum.clocks.books import KIND, pack_directory, pack_names, rows_of_packs
from openum.clocks.ladders import LADDER
from openum.clocks.rules.book import OVERLAYS
from openum.clocks.rules.escalation import read_ladder
from openum.clocks.rules.rows import rule_from_row
from openum.directory.models import Policy
from openum.directory.services import publish_policy
from openum.vocabulary.packs import read_yaml


@transaction.atomic
def publish_deadlines(
    *,
    by: User,
    at: datetime,
    directory: Path | None = None,
    packs: Sequence[str] | None = None,
    plan: Plan | None = None,
) -> list[Policy]:
    """Publish the rows of deadline packs, one policy each; rows already published stay as they are.

    Args:
        by: who publishes.
        at: aware instant of publishing.
        directory: where the packs are; the shipped ones unless given.
        packs: names of packs; all but the accreditation overlays unless given. A plan that holds the accreditation
            publishes `["accreditation"]` (NCQA) or `["accreditation-urac"]` for itself.
        plan: whose rows they are; None makes them common to all plans.

    Raises:
        InvalidRule: a row is wrong.
        PolicyVersionChanged: a published version has other content; give the change a new version.
    """
    source = directory or pack_directory()
    names = list(packs) if packs is not None else [name for name in pack_names(source) if name not in OVERLAYS]
    published = []
    with audit.batch():
        for row in rows_of_packs(source, names):
            rule = rule_from_row(row)
            published.append(
                publish_policy(
                    kind=KIND,
                    key=rule.id,
                    version=str(rule.version),
                    body=json.dumps(row, default=_plain, sort_keys=True, ensure_ascii=False),
                    effective_from=rule.effective_from,
                    effective_to=rule.effective_to,
                    source=f"{rule.law}; {rule.source}",
                    source_verified=rule.source_verified,
                    plan=plan,
                    by=by,
                    at=at,
                )
            )
    return published


def publish_ladder(*, path: Path, by: User, at: datetime, plan: Plan | None = None) -> Policy:
    """Publish one file of `policies/escalation/` as an immutable row.

    Raises:
        LadderInvalid: the ladder has a fault; nothing is published.
        PolicyVersionChanged: the version is published with other content.
    """
    body = path.read_text(encoding="utf-8")
    read_ladder(body)
    front: dict[str, Any] = read_yaml(body)
    return publish_policy(
        kind=LADDER, key=front["key"], version=str(front["version"]), body=body, source=front["source"],
        effective_from=front["effective_from"], effective_to=front.get("effective_to"),
        source_verified=front["source_verified"], plan=plan, by=by, at=at,
    )  # fmt: skip


def _plain(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"A deadline row may not hold {type(value).__name__}.")
