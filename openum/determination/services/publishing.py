"""Publishing the tables that determination reads: fit deciders, and what a sandbox approves by itself."""

from datetime import date, datetime
from pathlib import Path
from typing import Any, ClassVar

from openum.accounts.models import Plan, User
from openum.determination.automation import AUTOMATION
from openum.determination.rules import DECIDERS, SANDBOX_RULE
from openum.directory.models import Policy
from openum.directory.services import publish_policy
from openum.vocabulary.errors import NotAllowed
from openum.vocabulary.packs import read_yaml


class OnlyForSandboxPlans(NotAllowed):
    """A rule that approves without criteria is for sandbox plans only."""

    code: ClassVar[str] = "only-for-sandbox-plans"


def publish_deciders(*, path: Path, by: User, at: datetime, plan: Plan | None = None) -> Policy:
    """Publish one file of `policies/deciders/` as an immutable row: who is fit, or whom the law protects from a no."""
    return _publish(DECIDERS, path, plan=plan, by=by, at=at)


def publish_automation(*, path: Path, by: User, at: datetime, plan: Plan | None = None) -> Policy:
    """Publish one file of `policies/automation/`: what law says of software, and what people are told."""
    return _publish(AUTOMATION, path, plan=plan, by=by, at=at)


def publish_sandbox_rule(*, path: Path, plan: Plan, by: User, at: datetime) -> Policy:
    """Publish one file of `policies/sandbox/` for a sandbox plan.

    Raises:
        OnlyForSandboxPlans: the plan decides for real.
    """
    if not plan.is_sandbox:
        raise OnlyForSandboxPlans("A rule that approves without criteria may be published for sandbox plans only.")
    return _publish(SANDBOX_RULE, path, plan=plan, by=by, at=at)


def _publish(kind: str, path: Path, *, plan: Plan | None, by: User, at: datetime) -> Policy:
    body = path.read_text(encoding="utf-8")
    front: dict[str, Any] = read_yaml(body)
    starts: date = front["effective_from"]
    return publish_policy(
        kind=front.get("kind", kind),
        key=front["key"],
        version=front["version"],
        body=body,
        effective_from=starts,
        effective_to=front.get("effective_to"),
        source=front["source"],
        source_verified=front["source_verified"],
        plan=plan,
        by=by,
        at=at,
    )
