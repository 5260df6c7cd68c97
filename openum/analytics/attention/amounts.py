"""How much a person's care will probably cost, in dollars: a model of the mean that has to beat two simple guesses."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from openum.analytics.attention.models import LEAST_OF_GROUP, LEAST_ROWS, Feature, Question, saved
from openum.analytics.attention.regression import Fit, Numbers

CAP = 250_000.0
"""Dollars. What is above is not counted in training and judging, so that single people do not carry the answer."""


@dataclass(frozen=True)
class Costs:
    """People with their features, what was paid for them afterwards and before, and their groups.

    Attributes:
        paid: dollars of the months that are predicted; `before`: of the last twelve, scaled to as many months.
    """

    ids: list[str]
    features: Numbers
    paid: Numbers
    before: Numbers
    groups: dict[str, list[str]]


@dataclass(frozen=True)
class Amounts:
    """A model of dollars with its card; `refused` says why it may not be used."""

    question: Question
    fit: Fit | None
    card: dict[str, Any]

    @property
    def refused(self) -> str:
        """Return the reason, empty when the model may be used."""
        return str(self.card["refused"])

    @property
    def version(self) -> str:
        """Return the first twelve signs of the digest of what the model computes with."""
        return str(self.card["digest"])[:12]

    def expected(self, features: Numbers) -> Numbers:
        """Return the expected dollars, each at most `CAP`.

        Raises:
            ValueError: there is no model.
        """
        if self.fit is None:
            raise ValueError("There is no model.")
        return expected(self.fit, features)


def expected(fit: Fit, features: Numbers) -> Numbers:
    """Return the means that a fit gives."""
    return np.asarray(np.minimum(np.exp(np.minimum(fit.intercept + fit.parts(features).sum(axis=1), 20)), CAP))


def log_linear(features: Numbers, paid: Numbers, *, ridge: float = 1.0, steps: int = 100) -> Fit:
    """Fit the mean as the exponential of a weighted sum (quasi-Poisson, ridge); means of the whole are met in training."""
    mean, spread = features.mean(axis=0), features.std(axis=0)
    spread = np.where(spread == 0, 1.0, spread)
    design = np.column_stack([np.ones(len(features)), (features - mean) / spread])
    scale = max(float(paid.mean()), 1e-9)
    wanted = paid / scale
    penalty = np.diag([0.0, *[ridge] * features.shape[1]])
    weights = np.zeros(design.shape[1])
    for _ in range(steps):
        told = np.exp(np.clip(design @ weights, -20, 20))
        slope = design.T @ (wanted - told) - penalty @ weights
        change = np.linalg.solve(design.T @ (design * told[:, None]) + penalty + 1e-9 * np.eye(len(weights)), slope)
        change *= min(1.0, 1.0 / max(float(np.abs(change).max()), 1e-12))
        weights = weights + change
        if np.abs(change).max() < 1e-9:
            break
    return Fit(float(weights[0]) + float(np.log(scale)), weights[1:], mean, spread)


def explained(guess: Numbers, paid: Numbers) -> float:
    """Return the share of the variance that a guess explains (R²); below 0 when it is worse than the mean."""
    spread = float(((paid - paid.mean()) ** 2).sum())
    return round(1 - float(((paid - guess) ** 2).sum()) / spread, 4) if spread else 0.0


def off_by(guess: Numbers, paid: Numbers) -> float:
    """Return the mean distance in dollars."""
    return round(float(np.abs(guess - paid).mean()), 2)


def by_age_and_sex(early: Costs, late: Costs) -> Numbers:
    """Return the mean of people of the same age band and sex in the earlier part; of everybody where there were none."""
    cells = [list(zip(part.groups["age"], part.groups["sex"], strict=True)) for part in (early, late)]
    paid = np.minimum(early.paid, CAP)
    means = {
        cell: float(np.mean([paid[n] for n, each in enumerate(cells[0]) if each == cell])) for cell in set(cells[0])
    }
    return np.array([means.get(cell, float(paid.mean())) for cell in cells[1]])


def train(question: Question, early: Costs, late: Costs, period: dict[str, str]) -> Amounts:
    """Train on the earlier year and judge on the later; refused unless it is better than both guesses in both measures."""
    card: dict[str, Any] = {
        "model": question.name, "outcome": question.outcome, "baseline": question.baseline,
        "use": "To offer help. Never to deny, delay, limit or price care.", **period, "capped_at": CAP,
        "training": {"rows": len(early.ids)}, "test": {"rows": len(late.ids)}, "refused": "", "digest": "",
    }  # fmt: skip
    if min(len(early.ids), len(late.ids)) < LEAST_ROWS or not early.paid.any() or not late.paid.any():
        card["refused"] = (
            f"There are {len(early.ids)} people to train on and {len(late.ids)} to judge by; {LEAST_ROWS} with costs are needed."
        )
        return Amounts(question, None, card)
    paid = np.minimum(late.paid, CAP)
    fit = log_linear(early.features, np.minimum(early.paid, CAP))
    guesses = {
        "model": expected(fit, late.features), "cost before": np.minimum(late.before, CAP),
        "mean of age and sex": by_age_and_sex(early, late),
    }  # fmt: skip
    card |= {
        "judged": {name: {"r2": explained(guess, paid), "off_by": off_by(guess, paid)} for name, guess in guesses.items()},
        "tenths": tenths(guesses["model"], paid), "groups": by_group(guesses["model"], paid, late.groups),
        "weights": saved(question, fit),
    }  # fmt: skip
    card["refused"] = no_better(card["judged"])
    card["digest"] = hashlib.sha256(json.dumps(card["weights"], sort_keys=True).encode()).hexdigest()
    return Amounts(question, fit, card)


def no_better(judged: dict[str, dict[str, float]]) -> str:
    """Say which guess the model does not beat, and in what; or nothing."""
    own = judged["model"]
    for name, base in judged.items():
        if name == "model":
            continue
        if own["r2"] <= base["r2"]:
            return f"On later data it explains {own['r2']} of the variance; {name} explains {base['r2']}."
        if own["off_by"] >= base["off_by"]:
            return f"On later data it is off by {own['off_by']:,.0f} dollars; {name} by {base['off_by']:,.0f}."
    return ""


def told(guess: Numbers, paid: Numbers) -> dict[str, Any]:
    """Return what was expected and what came, in dollars each, and the ratio."""
    ratio = float(guess.sum() / paid.sum()) if paid.sum() else None
    return {
        "people": len(paid), "expected": round(float(guess.mean()), 2), "observed": round(float(paid.mean()), 2),
        "ratio": None if ratio is None else round(ratio, 3),
    }  # fmt: skip


def tenths(guess: Numbers, paid: Numbers) -> list[dict[str, Any]]:
    """Return calibration by tenths of what was expected."""
    return [told(guess[part], paid[part]) for part in np.array_split(np.argsort(guess, kind="stable"), 10) if len(part)]


def by_group(guess: Numbers, paid: Numbers, groups: dict[str, list[str]]) -> list[dict[str, Any]]:
    """Return the same of each group; small ones without figures."""
    found: list[dict[str, Any]] = []
    for kind, names in groups.items():
        values = np.array(names)
        for name in sorted(set(names)):
            of = values == name
            small = {"people": f"fewer than {LEAST_OF_GROUP}"}
            found.append(
                {"by": kind, "group": name, **(small if of.sum() < LEAST_OF_GROUP else told(guess[of], paid[of]))}
            )
    return found


def card_text(card: dict[str, Any]) -> str:
    """Return the model card as Markdown."""
    lines = [
        f"# Model card: {card['model']}", "", f"**Use.** {card['use']}", "", f"**Outcome.** {card['outcome']}", "",
        f"**Version.** `{card['digest'][:12] or 'none'}`, trained on {card['train_period']}, judged on {card['test_period']}.", "",
        f"**May be used:** {'no. ' + card['refused'] if card['refused'] else 'yes'}", "",
        f"People to train on: {card['training']['rows']}; to judge by: {card['test']['rows']}. Dollars above {CAP:,.0f} are not counted.",
    ]  # fmt: skip
    if "judged" in card:
        lines += ["", "| on later data | share of variance explained | off by, dollars |", "|---|---|---|"]
        lines += [f"| {name} | {row['r2']} | {row['off_by']} |" for name, row in card["judged"].items()]
        lines += ["", "| tenth | people | expected | observed | ratio |", "|---|---|---|---|---|"]
        lines += [
            f"| {n} | {row['people']} | {row['expected']} | {row['observed']} | {row['ratio']} |"
            for n, row in enumerate(card["tenths"], 1)
        ]
        lines += ["", "| by | group | people | expected | observed | ratio |", "|---|---|---|---|---|---|"]
        lines += [
            f"| {row['by']} | {row['group']} | {row['people']} | {row.get('expected', '')} | {row.get('observed', '')} | {row.get('ratio', '')} |"
            for row in card["groups"]
        ]
    return "\n".join(lines) + "\n"


def question_for(months: int) -> Question:
    """Return what is asked, for so many months ahead."""
    return Question(
        f"cost_next_{months}_months",
        f"Dollars paid in the next {months} months of those enrolled throughout.",
        (
            Feature("log_paid", "cost of the last 12 months"),
            Feature("log_recent", "cost of the last 6 months"),
            Feature("log_over", "cost above 1,100 dollars in the last 12 months"),
            Feature("idle", "no cost in the last 6 months"),
            Feature("stays", "{n} hospital stays in the last 12 months"),
            Feature("emergencies", "{n} emergency visits in the last 12 months"),
            Feature("comorbidity", "{n} long-term illnesses"),
            Feature("age", "age {n}"),
        ),
        "cost of the last 12 months; mean of age and sex",
    )
