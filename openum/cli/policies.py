"""`openum policies publish`: take the rows of a policy folder that are not published yet into an installation."""

import argparse
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from openum.cli import environment
from openum.cli.errors import CommandFailed

if TYPE_CHECKING:
    from argparse import ArgumentParser, _SubParsersAction

    from openum.accounts.models import Plan, User
    from openum.directory.models import Policy


def add(commands: "_SubParsersAction[ArgumentParser]") -> None:
    """Add the command and its verb."""
    parser = commands.add_parser("policies", help="publish law and plan policy from files")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    publishing = verbs.add_parser(
        "publish",
        help="publish what a folder of policies holds and the installation does not",
        description=(
            "Publishes deadlines, guidelines with their approval rules, letters, deciders, automation, escalation, the law of "
            "appeals, peer-to-peer and requirement lists. A version that is published never changes: the same content again "
            "adds nothing, other content under its version is refused and nothing is published. Every row is in the audit "
            "trail. Rows hold from the day that they name."
        ),
    )
    publishing.add_argument("folder", nargs="?", metavar="FOLDER", help="the folder (default: the one of the program)")
    publishing.add_argument("--plan", metavar="KEY", help="publish as rows of this plan alone (default: common to all)")
    publishing.add_argument("--dry-run", action="store_true", help="say what would be published, and publish nothing")
    publishing.add_argument("--data", metavar="DIR", help="data directory (default OPENUM_DATA)")
    publishing.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Publish and print."""
    environment.prepare(options.data)
    environment.start_django()
    from django.conf import settings
    from django.db import transaction

    from openum.accounts.models import Plan
    from openum.accounts.services import ensure_rules_engine
    from openum.db.clock import now

    folder = Path(options.folder or settings.OPENUM_POLICIES)
    if not folder.is_dir():
        raise CommandFailed(f"There is no folder {folder}. Give the folder of policies.")
    plan = None
    if options.plan and (plan := Plan.objects.filter(key=options.plan).first()) is None:
        raise CommandFailed(f"There is no plan {options.plan}.")
    with transaction.atomic():
        added = publish_new(folder, by=ensure_rules_engine(), at=now(), plan=plan)
        transaction.set_rollback(options.dry_run)
    for line in told(added, is_dry_run=options.dry_run):
        print(line)


def publish_new(folder: Path, *, by: "User", at: datetime, plan: "Plan | None" = None) -> "list[Policy]":
    """Publish what a folder holds and return the rows that were not there before, in the order of publishing.

    Raises:
        PolicyVersionChanged: a file was changed without a new version; nothing is published.
        InvalidRule, DocumentInvalid, TemplateFaulty and the like: a file cannot be used as written; nothing is published.
    """
    from django.db import transaction
    from django.db.models import Max

    from openum import audit
    from openum.directory.models import Policy

    with transaction.atomic(), audit.batch():
        last = Policy.objects.aggregate(last=Max("pk"))["last"] or 0
        for publish in _parts(folder):
            publish(by=by, at=at, plan=plan)
        return list(Policy.objects.filter(pk__gt=last, plan=plan).order_by("pk"))


def _parts(folder: Path) -> Iterator[Callable[..., object]]:
    """Yield what publishes each part of a folder; a part that is not there is left out."""
    from openum.appeals.services import publish_appeal_law
    from openum.clocks.services import publish_deadlines, publish_ladder
    from openum.criteria.services import publish as publish_criteria
    from openum.determination.services import publish_automation, publish_deciders
    from openum.needs.services import publish_requirements
    from openum.notices.publish import publish as publish_notices
    from openum.review.services import publish_offer_terms

    if (folder / "deadlines").is_dir():
        yield partial(publish_deadlines, directory=folder / "deadlines")
    if (folder / "guidelines").is_dir():
        yield partial(publish_criteria, folder=folder)
    if (folder / "notices").is_dir():
        yield partial(publish_notices, root=folder)
    kinds: dict[str, Callable[..., object]] = {
        "deciders": publish_deciders, "automation": publish_automation, "escalation": publish_ladder,
        "appeals": publish_appeal_law, "peer_to_peer": publish_offer_terms, "requirements": publish_requirements,
    }  # fmt: skip
    for name, publish in kinds.items():
        for file in sorted((folder / name).glob("*.yaml")):
            yield partial(publish, path=file)


def told(added: "Sequence[Policy]", *, is_dry_run: bool = False) -> Iterator[str]:
    """Yield what is said of rows that were published: each with the day from which it holds, and how many of a kind."""
    if not added:
        yield "Everything is published already."
        return
    for policy in added:
        yield f"{policy.kind} {policy.key} {policy.version}, from {policy.effective_from.isoformat()}"
    counts = Counter(policy.kind for policy in added)
    whole = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
    yield f"{'Would publish' if is_dry_run else 'Published'}: {whole}."
