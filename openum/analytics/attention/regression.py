"""Logistic regression with a ridge, and how good a ranking and its probabilities are. Numbers only; nothing by chance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """A fitted model: features are centred and scaled by `mean` and `spread` before `weights` apply."""

    intercept: float
    weights: Numbers
    mean: Numbers
    spread: Numbers

    def parts(self, features: Numbers) -> Numbers:
        """Return what each feature adds to the log odds, beside a person with mean features."""
        return np.asarray((features - self.mean) / self.spread * self.weights)

    def probability(self, features: Numbers) -> Numbers:
        """Return the probabilities."""
        return sigmoid(self.intercept + self.parts(features).sum(axis=1))


def sigmoid(value: Numbers) -> Numbers:
    """Return the logistic function, safe for large values."""
    return np.asarray(1 / (1 + np.exp(-np.clip(value, -35, 35))))


def logistic(features: Numbers, outcome: Numbers, *, ridge: float = 1.0, steps: int = 50) -> Fit:
    """Fit by iteratively reweighted least squares; the intercept carries no penalty."""
    mean, spread = features.mean(axis=0), features.std(axis=0)
    spread = np.where(spread == 0, 1.0, spread)
    design = np.column_stack([np.ones(len(features)), (features - mean) / spread])
    penalty = np.diag([0.0, *[ridge] * features.shape[1]])
    weights = np.zeros(design.shape[1])
    for _ in range(steps):
        chance = sigmoid(design @ weights)
        variance = np.maximum(chance * (1 - chance), 1e-9)
        slope = design.T @ (outcome - chance) - penalty @ weights
        change = np.linalg.solve(design.T @ (design * variance[:, None]) + penalty + 1e-9 * np.eye(len(weights)), slope)
        weights = weights + change
        if np.abs(change).max() < 1e-9:
            break
    return Fit(float(weights[0]), weights[1:], mean, spread)


def auc(score: Numbers, outcome: Numbers) -> float | None:
    """Return the chance that one with the outcome ranks above one without, ties counting half; None without both."""
    positive = int(outcome.sum())
    negative = len(outcome) - positive
    if not positive or not negative:
        return None
    _, place, count = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[place]
    return float((rank[outcome == 1].sum() - positive * (positive + 1) / 2) / (positive * negative))


def calibration(chance: Numbers, outcome: Numbers) -> dict[str, object]:
    """Return Brier score, the line of observed on expected log odds (1 and 0 are perfect), and tenths of the predicted."""
    odds = np.log(np.clip(chance, 1e-6, 1 - 1e-6) / (1 - np.clip(chance, 1e-6, 1 - 1e-6)))
    line = logistic(odds[:, None], outcome, ridge=0.0)
    slope = float(line.weights[0] / line.spread[0])
    tenths = np.array_split(np.argsort(chance, kind="stable"), 10)
    return {
        "brier": round(float(((chance - outcome) ** 2).mean()), 5),
        "slope": round(slope, 3),
        "intercept": round(float(line.intercept - slope * line.mean[0]), 3),
        "tenths": [
            {"people": len(part), "expected": round(float(chance[part].mean()), 4), "observed": round(float(outcome[part].mean()), 4)}
            for part in tenths if len(part)
        ],
    }  # fmt: skip


def recall_at(score: Numbers, outcome: Numbers, capacity: int) -> float | None:
    """Return the share of those with the outcome who are among the highest `capacity` scores; None when there are none."""
    if not outcome.sum():
        return None
    chosen = np.argsort(-score, kind="stable")[:capacity]
    return round(float(outcome[chosen].sum() / outcome.sum()), 4)
