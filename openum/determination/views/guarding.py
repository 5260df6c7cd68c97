"""What stands beside every form that says no: who is fit to sign, and each guard with its reason."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms

from openum.accounts.models import User
from openum.cases.models import ServiceLine
from openum.design.moments import day
from openum.determination import queries
from openum.determination.kept import KeptWordsForm
from openum.determination.protections import Law
from openum.determination.reasons import KEPT_WORDS
from openum.determination.rules import GuardAnswer
from openum.vocabulary.errors import OpenUMError


def answers_in(data: Mapping[str, str], prefix: str = "answer-") -> dict[str, str]:
    """Return the texts of a form whose names begin alike, by the rest of their names."""
    return {key.removeprefix(prefix): str(data[key]) for key in data if key.startswith(prefix)}


def fitness(line: ServiceLine, user: User, *, at: datetime) -> dict[str, Any]:
    """Return the licence that makes the reader fit to say no, or the sentence why they are not."""
    try:
        licence = queries.licence_to_deny(line, by=user, on=at.date())
    except OpenUMError as refusal:
        return {"why_not_fit": refusal.sentence, "licence": ""}
    return {"why_not_fit": "", "licence": f"{licence.kind} {licence.state}"}


def guards_beside(
    line: ServiceLine,
    user: User,
    *,
    answers: dict[str, str],
    form: forms.Form | None,
    typed: Mapping[str, str],
    at: datetime,
) -> dict[str, Any]:
    """Return the guards, whether those outside the form are met, and the overturned denials like this one.

    Args:
        form: as it was sent; None before that.
        typed: what was typed until now, for the answers to what the law asks.
    """
    overturned = queries.overturned_like(line, at=at)
    claimed = form.cleaned_data if form is not None and form.is_bound and form.is_valid() else {}
    statements = answers_in(typed, "statement-")
    guards = queries.guards_for(
        line,
        by=user,
        at=at,
        statements=statements,
        answers=answers,
        evidence=GuardAnswer(claimed["evidence"]) if claimed.get("evidence") else None,
        evidence_reason=claimed.get("evidence_reason", ""),
        conversation=GuardAnswer(claimed["conversation"]) if claimed.get("conversation") else None,
        conversation_reason=claimed.get("conversation_reason", ""),
        overturned=len(overturned),
        different=claimed.get("different", ""),
    )
    # Answers to the nodes and to the overturned ones are given in the form that denies: these guards do not hide it.
    asked = [guard for guard in guards if guard.key in set(Law)]
    before = [guard for guard in guards if guard.key not in {"nodes", "overturns", *Law}]
    lessons = [{"lesson": row, "on": day(row.made_at.date())} for row in overturned]
    return {
        "guards": guards,
        "may_deny": all(guard.is_met for guard in before),
        "lessons": lessons,
        "keeping": KeptWordsForm(because=statements.get(KEPT_WORDS, "")),
        "asked": [{"guard": guard, "statement": statements.get(guard.key, "")} for guard in asked],
    }
