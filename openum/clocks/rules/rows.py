"""Turn one mapping of YAML into a Rule, and refuse with the row and field when it is wrong."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from openum.clocks.rules.facts import FactKind
from openum.clocks.rules.rule import (
    Condition,
    Extension,
    Force,
    Information,
    InformationTerms,
    Limit,
    Missed,
    Recipient,
    Rule,
    StartFallback,
    Unit,
)
from openum.vocabulary.terms import Ball, ClockPurpose, LineOfBusiness, Urgency

_FIELDS = {field.name for field in fields(Rule)} - {"missed_law"}


class InvalidRule(ValueError):
    """A row of deadline policy is not usable. The message names the row and what is wrong."""


def rule_from_row(row: Mapping[str, Any]) -> Rule:
    """Build a Rule.

    Raises:
        InvalidRule: an unknown or missing field, an unknown word, a wrong type.
    """
    name = str(row.get("id", "a row without id"))
    unknown = set(row) - _FIELDS
    if unknown:
        raise InvalidRule(f"{name}: unknown field {', '.join(sorted(unknown))}.")
    try:
        rule = _build(row)
    except KeyError as error:
        raise InvalidRule(f"{name}: {error.args[0]} is missing.") from error
    except (TypeError, ValueError) as error:
        raise InvalidRule(f"{name}: {error}.") from error
    if rule.starts in rule.stops:
        raise InvalidRule(f"{name}: {rule.starts} starts the time and stops it.")
    return rule


def _build(row: Mapping[str, Any]) -> Rule:
    request_type = frozenset(row["request_type"])
    missed = row["missed"]
    return Rule(
        id=str(row["id"]),
        version=int(row["version"]),
        title=str(row["title"]),
        law=str(row["law"]),
        source=str(row["source"]),
        source_verified=bool(row["source_verified"]),
        effective_from=_day(row["effective_from"]),
        effective_to=_day(row["effective_to"]) if row.get("effective_to") else None,
        line_of_business=_businesses(row),
        request_type=request_type,
        asked_as=frozenset(row["asked_as"]) if "asked_as" in row else request_type,
        purpose=ClockPurpose(row["purpose"]),
        recipient=Recipient(row["recipient"]),
        limit=_limit(row["limit"]),
        starts=FactKind(row.get("starts", "received")),
        starts_reason=str(row.get("starts_reason", "")),
        starts_anew=bool(row.get("starts_anew", False)),
        stops=_kinds(row["stops"]),
        missed=Missed(missed["effect"]),
        missed_law=str(missed.get("law", "")),
        states=frozenset(row.get("states") or ()),
        except_states=frozenset(row.get("except_states") or ()),
        force=Force(row.get("force", "law")),
        only_without_law=bool(row.get("only_without_law", False)),
        urgency=Urgency(row["urgency"]) if row.get("urgency") else None,
        governed_by=FactKind(row.get("governed_by", "received")),
        voided_by=_kinds(row.get("voided_by", ())),
        when=tuple(_condition(entry) for entry in row.get("when", ())),
        code_prefixes=tuple(str(prefix) for prefix in row.get("code_prefixes", ())),
        modifiers=frozenset(str(modifier) for modifier in row.get("modifiers", ())),
        diagnoses=frozenset(str(code) for code in row.get("diagnoses", ())),
        code_systems=frozenset(str(system).casefold() for system in row.get("code_systems", ())),
        benefits=frozenset(str(benefit) for benefit in row.get("benefits", ())),
        start_fallback=StartFallback(**row["start_fallback"]) if row.get("start_fallback") else None,
        later_of=FactKind(row["later_of"]) if row.get("later_of") else None,
        information=_information(row.get("information")),
        extension=_extension(row.get("extension")),
        upgrades_to=str(row.get("upgrades_to", "")),
        downgrades_to=str(row.get("downgrades_to", "")),
        ball=Ball(row.get("ball", "payer")),
        notes=" ".join(str(row.get("notes", "")).split()),
    )


def _businesses(row: Mapping[str, Any]) -> frozenset[LineOfBusiness]:
    """Return the laws a row speaks of. What a plan or an accreditor sets for Medicare Advantage holds for an integrated
    plan too; an acknowledgement its own law wants (42 CFR 422.629(g)).
    """
    named = frozenset(LineOfBusiness(word) for word in row["line_of_business"])
    is_law = row.get("force", "law") == Force.LAW
    if is_law or LineOfBusiness.MEDICARE_ADVANTAGE not in named or row["purpose"] == ClockPurpose.ACKNOWLEDGE:
        return named
    return named | {LineOfBusiness.INTEGRATED_DUAL}


def _day(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _kinds(words: Any) -> frozenset[FactKind]:
    return frozenset(FactKind(word) for word in words)


def _limit(entry: Mapping[str, Any]) -> Limit:
    values = dict(entry)
    values["unit"] = Unit(values["unit"])
    if values.get("amount_from"):
        values["amount_from"] = FactKind(values["amount_from"])
    return Limit(**values)


def _information(entry: Mapping[str, Any] | None) -> InformationTerms:
    if not entry:
        return InformationTerms()
    return InformationTerms(**{**entry, "effect": Information(entry["effect"])})


def _extension(entry: Mapping[str, Any] | None) -> Extension | None:
    return Extension(**{**entry, "reasons": tuple(entry.get("reasons", ()))}) if entry else None


def _condition(entry: Mapping[str, Any]) -> Condition:
    return Condition(**{**entry, "fact": FactKind(entry["fact"])})
