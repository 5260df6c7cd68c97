"""Replays a finding of the rule engine from stored rows: same guideline, same parameters, same input, to the bit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from openum.cases.models import Attachment, Case
from openum.criteria.models import EvaluationInput, Finding
from openum.criteria.program import ENGINE_VERSION, LeafAnswer, Result, known_program, program_of
from openum.criteria.record import Person, Record, StoredResource, build_record
from openum.vocabulary.errors import Invalid, Missing

_DATES = frozenset({"Request Date"})


class NotReplayable(Invalid):
    """A person's finding rests on judgement; only the rule engine's can be replayed."""

    code: ClassVar[str] = "finding-not-replayable"


class InputMissing(Missing):
    """What the evaluation read is not kept."""

    code: ClassVar[str] = "evaluation-input-missing"


@dataclass(frozen=True, slots=True)
class Replay:
    """One finding beside what the stored rows answer today."""

    finding: Finding
    answer: LeafAnswer | None
    """None where the guideline has no such criterion."""
    differences: tuple[str, ...]
    """What differs, one sentence each, without any content of the record."""

    @property
    def is_same(self) -> bool:
        """Say whether the replay answers to the bit what was found."""
        return not self.differences


def replay(finding: Finding) -> Replay:
    """Answer the criterion of a finding again from stored rows, as of the instant it was made.

    Raises:
        NotReplayable: a person made it.
        InputMissing: what was read then is not kept.
    """
    return _Replayer().replay(finding)


def replay_case(case: Case) -> list[Replay]:
    """Replay every finding of the rule engine on a case, those that were superseded too, in the order they were made.

    Raises:
        InputMissing: what was read then is not kept.
    """
    replayer = _Replayer()
    findings = (
        Finding.objects.filter(line__case=case, is_machine=True)
        .select_related("policy", "line")
        .order_by("made_at", "line_id", "pk")
    )
    return [replayer.replay(finding) for finding in findings]


class _Replayer:
    """Runs each evaluation once, however many findings it made."""

    def __init__(self) -> None:
        self._runs: dict[tuple[object, ...], tuple[Record, Result]] = {}

    def replay(self, finding: Finding) -> Replay:
        if not finding.is_machine or finding.policy is None:
            raise NotReplayable("A person made this finding. Only a finding of the rule engine can be replayed.")
        record, result = self._run(finding)
        answer = next((one for one in result.answers if one.leaf.key == finding.leaf), None)
        return Replay(finding, answer, tuple(_differences(finding, record, answer)))

    def _run(self, finding: Finding) -> tuple[Record, Result]:
        key = (finding.line_id, finding.policy_id, finding.input_digest, finding.made_at, str(finding.parameters))
        if key not in self._runs:
            assert finding.policy is not None
            record = record_as_read(finding)
            program = known_program(finding.policy.digest) or program_of(
                finding.policy.body, digest=finding.policy.digest
            )
            result = program.run(record.resources, parameters=_parameters(finding.parameters), now=finding.made_at)
            self._runs[key] = record, result
        return self._runs[key]


def record_as_read(finding: Finding) -> Record:
    """Return the record that the evaluation of a finding read, from stored rows.

    Raises:
        InputMissing: it is not kept.
    """
    kept = EvaluationInput.objects.filter(line_id=finding.line_id, digest=finding.input_digest).first()
    if kept is None:
        raise InputMissing("What the rule engine read for this finding is not kept. Evaluate the criteria again.")
    rows = {
        str(row.public_id): row
        for row in Attachment.objects.filter(public_id__in=kept.attachments).only("public_id", "resource")
    }
    born = kept.person["birth_date"]
    person = Person(
        references=frozenset(kept.person["references"]),
        numbers=frozenset(kept.person["numbers"]),
        birth_date=date.fromisoformat(born) if born else None,
        sex=kept.person["sex"],
    )
    stored = [rows[key] for key in kept.attachments if key in rows]
    return build_record(
        [StoredResource(row.resource, str(row.pk)) for row in stored if row.resource],
        person=person,
        own_facts=kept.own_facts,
    )


def _parameters(stored: Mapping[str, str]) -> dict[str, object]:
    """Return the parameters as the logic was given them."""
    return {name: date.fromisoformat(value) if name in _DATES else value for name, value in stored.items()}


def _differences(finding: Finding, record: Record, answer: LeafAnswer | None) -> list[str]:
    found = []
    if record.digest != finding.input_digest:
        found.append("the stored records are not those that were read")
    if finding.engine_version != ENGINE_VERSION:
        found.append(f"it was made by {finding.engine_version}; this is {ENGINE_VERSION}")
    if answer is None:
        return [*found, "the guideline has no such criterion"]
    if answer.value != finding.value:
        found.append(f"the answer is {answer.value} instead of {finding.value}")
    if list(answer.evidence) != list(finding.evidence):
        found.append("the evidence is another")
    if [dict(item) for item in answer.missing] != list(finding.missing):
        found.append("other elements are missing")
    if answer.note != finding.note:
        found.append("the words on what is on file differ")
    return found
