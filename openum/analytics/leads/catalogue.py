"""What a rule of the catalogue is, what rules look at, and the columns of what they find."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import ibis
import yaml

from openum.analytics.codes import PACK
from openum.analytics.engines import Table


@dataclass(frozen=True)
class Rule:
    """A published rule: its version, what it says, what it leaves alone, and its settings."""

    id: str
    version: int
    name: str
    says: str
    not_flagged: str
    settings: dict[str, Any]


@dataclass(frozen=True)
class Evidence:
    """What the rules look at."""

    lines: Table
    """One row per final line of the claims: see `lines.py`."""
    spans: Table
    """Enrolment: `person_id`, `first`, `last` (null: open), `died`."""
    stays: Table
    """Hospital stays: `person_id`, `facility_npi`, `admit`, `disch`, `via_ed`, `paid`, and the claim that ends them."""
    edits: Table | None
    """The user's edit pairs: `column1`, `column2`, `modifier_allowed`; None when no file was given."""
    limits: Table | None
    """The user's daily limits: `code`, `units`; None when no file was given."""
    specialties: Table
    """The specialty of each provider: `npi`, `specialty`."""
    minutes: Table | None
    """The user's times of timed services: `code`, `minutes` of one unit; None when no file was given."""
    persons: Table | None
    """The user's list of whom a service fits: `code`, `sex`, `age_from`, `age_to`; None when no file was given."""
    authorizations: Table | None = None
    """The plan's authorizations as the feed tells them, see `files.authorizations_of`; None when no file was given."""
    wanted: Table | None = None
    """The services that want an authorization: `wanted_from`, `wanted_to` (codes); None when no file was given."""
    changes: Table | None = None
    """What may be billed for what was authorized: `of_code`, `added`, `begins`; None when no file was given."""
    fills: Table | None = None
    """Opioid prescriptions with their strength, see `files.opioid_fills`; None when no file was given."""
    groups: Table | None = None
    """What supports a DRG: `of_drg`, `position`, `beginning`, `alone`; None when no file was given."""
    treated: Table | None = None
    """Members whom strong pain medicine is expected of: `person_id`."""


@cache
def rules() -> dict[str, Rule]:
    """Return the catalogue by id."""
    told = {"id", "version", "name", "says", "not_flagged"}
    found = {}
    for row in yaml.safe_load((PACK / "leads.yaml").read_text("utf-8")):
        settings = {name: value for name, value in row.items() if name not in told}
        found[row["id"]] = Rule(**{name: row[name] for name in told}, settings=settings)
    return found


LEAD = (
    "person_id", "payer", "data_source", "claim_id", "claim_line_number", "provider", "day", "procedure", "paid", "quantity",
    "modifiers", "place", "diagnosis", "drg", "charge",
)  # fmt: skip


def leads(rule: str, rows: Table, evidence: Any) -> Table:
    """Return the columns of leads; `evidence` says in short what the line was held against."""
    return rows.select(
        ibis.literal(rule).name("rule"),
        ibis.literal(rules()[rule].version).cast("int64").name("version"),
        *LEAD,
        evidence=evidence,
    )


def nothing(given: Evidence, rule: str) -> Table:
    """Return no leads: the rule's file was not given."""
    return leads(rule, given.lines.filter(ibis.literal(False)), ibis.literal(""))
