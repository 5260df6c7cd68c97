"""Models trained in the plan's own data: earlier people train, later ones judge, and a baseline is to be beaten."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from openum.analytics.attention.regression import Fit, Numbers, auc, calibration, logistic, recall_at

FORMAT = "1"

LEAST_ROWS, LEAST_OUTCOMES = 200, 40
"""Fewer rows, or outcomes, in either part: the model is not usable."""

LEAST_OF_GROUP = 50
"""A smaller group is named without figures."""

CAPACITY = 200


@dataclass(frozen=True)
class Feature:
    """A feature with the words in which it is told."""

    name: str
    words: str


@dataclass(frozen=True)
class Question:
    """What a model answers."""

    name: str
    outcome: str
    features: tuple[Feature, ...]
    baseline: str
    """What has to be beaten, in words."""


@dataclass(frozen=True)
class Rows:
    """People, or stays, with their features, outcome, baseline score and groups."""

    ids: list[str]
    features: Numbers
    outcome: Numbers
    baseline: Numbers
    groups: dict[str, list[str]]


@dataclass(frozen=True)
class Trained:
    """A model with its card; `refused` says why it may not be used."""

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


def train(question: Question, early: Rows, late: Rows, period: dict[str, str]) -> Trained:
    """Train on the earlier rows and judge on the later ones; what is too small or no better than its baseline is refused."""
    card: dict[str, Any] = {
        "model": question.name, "format": FORMAT, "outcome": question.outcome, "baseline": question.baseline,
        "use": "To offer help. Never to deny, delay, limit or price care.", **period,
        "training": counts(early), "test": counts(late), "refused": too_small(early, late), "digest": "",
    }  # fmt: skip
    if card["refused"]:
        return Trained(question, None, card)
    fit = logistic(early.features, early.outcome)
    chance = fit.probability(late.features)
    own, base = auc(chance, late.outcome) or 0, auc(late.baseline, late.outcome) or 0
    card |= {
        "auc": round(own, 4), "baseline_auc": round(base, 4), "calibration": calibration(chance, late.outcome),
        "capacity": CAPACITY, "recall_at_capacity": recall_at(chance, late.outcome, CAPACITY),
        "baseline_recall_at_capacity": recall_at(late.baseline, late.outcome, CAPACITY),
        "groups": by_group(chance, late), "weights": saved(question, fit),
    }  # fmt: skip
    card["refused"] = no_better(card)
    card["digest"] = hashlib.sha256(json.dumps(card["weights"], sort_keys=True).encode()).hexdigest()
    return Trained(question, fit, card)


def no_better(card: dict[str, Any]) -> str:
    """Say in what the model does not beat its baseline: the whole ranking, or the people that can be called; or nothing."""
    if card["auc"] <= card["baseline_auc"]:
        return f"On later data its AUC ({card['auc']}) is no better than that of {card['baseline']} ({card['baseline_auc']})."
    if card["recall_at_capacity"] < card["baseline_recall_at_capacity"]:
        return (
            f"On later data it finds a smaller share among the first {card['capacity']} ({card['recall_at_capacity']}) than "
            f"{card['baseline']} ({card['baseline_recall_at_capacity']})."
        )
    return ""


def counts(rows: Rows) -> dict[str, int]:
    """Return how many rows there are and how many have the outcome."""
    return {"rows": len(rows.ids), "outcomes": int(rows.outcome.sum())}


def too_small(early: Rows, late: Rows) -> str:
    """Say what is too few, or nothing."""
    for part, rows in (("train on", early), ("judge by", late)):
        found = counts(rows)
        if found["rows"] < LEAST_ROWS or found["outcomes"] < LEAST_OUTCOMES:
            return (
                f"There are {found['rows']} rows with {found['outcomes']} outcomes to {part}; {LEAST_ROWS} and "
                f"{LEAST_OUTCOMES} are needed."
            )
    return ""


def saved(question: Question, fit: Fit) -> dict[str, Any]:
    """Return everything the model computes with."""
    return {
        "intercept": round(fit.intercept, 10),
        "features": [
            {"name": feature.name, "weight": round(float(w), 10), "mean": round(float(m), 10), "spread": round(float(s), 10)}
            for feature, w, m, s in zip(question.features, fit.weights, fit.mean, fit.spread, strict=True)
        ],
    }  # fmt: skip


def by_group(chance: Numbers, rows: Rows) -> list[dict[str, Any]]:
    """Return discrimination and calibration at large in each group; small ones without figures."""
    found = []
    for kind, names in rows.groups.items():
        values = np.array(names)
        for name in sorted(set(names)):
            of = values == name
            row: dict[str, Any] = {"by": kind, "group": name}
            if of.sum() < LEAST_OF_GROUP:
                found.append(row | {"rows": f"fewer than {LEAST_OF_GROUP}"})
                continue
            area = auc(chance[of], rows.outcome[of])
            found.append(
                row
                | {
                    "rows": int(of.sum()), "auc": None if area is None else round(area, 4),
                    "expected": round(float(chance[of].mean()), 4), "observed": round(float(rows.outcome[of].mean()), 4),
                }
            )  # fmt: skip
    return found


def drivers(trained: Trained, features: Numbers, most: int = 3) -> list[str]:
    """Return, for each row, what raises its score most, in words; features that lower it are not named."""
    if trained.fit is None:
        return [""] * len(features)
    parts = trained.fit.parts(features)
    return [told(trained.question.features, part, values, most) for part, values in zip(parts, features, strict=True)]


def told(features: Sequence[Feature], parts: Numbers, values: Numbers, most: int) -> str:
    """Return the words of the features that add most."""
    order = [index for index in np.argsort(-parts, kind="stable") if parts[index] > 0 and values[index] > 0][:most]
    return "; ".join(features[index].words.format(n=f"{values[index]:,.0f}") for index in order)


def told_counts(found: dict[str, int]) -> str:
    """Return rows and outcomes in one text."""
    return f"{found['rows']} and {found['outcomes']}"


def card_text(card: dict[str, Any]) -> str:
    """Return the model card as Markdown."""
    lines = [
        f"# Model card: {card['model']}", "", f"**Use.** {card['use']}", "", f"**Outcome.** {card['outcome']}", "",
        f"**Version.** `{card['digest'][:12] or 'none'}`, trained on {card['train_period']}, judged on {card['test_period']}.", "",
        f"**May be used:** {'no. ' + card['refused'] if card['refused'] else 'yes'}", "",
        f"Training rows and outcomes: {told_counts(card['training'])}; test: {told_counts(card['test'])}.",
    ]  # fmt: skip
    if "auc" in card:
        fitted = card["calibration"]
        lines += [
            "", "| figure on later data | model | " + card["baseline"] + " |", "|---|---|---|",
            f"| AUC | {card['auc']} | {card['baseline_auc']} |",
            f"| found among the first {card['capacity']} | {card['recall_at_capacity']} | {card['baseline_recall_at_capacity']} |",
            "", f"Brier score {fitted['brier']}; calibration slope {fitted['slope']} (1 is perfect), intercept {fitted['intercept']} (0).",
            "", "| tenth | rows | expected | observed |", "|---|---|---|---|",
            *(f"| {n} | {row['people']} | {row['expected']} | {row['observed']} |" for n, row in enumerate(fitted["tenths"], 1)),
            "", "| by | group | rows | AUC | expected | observed |", "|---|---|---|---|---|---|",
            *(
                f"| {row['by']} | {row['group']} | {row['rows']} | {row.get('auc', '')} | {row.get('expected', '')} | {row.get('observed', '')} |"
                for row in card["groups"]
            ),
        ]  # fmt: skip
    return "\n".join(lines) + "\n"
