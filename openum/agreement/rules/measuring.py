"""How well readers agree: share, kappa of Cohen and Fleiss, and the words for it. Exact and pure.

Cohen, Educational and Psychological Measurement 20 (1960) 37; Fleiss, Psychological Bulletin 76 (1971) 378; bands of Landis
and Koch, Biometrics 33 (1977) 159.
"""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import combinations


class Band(StrEnum):
    """Landis and Koch's words for a kappa."""

    NONE = "none"
    SLIGHT = "slight"
    FAIR = "fair"
    MODERATE = "moderate"
    SUBSTANTIAL = "substantial"
    ALMOST_PERFECT = "almost_perfect"


_BANDS = (
    (Fraction(1, 5), Band.SLIGHT), (Fraction(2, 5), Band.FAIR), (Fraction(3, 5), Band.MODERATE),
    (Fraction(4, 5), Band.SUBSTANTIAL), (Fraction(1), Band.ALMOST_PERFECT),
)  # fmt: skip


def band_of(kappa: Fraction) -> Band:
    """Return the word: below 0 none, up to 0.20 slight, 0.40 fair, 0.60 moderate, 0.80 substantial, else almost perfect."""
    return Band.NONE if kappa < 0 else next(band for limit, band in _BANDS if kappa <= limit)


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """How readers agree on some items.

    Attributes:
        items: things that every reader answered; 0 where nothing can be said.
        readers: how many.
        observed: share of agreeing pairs of readers, 0 to 1; None without items.
        kappa: Cohen's for two readers, Fleiss' for more; None where all answered alike throughout, as chance alone would.
        prevalence: share of each answer among all.
    """

    items: int
    readers: int
    observed: Fraction | None
    kappa: Fraction | None
    prevalence: Mapping[str, Fraction]

    @property
    def band(self) -> Band | None:
        """The word for the kappa."""
        return None if self.kappa is None else band_of(self.kappa)


def agreement(rows: Sequence[Sequence[str]]) -> Agreement:
    """Measure items by readers: each row is an item, each column a reader, in one order.

    Raises:
        ValueError: rows of different length, or fewer than two readers.
    """
    if not rows:
        return Agreement(items=0, readers=0, observed=None, kappa=None, prevalence={})
    readers = len(rows[0])
    if readers < 2 or any(len(row) != readers for row in rows):
        raise ValueError("Agreement is measured between at least two readers who answered the same items.")
    counts = Counter(value for row in rows for value in row)
    prevalence = {value: Fraction(count, len(rows) * readers) for value, count in sorted(counts.items())}
    pairs = readers * (readers - 1)
    observed = sum(
        (Fraction(sum(n * (n - 1) for n in Counter(row).values()), pairs) for row in rows), Fraction(0)
    ) / len(rows)
    by_chance = _cohen(rows, counts) if readers == 2 else sum(share**2 for share in prevalence.values())
    kappa = None if by_chance == 1 else (observed - by_chance) / (1 - by_chance)
    return Agreement(items=len(rows), readers=readers, observed=observed, kappa=kappa, prevalence=prevalence)


def _cohen(rows: Sequence[Sequence[str]], values: Mapping[str, int]) -> Fraction:
    first, second = (Counter(column) for column in zip(*rows, strict=True))
    return sum((Fraction(first[value] * second[value], len(rows) ** 2) for value in values), Fraction(0))


def pairs_that_differ(row: Mapping[Hashable, str]) -> int:
    """Return how many pairs of readers answered one item differently."""
    return sum(row[one] != row[other] for one, other in combinations(row, 2))


@dataclass(frozen=True, kw_only=True)
class Marks:
    """What agreement a plan asks for: shares 0 to 1, and kappas."""

    agreement: Fraction
    kappa: Fraction
    corrective_agreement: Fraction
    corrective_kappa: Fraction
    read_again_below: Fraction


class Verdict(StrEnum):
    """What follows from a round."""

    PASSED = "passed"
    WATCH = "watch"
    CORRECT = "correct"
    NOTHING_TO_SAY = "nothing_to_say"


def verdict(found: Agreement, marks: Marks) -> Verdict:
    """Return what follows: passed by share or kappa; a corrective plan where neither reaches the lower mark."""
    if found.observed is None:
        return Verdict.NOTHING_TO_SAY
    if found.observed >= marks.agreement or (found.kappa is not None and found.kappa >= marks.kappa):
        return Verdict.PASSED
    enough = found.observed >= marks.corrective_agreement or (
        found.kappa is not None and found.kappa >= marks.corrective_kappa
    )
    return Verdict.WATCH if enough else Verdict.CORRECT


def is_to_be_read_again(found: Agreement, marks: Marks) -> bool:
    """Whether the readers of an item should read its criterion again: kappa below the mark, or, without one, the share."""
    if found.observed is None:
        return False
    return (found.kappa if found.kappa is not None else found.observed) < marks.read_again_below
