"""The files of a comparison: value.json, value.csv, balance.csv and METHOD.md. None has a row per person."""

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from openum.analytics.value.compare import Comparison, Result
from openum.analytics.value.effects import LEVEL, Estimate, e_value, e_value_of_end, weighted
from openum.analytics.value.matching import NEGLIGIBLE, VARIABLES
from openum.analytics.value.method import method
from openum.analytics.value.plan import ALL, LABELS, LEAST_SHOWN, MONTHS_BEFORE, OUTCOMES, VARIABLE_LABELS

VERSION: Final = "1"
"""Of the method; a change of how anything is computed makes a new one."""

DEFINITIONS: Final = {"paid": "D13", "admissions": "D3", "ed_visits": "D5", "bed_days": "D4", "readmissions": "D14"}
UNITS: Final = {"paid": "dollars per member month"} | dict.fromkeys(OUTCOMES[1:], "per 1,000 a year")
FACTORS: Final = {"paid": 1.0} | dict.fromkeys(OUTCOMES[1:], 12_000.0)
VALUE_HEADS: Final = (
    "programme", "outcome", "definition", "unit", "coordinated", "member_months", "coordinated_before", "coordinated_after",
    "alike_before", "alike_after", "difference", "low", "high", "ratio", "ratio_low", "ratio_high", "e_value",
    "e_value_of_interval", "before_after_alone",
)  # fmt: skip
BALANCE_HEADS: Final = (
    "variable", "coordinated", "everybody", "difference_before", "coordinated_matched", "alike", "difference_after",
    "is_balanced",
)  # fmt: skip


def write(found: Comparison, folder: Path) -> dict[str, Any]:
    """Write the files and return what stands in value.json."""
    folder.mkdir(parents=True, exist_ok=True)
    answer = answer_of(found)
    (folder / "value.json").write_text(json.dumps(answer, indent=2, ensure_ascii=False) + "\n", "utf-8")
    rows = [[row[name] for name in VALUE_HEADS] for row in answer["results"]]
    _csv(folder / "value.csv", VALUE_HEADS, rows)
    _csv(folder / "balance.csv", BALANCE_HEADS, [[row[name] for name in BALANCE_HEADS] for row in answer["balance"]])
    (folder / "METHOD.md").write_text(method(answer), "utf-8")
    return answer


def answer_of(found: Comparison) -> dict[str, Any]:
    """Return everything that is known of a comparison, as plain values."""
    choices = found.choices
    answer: dict[str, Any] = {
        "method_version": VERSION,
        "data_until": found.data_until.isoformat(),
        "paid_until": found.paid_until.isoformat() if found.paid_until else None,
        "choices": {
            "months_before": MONTHS_BEFORE, "least_follow_up": choices.least_follow_up,
            "most_follow_up": choices.most_follow_up, "neighbours": choices.neighbours, "caliper": choices.caliper,
            "draws": choices.draws, "seed": choices.seed, "interval_percent": LEVEL,
            "cost_pmpm": choices.cost_pmpm,
        },
        "people": people_of(found),
        "balance": balance_of(found),
        "results": [row for result in found.results for row in rows_of(result)],
        "placebo": [estimate_of(name, each) for name, each in zip(OUTCOMES, found.placebo, strict=True)],
        "sensitivity": {
            "rates_capped": [estimate_of(name, each) for name, each in zip(OUTCOMES, found.capped, strict=True)],
            "nearest_only": [estimate_of(name, each) for name, each in zip(OUTCOMES, found.nearest, strict=True)],
        },
        "net": net_of(found),
    }  # fmt: skip
    return answer | {"is_conclusive": is_conclusive(found), "warnings": list(warnings_of(found))}


def is_conclusive(found: Comparison) -> bool:
    """Say whether cost may be concluded on: alike in cost before the start, and no drawing apart in cost before it."""
    in_cost = [row for row in found.balance if row.variable.startswith("log_paid")]
    return all(abs(row.after) < NEGLIGIBLE for row in in_cost) and not found.placebo[OUTCOMES.index("paid")].is_clear


def people_of(found: Comparison) -> dict[str, Any]:
    """Return how many people came how far, and who had nobody alike."""
    pools = found.pools
    return {
        "listed": len(found.cohort.people) + found.cohort.repeated,
        "listed_again": found.cohort.repeated,
        "left_out": {reason: count for reason, count in sorted(pools.left_out.items()) if count},
        "followed": len(pools.coordinated),
        "matched": len(pools.matched),
        "compared_with": found.others,
        "member_months": int(found.months),
        "unmatched": [
            {"why": why, "people": len(rows), **described(rows)} for why, rows in pools.unmatched.items() if rows
        ],
    }


def described(rows: Sequence[Any]) -> dict[str, float | None]:
    """Return the means of some people, nothing when they are so few that somebody could be recognised."""
    if len(rows) < LEAST_SHOWN:
        return {}
    return {f"mean_{name}": rounded(value) for name, value in zip(VARIABLES, np.mean(rows, axis=0), strict=True)}


def balance_of(found: Comparison) -> list[dict[str, Any]]:
    """Return the table of balance."""
    return [
        {
            "variable": row.variable, "coordinated": rounded(row.coordinated), "everybody": rounded(row.everybody),
            "difference_before": rounded(row.before), "coordinated_matched": rounded(row.matched),
            "alike": rounded(row.alike), "difference_after": rounded(row.after),
            "is_balanced": abs(row.after) < NEGLIGIBLE,
        }
        for row in found.balance
    ]  # fmt: skip


def rows_of(result: Result) -> list[dict[str, Any]]:
    """Return one row for each outcome."""
    sets = result.sets
    sides = {
        "coordinated_before": sets.before, "coordinated_after": sets.after, "alike_before": sets.others_before,
        "alike_after": sets.others_after,
    }  # fmt: skip
    means = {name: weighted(rates, sets.months) for name, rates in sides.items()}
    rows = []
    for at, name in enumerate(OUTCOMES):
        effect, ratio, factor = result.effects[at], result.ratios[at], FACTORS[name]
        rows.append(
            {
                "programme": result.programme or ALL, "outcome": name, "definition": DEFINITIONS[name], "unit": UNITS[name],
                "coordinated": len(sets), "member_months": int(sets.months.sum()),
                **{side: rounded(values[at] * factor) for side, values in means.items()},
                **{key: value for key, value in estimate_of(name, effect).items() if key not in {"outcome", "unit"}},
                "ratio": ratio and rounded(ratio.value), "ratio_low": ratio and rounded(ratio.low),
                "ratio_high": ratio and rounded(ratio.high), "e_value": ratio and rounded(e_value(ratio.value)),
                "e_value_of_interval": ratio and rounded(e_value_of_end(ratio)),
                "before_after_alone": rounded(result.before_after[at] * factor),
            }
        )  # fmt: skip
    return rows


def estimate_of(name: str, each: Estimate) -> dict[str, Any]:
    """Return an effect in the unit of its outcome."""
    shown = each.times(FACTORS[name])
    return {
        "outcome": name, "unit": UNITS[name], "difference": rounded(shown.value), "low": rounded(shown.low),
        "high": rounded(shown.high),
    }  # fmt: skip


def net_of(found: Comparison) -> dict[str, Any] | None:
    """Return savings less what the programme costs, a member month and together; None when the cost is not known."""
    cost = found.choices.cost_pmpm
    if cost is None:
        return None
    saved = found.results[0].effects[OUTCOMES.index("paid")].times(-1)
    net = saved.plus(-cost)
    parts = {"saved": saved, "net": net, "saved_together": saved.times(found.months), "net_together": net.times(found.months)}  # fmt: skip
    answer: dict[str, Any] = {
        name: {"value": rounded(each.value), "low": rounded(each.low), "high": rounded(each.high)}
        for name, each in parts.items()
    }
    return answer | {
        "cost": cost,
        "cost_together": rounded(cost * found.months),
        "saved_per_dollar": rounded(saved.value / cost) if cost else None,
    }


def warnings_of(found: Comparison) -> Iterable[dict[str, str]]:
    """Yield what a reader must know before believing the numbers, each with an id."""
    own, paid = found.results[0], OUTCOMES.index("paid")
    if own.before_after[paid] < 0:
        yield {
            "id": "regression-to-the-mean",
            "text": f"Coordinated people cost {-own.before_after[paid]:,.2f} dollars a month less after the start than before. That is "
            "no saving: who is chosen in a bad time mostly gets better without help. Only the difference from people alike counts.",
        }
    for name, each in zip(OUTCOMES, found.placebo, strict=True):
        if each.is_clear:
            yield {
                "id": f"placebo-{name}",
                "text": f"{LABELS[name]}: coordinated people and those alike drew apart already before the start (younger against "
                "older half of the twelve months). The difference after the start cannot be told from that.",
            }
    worst = [VARIABLE_LABELS[row.variable] for row in found.balance if abs(row.after) >= NEGLIGIBLE]
    if worst:
        yield {
            "id": "not-balanced",
            "text": f"After matching the people still differ in {', '.join(worst)} (before the start) by {NEGLIGIBLE} standard deviations or more. "
            "Use a narrower --caliper, or read the result with care.",
        }
    share = 1 - len(found.pools.matched) / len(found.pools.coordinated)
    if share > 0.2:
        yield {
            "id": "many-unmatched",
            "text": f"{share:.0%} of the people who could be followed had nobody alike. The result speaks only of the others.",
        }
    if found.paid_until and (found.paid_until - found.data_until).days < 90:
        yield {
            "id": "immature",
            "text": "Payments of less than 90 days after the last service are in the data: the youngest months will still grow, on "
            "both sides.",
        }
    if found.results[0].effects[paid].is_clear and not found.capped[paid].is_clear:
        yield {
            "id": "rests-on-few",
            "text": "The difference in cost is clear only while the highest rates count in full: it rests on a few people.",
        }


def rounded(value: float) -> float | None:
    """Return a number as it is published: six decimals, no negative zero; None when it has no bound."""
    if not np.isfinite(value):
        return None
    return round(float(value), 6) + 0.0


def _csv(file: Path, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(heads)
        for row in rows:
            writer.writerow(
                ["" if value is None else str(value).lower() if isinstance(value, bool) else value for value in row]
            )
