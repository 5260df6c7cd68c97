"""Asks for a run, and carries it out."""

import hashlib
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from openum import audit
from openum.accounts.models import Plan, User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.criteria.document import assemble
from openum.criteria.faults import DocumentInvalid
from openum.criteria.models import GuidelineDraft
from openum.criteria.program import program_of
from openum.criteria.queries import GUIDELINE
from openum.criteria.simulation import queries
from openum.criteria.simulation.events import SimulationAsked
from openum.criteria.simulation.models import Simulation, SimulationState
from openum.criteria.simulation.running import simulate
from openum.directory.models import Policy
from openum.jobs.services import enqueue
from openum.vocabulary.errors import Invalid, Missing

JOB = "criteria.simulate"
MONTHS = 12


class VersionNotThere(Missing):
    """There is no such draft or published version for the plan."""

    code: ClassVar[str] = "version-not-there"


class DraftDoesNotRun(Invalid):
    """The document has faults, so it cannot be tried."""

    code: ClassVar[str] = "draft-does-not-run"


@permitted(Permission.PUBLISH_GUIDELINES, on="plan")
@transaction.atomic
def ask_simulation(*, plan: Plan, token: str, base: str, by: User, at: datetime) -> Simulation:
    """Let a worker run a version on the plan's requests of the last twelve months.

    Args:
        plan: whose requests.
        token: what to try: `draft:` or `policy:` with the public id.
        base: what to compare with: a token of the same kind, or empty for the version in force.
        by: who asks.
        at: the instant; the span ends there.

    Raises:
        PermissionRefused: the person does not answer for guidelines.
        OutOfReach: not for this plan.
        VersionNotThere: one of the versions does not exist for the plan.
        DraftDoesNotRun: the draft is faulty.
    """
    key, version, body = _document(plan, token)
    base_version, base_body = "", ""
    if base:
        _, base_version, base_body = _document(plan, base)
    elif row := queries.version_in_force(plan=plan, key=key, on=at.date()):
        base_version, base_body = row.version, row.body
    simulation = Simulation.objects.create(
        plan=plan,
        key=key,
        version=version,
        base_version=base_version,
        draft_body=body,
        base_body=base_body,
        draft_digest=hashlib.sha256(body.encode()).hexdigest(),
        base_digest=hashlib.sha256(base_body.encode()).hexdigest() if base_body else "",
        requests_from=a_year_before(at),
        requests_to=at,
        asked_by=by,
        asked_at=at,
    )
    audit.record(SimulationAsked(simulation_id=simulation.public_id, key=key, version=version), by=by, at=at)
    enqueue(JOB, {"simulation": str(simulation.public_id)}, run_at=at, dedupe_key=f"{JOB}:{simulation.public_id}")
    return simulation


def a_year_before(at: datetime) -> datetime:
    """Return the same instant a year before; of 29 February, 28 February."""
    day = min(at.day, 28) if at.month == 2 else at.day
    return at.replace(year=at.year - 1, day=day)


def _document(plan: Plan, token: str) -> tuple[str, str, str]:
    """Return id, version and complete document of a version, which can be read and compiles."""
    kind, _, name = token.partition(":")
    missing = VersionNotThere("There is no such version for this plan. Choose one of the list.")
    own = Q(plan=plan) | Q(plan__isnull=True)
    try:
        public_id = UUID(name)
    except ValueError as error:
        raise missing from error
    if kind == "policy":
        row = Policy.objects.filter(own, kind=GUIDELINE, public_id=public_id).first()
        if row is not None:
            return row.key, row.version, row.body
    elif kind == "draft":
        draft = GuidelineDraft.objects.filter(own, public_id=public_id).first()
        text = draft.texts.order_by("-number").first() if draft is not None else None
        if draft is not None and text is not None:
            return draft.key, draft.version, complete(text.text, libraries=text.libraries)
    raise missing


def complete(text: str, *, libraries: dict[str, str]) -> str:
    """Return a draft with the shared CQL it includes, after it was read and compiled.

    Raises:
        DraftDoesNotRun: it has faults; the sentence names the first.
    """
    try:
        body = assemble(text, libraries=libraries, file="draft")
        program_of(body).library  # noqa: B018 - compiled now, so that a fault is told to the person who asks
    except DocumentInvalid as error:
        raise DraftDoesNotRun(f"The draft cannot be tried: {error.faults[0]}") from error
    return body


def run_simulation(simulation: Simulation, *, at: datetime, processes: int | None = None) -> None:
    """Carry a run out and keep its report. Safe to repeat: the report is written once, progress as it comes.

    Args:
        simulation: waiting, or left running by a worker that died.
        at: the instant of the work.
        processes: how many answer; with 1, this one does.
    """
    if simulation.is_finished:
        return
    draft = program_of(simulation.draft_body).guideline
    base = program_of(simulation.base_body).guideline if simulation.base_body else None
    start, end = simulation.requests_from, simulation.requests_to
    codes = queries.codes_of(draft, *([base] if base else []))
    total = queries.lines_between(plan=simulation.plan, start=start, end=end, codes=codes).count()
    rows = Simulation.objects.filter(pk=simulation.pk)
    rows.update(state=SimulationState.RUNNING, cases_total=total, cases_done=0)

    def progress(done: int) -> None:
        rows.update(cases_done=done)

    report = simulate(
        draft=simulation.draft_body,
        base=simulation.base_body,
        cases=queries.simulated_cases(plan=simulation.plan, start=start, end=end, draft=draft, base=base),
        processes=processes if total > _WORTH_PROCESSES else 1,
        progress=progress,
    )
    rows.update(state=SimulationState.DONE, report=report, cases_done=total, finished_at=at)


_WORTH_PROCESSES = 500


def fail_simulation(simulation: Simulation, *, at: datetime) -> None:
    """Say that a run came to nothing, for a person to ask again."""
    Simulation.objects.filter(pk=simulation.pk).exclude(state=SimulationState.DONE).update(
        state=SimulationState.FAILED,
        failure="The run ended with an error. Ask again; if it ends the same way, tell the people who run the system.",
        finished_at=at,
    )
