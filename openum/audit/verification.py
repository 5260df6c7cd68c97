"""Check rows, links and seals, and name what is wrong."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.conf import settings

from openum.audit import rules
from openum.audit.anchor import anchored
from openum.audit.rules import Entry


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong: `kind` is changed, removed, inserted, recomputed, head-changed or seal-changed."""

    kind: str
    chain: str
    seq: int
    event_id: UUID | None
    sentence: str


@dataclass(frozen=True, slots=True)
class _Row:
    seq: int
    previous_hash: str
    hash: str
    entry: Entry


def verify(*, progress: Callable[[int], None] | None = None) -> list[Finding]:
    """Check every chain against itself, its head, the seals and the seals' copy outside; an empty list means intact.

    An event recorded after the last seal (at most a minute ago) is protected by its links only.
    """
    from openum.audit.models import ChainHead

    findings: list[Finding] = []
    heads = {chain: (seq, digest) for chain, seq, digest in ChainHead.objects.values_list("chain", "seq", "hash")}
    findings += _check_seals()
    sealed = _sealed_heads()
    checked = 0
    for chain, rows in _chains():
        findings += _check_chain(chain, rows, head=heads.pop(chain, None), sealed=sealed.pop(chain, []))
        checked += len(rows)
        if progress is not None:
            progress(checked)
    for chain, (seq, _) in sorted(heads.items()):
        sealed.pop(chain, None)
        findings.append(_removed(chain, 1, seq))
    for chain, seals in sorted(sealed.items()):
        findings.append(_removed(chain, 1, seals[-1][0]))
    return findings


def _chains() -> Iterator[tuple[str, list[_Row]]]:
    from openum.audit.models import EventRow

    columns = (
        "chain", "seq", "previous_hash", "hash", "event_id", "type", "schema_version", "case_id", "actor_id",
        "actor_kind", "at", "request_id", "data",
    )  # fmt: skip
    rows = EventRow.objects.order_by("chain", "seq").values_list(*columns).iterator(chunk_size=2000)
    for chain, group in groupby(rows, key=itemgetter(0)):
        yield chain, [_row(values) for values in group]


def _row(values: tuple[Any, ...]) -> _Row:
    chain, seq, previous_hash, digest, event_id, type_, version, case_id, actor_id, kind, at, request_id, data = values
    entry = Entry(
        event_id=event_id, chain=chain, type=type_, schema_version=version, case_id=case_id, actor_id=actor_id,
        actor_kind=kind, at=at, request_id=request_id, data=data,
    )  # fmt: skip
    return _Row(seq, previous_hash, digest, entry)


def _check_chain(
    chain: str, rows: list[_Row], *, head: tuple[int, str] | None, sealed: list[tuple[int, str, int]]
) -> list[Finding]:
    findings: list[Finding] = []
    inserted: set[int] = set()
    before_last, last_hash, last_seq = rules.START, rules.START, 0
    for index, row in enumerate(rows):
        if row.seq != last_seq + 1:
            findings.append(_removed(chain, last_seq + 1, row.seq - 1))
        elif row.previous_hash != last_hash:
            if index > 0 and row.previous_hash == before_last:
                inserted.add(rows[index - 1].seq)
                findings.append(_finding("inserted", chain, rows[index - 1], "was slipped into the chain"))
            elif all(row.previous_hash != other.hash for other in rows):
                findings.append(_removed(chain, row.seq, row.seq, renumbered=True))
        if rules.link(row.entry, previous_hash=row.previous_hash) != row.hash:
            findings.append(_finding("changed", chain, row, "does not have the content it was recorded with"))
        before_last = before_last if row.seq - 1 in inserted else last_hash
        last_hash, last_seq = row.hash, row.seq
    findings += _check_end(chain, rows, head=head)
    findings += _check_against_seals(chain, rows, sealed=sealed, known={finding.seq for finding in findings})
    return findings


def _check_end(chain: str, rows: list[_Row], *, head: tuple[int, str] | None) -> list[Finding]:
    last = rows[-1]
    if head is None:
        return [_finding("head-changed", chain, last, "is the last of a chain whose head is missing")]
    seq, digest = head
    if seq > last.seq:
        return [_removed(chain, last.seq + 1, seq)]
    if seq < last.seq:
        return [_finding("inserted", chain, row, "stands behind the chain's head") for row in rows if row.seq > seq]
    if digest != last.hash:
        return [_finding("head-changed", chain, last, "does not agree with the chain's head")]
    return []


def _check_against_seals(
    chain: str, rows: list[_Row], *, sealed: list[tuple[int, str, int]], known: set[int]
) -> list[Finding]:
    by_seq = {row.seq: row for row in rows}
    for seq, digest, number in sealed:
        row = by_seq.get(seq)
        if row is None:
            return [] if any(bad > rows[-1].seq for bad in known) else [_removed(chain, rows[-1].seq + 1, seq)]
        if row.hash != digest and not known:
            first = next((other for other in rows if other.seq > _last_good(sealed, by_seq)), row)
            return [
                Finding(
                    kind="recomputed", chain=chain, seq=seq, event_id=row.entry.event_id,
                    sentence=f"{_name(chain, row)} differs from what seal {number} holds: the chain was recomputed"
                    f" between event {first.seq} and event {seq}.",
                )
            ]  # fmt: skip
    return []


def _last_good(sealed: list[tuple[int, str, int]], by_seq: dict[int, _Row]) -> int:
    good = [seq for seq, digest, _ in sealed if seq in by_seq and by_seq[seq].hash == digest]
    return max(good, default=0)


def _sealed_heads() -> dict[str, list[tuple[int, str, int]]]:
    from openum.audit.models import SealedHead

    heads: dict[str, list[tuple[int, str, int]]] = {}
    rows = SealedHead.objects.order_by("chain", "seal_number").values_list("chain", "seq", "hash", "seal_number")
    for chain, seq, digest, number in rows.iterator(chunk_size=5000):
        heads.setdefault(chain, []).append((seq, digest, number))
    return heads


def _check_seals() -> list[Finding]:
    from openum.audit.models import Seal, SealedHead

    findings: list[Finding] = []
    outside = anchored()
    previous, expected = rules.START, 1
    by_number: dict[int, list[tuple[str, int, str]]] = {}
    for number, chain, seq, digest in SealedHead.objects.values_list("seal_number", "chain", "seq", "hash"):
        by_number.setdefault(number, []).append((chain, seq, digest))
    for seal in Seal.objects.order_by("number"):
        if seal.number != expected:
            findings.append(_bad_seal("removed", expected, f"Seals {expected} to {seal.number - 1} were removed."))
        mac = _mac(seal.number, seal.at, seal.previous_mac, by_number.pop(seal.number, []))
        if mac != seal.mac or (seal.previous_mac != previous and seal.number == expected):
            findings.append(_bad_seal("seal-changed", seal.number, f"Seal {seal.number} or its heads were changed."))
        elif outside and outside.get(seal.number, seal.mac) != seal.mac:
            findings.append(_bad_seal("seal-changed", seal.number, f"Seal {seal.number} differs from its copy."))
        previous, expected = seal.mac, seal.number + 1
    if outside and max(outside) >= expected:
        findings.append(_bad_seal("removed", expected, f"Seals {expected} to {max(outside)} were removed."))
    findings += [
        _bad_seal("seal-changed", number, f"Heads stand under seal {number}, which does not exist.")
        for number in sorted(by_number)
        if number not in outside
    ]
    return findings


def _mac(number: int, at: datetime, previous_mac: str, heads: list[tuple[str, int, str]]) -> str:
    return rules.seal(key=settings.OPENUM_SEAL_KEY, number=number, at=at, previous_mac=previous_mac, heads=heads)


def _bad_seal(kind: str, number: int, sentence: str) -> Finding:
    return Finding(kind=kind, chain="seals", seq=number, event_id=None, sentence=sentence)


def _finding(kind: str, chain: str, row: _Row, what: str) -> Finding:
    return Finding(
        kind=kind, chain=chain, seq=row.seq, event_id=row.entry.event_id, sentence=f"{_name(chain, row)} {what}."
    )


def _name(chain: str, row: _Row) -> str:
    return f"Event {row.seq} ({row.entry.type}, {row.entry.event_id}) of chain {chain}"


def _removed(chain: str, first: int, last: int, *, renumbered: bool = False) -> Finding:
    which = f"Event {first}" if first == last else f"Events {first} to {last}"
    sentence = f"{which} of chain {chain} {'was' if first == last else 'were'} removed."
    if renumbered:
        sentence = f"An event before event {first} of chain {chain} was removed and the rest renumbered."
    return Finding(kind="removed", chain=chain, seq=first, event_id=None, sentence=sentence)
