"""Every finding of the rule engine is answered again from stored rows, to the bit; the usage ledger is evidence."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from openum.cases.models import Attachment, ServiceLine
from openum.cases.services import NewDocument, attach
from openum.cli.main import main
from openum.criteria.models import EvaluationInput, Finding
from openum.criteria.replay import InputMissing, NotReplayable, replay, replay_case
from openum.criteria.services import evaluate_line, record_finding
from openum.determination.models import UsageEntry
from openum.determination.queries import authorization_of, current_segments, used_services
from openum.determination.services import approve_line, reverse_usage
from openum.vocabulary.terms import Channel, FindingValue
from tests.conftest import NOON
from tests.criteria import shapes
from tests.criteria.test_services import LATER, form, found, knee, mri

pytestmark = pytest.mark.django_db


def machine(line, leaf):
    return Finding.objects.get(line=line, leaf=leaf, is_machine=True, superseded_at=None)


def sent_later(world, line, resource):
    attach(
        case=line.case, request=line.request, channel=Channel.PORTAL, by=world.provider, at=LATER,
        documents=[NewDocument(title="form", content_type="application/fhir+json", resource=resource)],
    )  # fmt: skip


def test_every_finding_of_cases_of_all_shapes_is_replayed_to_the_bit(world):
    quantity = {"valueQuantity": {"value": 34.20, "unit": "kg/m2"}}
    condition = shapes.condition(shapes.ICD10, "M17.11", onsetDateTime="2025-01-01", subject=None)
    lines = [
        knee(world),
        knee(world, form("knee"), condition),
        knee(world, form("knee", knee__bmi=quantity, knee__hba1c=7.10)),
        mri(world, form("lbp"), *shapes.procedures(shapes.CPT, "97110", ["2026-09-01", "2026-10-01"])),
        mri(world, form("lbp") | {"subject": {"reference": "Patient/somebody-else"}}),
    ]
    for line in lines:
        replays = replay_case(line.case)
        assert len(replays) == Finding.objects.filter(line=line, is_machine=True).count() > 0
        assert [one.differences for one in replays] == [()] * len(replays)
        assert [one.answer.value for one in replays] == [one.finding.value for one in replays]


def test_what_was_found_before_is_replayed_on_what_was_known_before(world):
    line = knee(world)
    sent_later(world, line, form("knee"))
    evaluate_line(line, by=world.engine, at=LATER)
    replays = replay_case(line.case)
    assert len(EvaluationInput.objects.filter(line=line)) == 2
    assert {one.finding.superseded_at is None for one in replays} == {True, False}
    assert all(one.is_same for one in replays)
    early = next(one for one in replays if one.finding.leaf == "4" and one.finding.superseded_at)
    assert early.answer.value is FindingValue.UNKNOWN


def test_an_approval_of_today_does_not_change_yesterdays_replay(world):
    line = mri(world, form("lbp"))
    before = machine(line, "4a")
    other = mri(world, form("lbp"))
    ServiceLine.objects.filter(pk=other.pk).update(
        status="approved", service_from=NOON.date() - timedelta(days=30), status_since=NOON
    )
    assert replay(before).is_same


def test_a_changed_row_is_noticed(world):
    line = knee(world, form("knee"))
    row = Attachment.objects.get(case=line.case)
    row.resource = form("knee", knee__active_infection=True)
    row.save()
    changed = replay(machine(line, "4"))
    assert changed.differences[0] == "the stored records are not those that were read"
    assert "the answer is not_met instead of met" in changed.differences


def test_another_engine_is_told(world):
    line = knee(world, form("knee"))
    finding = machine(line, "4")
    finding.engine_version = "openum-cql 0"
    assert replay(finding).differences[0].startswith("it was made by openum-cql 0; this is openum-cql ")


def test_a_persons_finding_is_not_replayed(world):
    line = knee(world, form("knee"))
    finding = record_finding(line=line, leaf="3a", value=FindingValue.MET, note="Seen.", by=world.nurse, at=LATER)
    with pytest.raises(NotReplayable):
        replay(finding)
    EvaluationInput.objects.all().delete()
    with pytest.raises(InputMissing):
        replay(machine(line, "4"))


def test_what_was_read_never_changes(world):
    line = knee(world, form("knee"))
    with pytest.raises(DatabaseError, match="rows are never changed"), transaction.atomic():
        EvaluationInput.objects.filter(line=line).update(own_facts=[])


def test_the_command_replays_a_case(world, monkeypatch, capsys, tmp_path):
    line = knee(world, form("knee"))
    monkeypatch.setattr("openum.cli.environment.prepare", lambda _data: tmp_path)
    monkeypatch.setattr("openum.cli.environment.start_django", lambda: None)
    assert main(["criteria", "replay", line.case.number]) == 0
    out = capsys.readouterr().out
    assert "line 1  KNEE-ARTH v2026.2  4  met  same" in out
    assert "6 findings replayed; 0 came out otherwise." in out
    assert main(["criteria", "replay", "C-00-0"]) == 1


# ---- The usage ledger


@pytest.fixture
def used(world):
    """An MRI of the member that the plan approved and that was done ninety days ago."""
    line = mri(world)
    approve_line(line=line, by=world.physician, at=NOON, rationale="The picture settles it.")
    segment = current_segments(authorization_of(line))[0]
    return UsageEntry.objects.create(
        segment=segment, kind="claim", units=Decimal(1), service_date=NOON.date() - timedelta(days=90), reference="c1",
        recorded_by=world.engine, recorded_at=NOON,
    )  # fmt: skip


def test_a_used_service_stands_against_the_statement_that_there_was_none(world, used):
    line = mri(world, form("lbp"))
    assert found(line)["4a"] == "unknown"
    finding = machine(line, "4a")
    assert finding.note.startswith("Studies of the same region on file: 1")
    assert replay(finding).is_same


def test_a_reversed_entry_says_nothing(world, used):
    reverse_usage(entry=used, reference="r1", by=world.engine, at=NOON)
    assert used_services(used.segment.authorization.line, NOON.date()) == []
    assert found(mri(world, form("lbp")))["4a"] == "met"


def test_only_what_was_used_by_the_day_counts(used):
    line = used.segment.authorization.line
    assert [fact["item"][0]["servicedDate"] for fact in used_services(line, NOON.date())] == [
        used.service_date.isoformat()
    ]
    assert used_services(line, used.service_date - timedelta(days=1)) == []
