"""Lets the rule engine answer the criteria of a line. It answers; it decides nothing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from openum import audit
from openum.accounts.models import Plan, User
from openum.cases import working
from openum.cases.models import Attachment, ServiceLine
from openum.cases.services import lock_line
from openum.criteria import queries
from openum.criteria.codes import side_of
from openum.criteria.events import CriteriaEvaluated
from openum.criteria.ledger import used_services
from openum.criteria.maps import MapView, build_map
from openum.criteria.models import EvaluationInput, EvidenceLink, EvidenceMap, Finding
from openum.criteria.program import ENGINE_VERSION, LeafAnswer, Program, parameters_for
from openum.criteria.queries import Match
from openum.criteria.quoting import Quoter
from openum.criteria.record import Person, Record, Resource, StoredResource, build_record
from openum.criteria.services.maps import freeze_view
from openum.criteria.stored import record_of
from openum.db import plain
from openum.db.transactions import atomic
from openum.directory.models import Policy, Product
from openum.vocabulary.terms import FindingValue


@dataclass(frozen=True)
class _Run:
    """One run of a program on one record."""

    line: ServiceLine
    policy: Policy
    record: Record
    parameters: Mapping[str, object]
    by: User
    at: datetime


@atomic
def evaluate_line(line: ServiceLine, *, by: User, at: datetime, history: Sequence[Resource] = ()) -> EvidenceMap:
    """Answer the criteria of one line from stored rows, and freeze the map.

    An answer that says the same as before leaves no new row. A person's finding stays; where new evidence makes the
    machine answer otherwise, both stand side by side.

    Args:
        line: the requested service.
        by: who let the engine run: a machine, or the person who asked for it.
        at: the instant of the answer.
        history: services the payer knows beside its registered ledgers, as Claim resources.
    """
    line = working.new_line(line.pk) or lock_line(line)
    matched = queries.guideline_for(line)
    is_first = working.new_line(line.pk) is not None and working.recall(queries.map_key(line)) is None
    working.remember(queries.map_key(line), None)
    view = _evaluate(line, matched, history, is_first=is_first, by=by, at=at)
    frozen = freeze_view(line=line, view=view, policy=matched.policy, reason=EvidenceMap.EVALUATED, by=by, at=at)
    working.remember(queries.map_key(line), queries.Picture(matched, view, frozen))
    audit.record(
        CriteriaEvaluated(
            case_id=line.case.public_id,
            line_ids=(line.public_id,),
            policy_id=matched.policy.public_id if matched.policy else None,
            map_id=frozen.public_id,
            value=view.value.value,
        ),
        by=by,
        at=at,
    )
    return frozen


def _evaluate(
    line: ServiceLine, matched: Match, history: Sequence[Resource], *, is_first: bool, by: User, at: datetime
) -> MapView:
    """Run the guideline that holds, write what is new, and return the map."""
    if matched.program is None or matched.policy is None:
        if is_first:
            return build_map(None, policy_digest="", findings=[], links=[], exclusions=matched.exclusions)
        return queries.current_map(line, matched)
    day = queries.governing_date(line)
    known = [*used_services(line, day), *history]
    record, attachments = record_of(line, day=day, services=matched.program.guideline.scope.services, history=known)
    parameters = parameters_for(request_date=day, code=line.code, side=side_of(line.modifiers))
    result = matched.program.run(record.resources, parameters=parameters, now=at)
    run = _Run(line, matched.policy, record, parameters, by, at)
    before = [] if is_first else list(queries.current_findings(line))
    new = _write_findings(run, matched.program, result.answers, before)
    links = _write_links(run, matched.program, new, attachments) if new else []
    if new:
        _keep_input(run, attachments.values(), is_first=is_first)
    if before:
        return queries.current_map(line, matched)
    return build_map(
        matched.program.guideline,
        policy_digest=matched.policy.digest,
        findings=[queries.finding_fact(finding) for finding in new],
        links=[queries.link_fact(link) for link in links],
        exclusions=matched.exclusions,
    )


def _keep_input(run: _Run, attachments: Iterable[Attachment], *, is_first: bool) -> None:
    """Keep what was read, so that the findings can be replayed to the bit."""
    digest = run.record.digest
    if not is_first and EvaluationInput.objects.filter(line=run.line, digest=digest).exists():
        return
    person = run.record.person
    plain.insert(
        [
            plain.new(
                EvaluationInput,
                line=run.line,
                digest=digest,
                attachments=[str(row.public_id) for row in attachments if row.resource],
                own_facts=list(run.record.own_facts),
                person={
                    "references": sorted(person.references),
                    "numbers": sorted(person.numbers),
                    "birth_date": person.birth_date.isoformat() if person.birth_date else "",
                    "sex": person.sex,
                },
                read_at=run.at,
            )
        ]
    )


def _write_findings(
    run: _Run, program: Program, answers: Sequence[LeafAnswer], before: Sequence[Finding]
) -> list[Finding]:
    """Write the answers that differ from the machine's standing ones, superseding those."""
    standing = {finding.leaf: finding for finding in before if finding.is_machine}
    digest = run.record.digest
    changed = [answer for answer in answers if not _says_the_same(standing.get(answer.leaf.key), answer, run.policy)]
    gone = [finding for leaf, finding in standing.items() if program.guideline.leaf(leaf) is None]
    replaced = gone + [standing[answer.leaf.key] for answer in changed if answer.leaf.key in standing]
    if replaced:
        Finding.objects.filter(pk__in=[finding.pk for finding in replaced]).update(superseded_at=run.at)
    return plain.insert(
        [
            plain.new(
                Finding,
                line=run.line,
                policy=run.policy,
                leaf=answer.leaf.key,
                question=answer.leaf.question.en,
                value=answer.value,
                is_machine=True,
                note=answer.note,
                missing=[dict(item) for item in answer.missing],
                evidence=list(answer.evidence),
                parameters={name: str(value) for name, value in run.parameters.items() if value is not None},
                input_digest=digest,
                engine_version=ENGINE_VERSION,
                made_by=run.by,
                made_at=run.at,
                supersedes=standing.get(answer.leaf.key),
            )
            for answer in changed
        ]
    )


def _says_the_same(finding: Finding | None, answer: LeafAnswer, policy: Policy) -> bool:
    return (
        finding is not None
        and finding.policy_id == policy.pk
        and finding.value == answer.value
        and finding.note == answer.note
        and finding.engine_version == ENGINE_VERSION
        and list(finding.evidence) == list(answer.evidence)
        and list(finding.missing) == [dict(item) for item in answer.missing]
    )


def _write_links(
    run: _Run, program: Program, findings: Sequence[Finding], attachments: Mapping[str, Attachment]
) -> list[EvidenceLink]:
    """Propose the resources each answer used as evidence, with what they say; a person confirms or closes them.

    A form that leaves a question open is no evidence for it.
    """
    titles = run.record.attachment_keys
    quoter = Quoter(run.record.resources)
    asked = program.guideline.answers
    labels = {leaf.key: {link: asked[link].label.en for link in leaf.answers} for leaf in program.guideline.leaves}
    kept = set(
        EvidenceLink.objects.filter(line=run.line, unlinked_at__isnull=True, confirmed_at__isnull=False).values_list(
            "leaf", "resource_key"
        )
        if any(finding.supersedes_id for finding in findings)
        else ()
    )
    return plain.insert(
        [
            plain.new(
                EvidenceLink,
                line=run.line,
                leaf=finding.leaf,
                finding=finding,
                attachment=attachments.get(titles.get(key, "")),
                resource_key=key,
                quote=quoter.quote(key, labels[finding.leaf]),
                linked_by=run.by,
                linked_at=run.at,
                is_machine=True,
            )
            for finding in findings
            for key in finding.evidence
            if (finding.leaf, key) not in kept
            and not key.startswith("Patient/")
            and not (finding.value == FindingValue.UNKNOWN and key.startswith("QuestionnaireResponse/"))
        ]
    )


def preview(
    *,
    plan: Plan,
    code_system: str,
    code: str,
    on: date,
    resources: Sequence[Resource],
    product: Product | None = None,
    age: int | None = None,
    modifiers: Sequence[str] = (),
    place: str | None = None,
) -> MapView:
    """Return how the criteria would be answered for a request that is still being written. Writes nothing.

    Without a guideline the map is empty.

    Args:
        plan: the plan the request would go to.
        code_system: code system of the service, short name or address.
        code: the service.
        on: the day of the request in the plan's zone.
        resources: what the form holds, as FHIR resources without a subject.
        product: the member's product where it is known.
        age: completed years; an adult when not known.
        modifiers: procedure modifiers; RT, LT and 50 tell the side.
        place: place-of-service code; any where the form has not said.
    """
    matched = queries.match_for_form(
        plan=plan, product=product, code_system=code_system, code=code, on=on, age=age, place=place
    )
    if matched.program is None or matched.policy is None:
        return build_map(None, policy_digest="", findings=(), links=(), exclusions=matched.exclusions)
    record = build_record(
        [StoredResource(resource, "form") for resource in resources], person=Person(frozenset(), frozenset())
    )
    now = datetime.combine(on, time(12), UTC)
    parameters = parameters_for(request_date=on, code=code, side=side_of(modifiers))
    result = matched.program.run(record.resources, parameters=parameters, now=now)
    facts = [queries.previewed_fact(answer, at=now) for answer in result.answers]
    return build_map(matched.guideline, policy_digest=matched.policy.digest, findings=facts, links=())
