"""Every way to falsify the log is found, and the row is named."""

import pytest
from django.db import connection

from openum import audit
from openum.audit import rules
from openum.audit.anchor import append_anchor
from openum.audit.models import ChainHead, EventRow, Seal, SealedHead
from openum.audit.rules import Entry
from openum.vocabulary.identifiers import new_uuid7
from tests.audit.test_recording import NURSE, HarbourReached
from tests.conftest import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def case_id(settings, tmp_path):
    """A case with five sealed events, beside another case; the tamperer owns the database but not the key."""
    settings.OPENUM_DATA = tmp_path
    case, other = new_uuid7(), new_uuid7()
    for place in range(5):
        audit.record(HarbourReached(case_id=case, cause=f"event {place + 1}"), by=NURSE, at=NOON)
        audit.record(HarbourReached(case_id=other), by=NURSE, at=NOON)
    assert audit.seal_heads(NOON) == 2
    number, mac = Seal.objects.values_list("number", "mac").get()
    append_anchor(number=number, mac=mac)  # the test's transaction never commits, which is when this is written
    assert audit.verify() == []
    _unprotect()
    return case


def _unprotect():
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
        else:
            for table in ("audit_eventrow", "audit_seal", "audit_sealedhead"):
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_append_only")


def _rows(case_id):
    return EventRow.objects.filter(case_id=case_id).order_by("seq")


def _entry(row, **changes):
    facts = {name: getattr(row, name) for name in Entry.__dataclass_fields__} | changes
    return Entry(**facts)


def _recompute(case_id, *, from_seq):
    """Do what a careful forger does: compute all links and the head anew."""
    rows = list(_rows(case_id))
    previous = rules.START
    for row in rows:
        digest = row.hash
        if row.seq >= from_seq:
            digest = rules.link(_entry(row), previous_hash=previous)
            EventRow.objects.filter(pk=row.pk).update(previous_hash=previous, hash=digest)
        previous = digest
    ChainHead.objects.filter(chain=f"case:{case_id}").update(seq=rows[-1].seq, hash=previous)


def _found():
    return [(finding.kind, finding.seq) for finding in audit.verify()]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("data", '{"cause":"forged"}'),
        ("actor_kind", "machine"),
        ("actor_id", new_uuid7()),
        ("type", "LampLit"),
        ("at", NOON.replace(hour=9)),
        ("request_id", "another"),
        ("schema_version", 9),
    ],
)
def test_a_changed_row_is_named(case_id, column, value):
    row = _rows(case_id)[2]
    EventRow.objects.filter(pk=row.pk).update(**{column: value})
    findings = audit.verify()
    assert [(finding.kind, finding.seq, finding.event_id) for finding in findings] == [("changed", 3, row.event_id)]
    assert findings[0].sentence.endswith("does not have the content it was recorded with.")


def test_a_removed_row_is_named(case_id):
    _rows(case_id)[1].delete()
    findings = audit.verify()
    assert [(finding.kind, finding.seq) for finding in findings] == [("removed", 2)]
    assert findings[0].sentence == f"Event 2 of chain case:{case_id} was removed."


def test_a_removed_row_is_found_although_the_rest_was_renumbered(case_id):
    _rows(case_id)[1].delete()
    for row in _rows(case_id).filter(seq__gt=1):
        EventRow.objects.filter(pk=row.pk).update(seq=row.seq - 1)
    ChainHead.objects.filter(chain=f"case:{case_id}").update(seq=4)
    assert ("removed", 2) in _found()


def test_a_removed_tail_is_found(case_id):
    _rows(case_id).filter(seq__gt=3).delete()
    assert _found() == [("removed", 4)]


def test_a_removed_tail_is_found_although_the_head_was_moved_back(case_id):
    _rows(case_id).filter(seq__gt=3).delete()
    ChainHead.objects.filter(chain=f"case:{case_id}").update(seq=3, hash=_rows(case_id)[2].hash)
    findings = audit.verify()
    assert [finding.sentence for finding in findings] == [f"Events 4 to 5 of chain case:{case_id} were removed."]


def test_a_removed_chain_is_found(case_id):
    _rows(case_id).delete()
    ChainHead.objects.filter(chain=f"case:{case_id}").delete()
    assert [finding.sentence for finding in audit.verify()] == [f"Events 1 to 5 of chain case:{case_id} were removed."]


def test_an_inserted_row_is_named(case_id):
    for row in _rows(case_id).filter(seq__gt=2).order_by("-seq"):
        EventRow.objects.filter(pk=row.pk).update(seq=row.seq + 1)
    second = _rows(case_id)[1]
    forged = _entry(second, event_id=new_uuid7(), data='{"cause":"forged"}')
    digest = rules.link(forged, previous_hash=second.hash)
    facts = {name: getattr(forged, name) for name in Entry.__dataclass_fields__}
    row = EventRow.objects.create(**facts, seq=3, previous_hash=second.hash, hash=digest)
    ChainHead.objects.filter(chain=f"case:{case_id}").update(seq=6)
    assert ("inserted", 3, row.event_id) in [(f.kind, f.seq, f.event_id) for f in audit.verify()]


def test_a_row_added_behind_the_head_is_named(case_id):
    last = _rows(case_id)[4]
    forged = _entry(last, event_id=new_uuid7())
    facts = {name: getattr(forged, name) for name in Entry.__dataclass_fields__}
    digest = rules.link(forged, previous_hash=last.hash)
    EventRow.objects.create(**facts, seq=6, previous_hash=last.hash, hash=digest)
    assert _found() == [("inserted", 6)]


def test_a_recomputed_chain_is_found_by_its_seal(case_id):
    EventRow.objects.filter(pk=_rows(case_id)[1].pk).update(data='{"cause":"forged"}')
    _recompute(case_id, from_seq=2)
    findings = audit.verify()
    assert [(finding.kind, finding.seq) for finding in findings] == [("recomputed", 5)]
    assert "differs from what seal 1 holds" in findings[0].sentence


def test_a_seal_changed_to_fit_the_forgery_is_found(case_id):
    EventRow.objects.filter(pk=_rows(case_id)[1].pk).update(data='{"cause":"forged"}')
    _recompute(case_id, from_seq=2)
    SealedHead.objects.filter(chain=f"case:{case_id}").update(hash=_rows(case_id)[4].hash)
    assert _found() == [("seal-changed", 1)]


def test_removed_seals_are_missed_outside_the_database(case_id):
    Seal.objects.all().delete()
    SealedHead.objects.all().delete()
    assert _found() == [("removed", 1)]


def test_a_head_that_was_changed_is_found(case_id):
    ChainHead.objects.filter(chain=f"case:{case_id}").update(hash="f" * 64)
    assert _found() == [("head-changed", 5)]


def test_sealing_again_seals_only_what_moved(case_id):
    assert audit.seal_heads(NOON) == 0
    audit.record(HarbourReached(case_id=case_id), by=NURSE, at=NOON)
    assert audit.seal_heads(NOON) == 1
    assert audit.verify() == []
