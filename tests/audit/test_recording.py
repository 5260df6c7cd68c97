from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from openum import audit
from openum.audit import Event, NotRegistered
from openum.audit.models import ChainHead, EventRow
from openum.vocabulary.identifiers import new_uuid7
from tests.conftest import NOON

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Nurse:
    public_id: UUID = UUID(int=7)
    kind: str = "person"


@dataclass(frozen=True, kw_only=True)
class LampLit(Event):
    seen_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ShipTurned(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class HarbourReached(Event):
    pass


@dataclass(frozen=True, kw_only=True)
class NeverRegistered(Event):
    pass


ORDER: list[str] = []


def note(event, recorded):
    ORDER.append(type(event).__name__)


def turn(event, recorded):
    audit.record(ShipTurned(case_id=event.case_id), by=recorded.by, at=recorded.at)
    ORDER.append("lamp handled")


def reach(event, recorded):
    ORDER.append("ship handled")
    audit.record(HarbourReached(case_id=event.case_id), by=recorded.by, at=recorded.at)


audit.register(LampLit, [turn, note])
audit.register(ShipTurned, [reach])
audit.register(HarbourReached, [note])
NURSE = Nurse()


def test_an_event_is_written_with_who_when_and_what():
    case_id = new_uuid7()
    recorded = audit.record(HarbourReached(case_id=case_id, cause="tide"), by=NURSE, at=NOON)
    row = EventRow.objects.get()
    assert (row.event_id, row.case_id, row.type, row.at) == (recorded.event_id, case_id, "HarbourReached", NOON)
    assert (row.actor_id, row.actor_kind, row.cause, row.line_ids) == (NURSE.public_id, "person", "tide", [])
    assert (row.chain, row.seq, row.previous_hash) == (f"case:{case_id}", 1, "0" * 64)
    assert row.fields() == {"case_id": str(case_id), "cause": "tide", "line_ids": []}


def test_what_follows_runs_first_in_first_out_in_the_same_transaction():
    ORDER.clear()
    case_id = new_uuid7()
    audit.record(LampLit(case_id=case_id), by=NURSE, at=NOON)
    assert ORDER == ["lamp handled", "LampLit", "ship handled", "HarbourReached"]
    assert [row.type for row in audit.events_of(case_id)] == ["LampLit", "ShipTurned", "HarbourReached"]


def test_a_batch_writes_any_number_of_events_with_three_statements():
    case_id = new_uuid7()
    with CaptureQueriesContext(connection) as queries, audit.batch():
        for _ in range(9):
            audit.record(HarbourReached(case_id=case_id), by=NURSE, at=NOON)
    statements = [query["sql"] for query in queries if "advisory" not in query["sql"]]
    assert [sql.split()[0] for sql in statements] == ["SELECT", "INSERT", "INSERT"]
    assert EventRow.objects.count() == 9


def test_events_of_the_running_batch_can_be_read():
    case_id = new_uuid7()
    with audit.batch():
        audit.record(HarbourReached(case_id=case_id), by=NURSE, at=NOON)
        assert [row.type for row in audit.events_of(case_id)] == ["HarbourReached"]


def test_an_undone_savepoint_takes_its_events_with_it():
    case_id = new_uuid7()
    with audit.batch():
        audit.record(HarbourReached(case_id=case_id, cause="kept"), by=NURSE, at=NOON)
        with pytest.raises(KeyError), transaction.atomic():
            audit.record(HarbourReached(case_id=case_id, cause="undone"), by=NURSE, at=NOON)
            raise KeyError
    assert [row.cause for row in audit.events_of(case_id)] == ["kept"]


def test_a_failing_batch_leaves_nothing_and_the_next_one_starts_clean():
    with pytest.raises(KeyError), transaction.atomic(), audit.batch():
        audit.record(HarbourReached(case_id=new_uuid7()), by=NURSE, at=NOON)
        raise KeyError
    case_id = new_uuid7()
    audit.record(HarbourReached(case_id=case_id), by=NURSE, at=NOON)
    assert list(ChainHead.objects.values_list("chain", "seq")) == [(f"case:{case_id}", 1)]


def test_an_event_without_a_line_in_the_lifecycle_table_is_refused():
    with pytest.raises(NotRegistered, match="NeverRegistered has no line in openum/lifecycle"):
        audit.record(NeverRegistered(), by=NURSE, at=NOON)
    assert EventRow.objects.count() == 0


def test_two_events_cannot_share_a_name():
    with pytest.raises(TypeError, match="Two events are called LampLit"):
        type("LampLit", (Event,), {"__module__": "somewhere.else", "__qualname__": "LampLit"})


def test_reads_have_a_chain_per_person_and_day():
    cases = [new_uuid7(), new_uuid7()]
    audit.record_reads(by=NURSE, at=NOON, case_ids=cases, why="worklist", request_id="r-1")
    row = EventRow.objects.get()
    assert (row.chain, row.type, row.request_id) == (f"reads:{NURSE.public_id}:2026-11-16", "CasesRead", "r-1")
    assert row.fields()["case_ids"] == [str(case) for case in cases]
    assert audit.record_reads(by=NURSE, at=NOON, case_ids=[], why="empty list") is None


def test_the_database_refuses_to_change_or_remove_an_event():
    audit.record(HarbourReached(), by=NURSE, at=NOON)
    for statement in ("UPDATE audit_eventrow SET actor_kind = 'x'", "DELETE FROM audit_eventrow"):
        with pytest.raises(Exception, match="audit_eventrow is append-only"), transaction.atomic():
            connection.cursor().execute(statement)
    assert EventRow.objects.get().actor_kind == "person"
