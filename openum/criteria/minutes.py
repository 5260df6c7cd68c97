"""Reads the minutes of the committee that belong to a policy pack: which guideline versions it approved. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from openum.criteria.faults import Lined, Reader


@dataclass(frozen=True, slots=True)
class Approved:
    """One vote of a committee on one version."""

    committee: str
    held_on: date
    item: str
    votes_for: int
    votes_against: int
    abstentions: int

    def __str__(self) -> str:
        """Cite the minutes in one line."""
        return (
            f"{self.committee}, {self.held_on.isoformat()}, item {self.item}: {self.votes_for} for, "
            f"{self.votes_against} against, {self.abstentions} abstaining"
        )


def parse_minutes(text: str, *, file: str) -> Mapping[tuple[str, str], Approved]:
    """Read the votes of a pack by guideline and version.

    Raises:
        DocumentInvalid: with every fault found.
    """
    reader = Reader(file)
    rows = reader.yaml(text, first_line=1)
    reader.stop_if_faulty()
    if not isinstance(rows, list):
        reader.fault(1, "The file must be a list of meetings, each beginning with “- committee:”.")
    found: dict[tuple[str, str], Approved] = {}
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, Lined):
            _meeting(reader, row, found)
        else:
            reader.fault(1, "Each meeting must be a block of “name: value” lines.")
    reader.stop_if_faulty()
    return found


def _meeting(reader: Reader, row: Lined, found: dict[tuple[str, str], Approved]) -> None:
    what = "a meeting"
    reader.known_keys(row, ("committee", "held_on", "items"), what=what)
    committee = reader.text(row, "committee", what=what)
    held_on = row.get("held_on")
    if not isinstance(held_on, date):
        reader.fault(row.line, "A meeting needs “held_on”: the day, like 2030-01-31.")
        return
    for entry in reader.items(row, "items", what=what):
        if not isinstance(entry, Lined):
            reader.fault(row.line, "Each item needs item, guideline, version and the votes.")
            continue
        reader.known_keys(entry, ("item", "guideline", "version", "for", "against", "abstain"), what="an item")
        names = {name: reader.text(entry, name, what="an item") for name in ("item", "guideline", "version")}
        votes = [entry.get(name) for name in ("for", "against", "abstain")]
        counts = [count for count in votes if isinstance(count, int) and count >= 0]
        if len(counts) < len(votes):
            reader.fault(entry.line, "An item needs “for”, “against” and “abstain”: how many members said so.")
        elif counts[0] <= counts[1]:
            reader.fault(entry.line, f"{names['guideline']} {names['version']} was not carried; leave it out.")
        else:
            found[names["guideline"], names["version"]] = Approved(committee, held_on, names["item"], *counts)
