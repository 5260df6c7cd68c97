"""Reading what `openum attention` wrote: a model's card and its scores. All or nothing; a fault names its row and cure. Pure."""

import csv
import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, ClassVar

from openum.vocabulary.errors import Invalid

NEEDED = ("model", "version", "person_id", "as_of", "probability", "drivers")
MOST_BYTES = 20_000_000
MOST_ROWS = 50_000
_MOST_FAULTS = 10


class ScoresUnreadable(Invalid):
    """The card or the scores cannot be read, do not belong together, or the model may not be used."""

    code: ClassVar[str] = "attention-scores-unreadable"


class Answered(StrEnum):
    """What became of a suggestion."""

    OPEN = "open"
    HELP_OFFERED = "help_offered"
    NOT_REACHED = "not_reached"
    DECLINED = "declined"
    SET_ASIDE = "set_aside"


@dataclass(frozen=True, kw_only=True)
class Score:
    """One person as a model sees them: how likely, as of which day, and why in words."""

    person_id: str
    as_of: date
    probability: Decimal
    drivers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Scored:
    """What a file holds: the latest score of each person.

    Attributes:
        version: first characters of the digest of what the model computes with.
        digest: SHA-256 of the scores as they came, hexadecimal.
    """

    model: str
    version: str
    card: Mapping[str, Any]
    digest: str
    scores: tuple[Score, ...]


def read(card: bytes, scores: bytes) -> Scored:
    """Read a model's card (model_….json) and the scores of that model from scores.csv.

    Raises:
        ScoresUnreadable: naming what is wrong and what to do.
    """
    if len(card) + len(scores) > MOST_BYTES:
        raise ScoresUnreadable("The files are larger than 20 MB. Load fewer people.")
    held = _card(card)
    try:
        table = csv.DictReader(io.StringIO(scores.decode("utf-8-sig")))
        rows = list(table)
    except (UnicodeDecodeError, csv.Error) as error:
        raise ScoresUnreadable(
            "The scores are no UTF-8 table. Give scores.csv as openum attention wrote it."
        ) from error
    if missing := [name for name in NEEDED if name not in (table.fieldnames or ())]:
        raise ScoresUnreadable(f"The column {missing[0]} is missing. Give scores.csv as openum attention wrote it.")
    if len(rows) > MOST_ROWS:
        raise ScoresUnreadable(f"The table has more than {MOST_ROWS:,} rows. Load fewer people.")
    version = str(held["digest"])[:12]
    own = [(number, row) for number, row in enumerate(rows, start=2) if row["model"] == held["model"]]
    if not own:
        raise ScoresUnreadable("The table has no score of this model. Give the card and the scores of one run.")
    faults, latest = [], dict[str, Score]()
    for number, row in own:
        if row["version"] != version:
            raise ScoresUnreadable(f"Row {number} is of version {row['version']}, the card of {version}. Give one run.")
        score = _score(row)
        if isinstance(score, str):
            faults.append(f"Row {number}: {score}")
        elif score.person_id not in latest or latest[score.person_id].as_of < score.as_of:
            latest[score.person_id] = score
    if faults:
        raise ScoresUnreadable(" ".join(faults[:_MOST_FAULTS]))
    return Scored(
        model=str(held["model"]), version=version, card=held, digest=hashlib.sha256(scores).hexdigest(),
        scores=tuple(sorted(latest.values(), key=lambda one: (-one.probability, one.person_id))),
    )  # fmt: skip


def _card(card: bytes) -> dict[str, Any]:
    try:
        held = json.loads(card)
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ScoresUnreadable("The card is no JSON. Give model_….json as openum attention wrote it.") from error
    if not isinstance(held, dict) or not {"model", "digest", "refused", "use"} <= held.keys():
        raise ScoresUnreadable("The card names no model. Give model_….json as openum attention wrote it.")
    if held["refused"]:
        raise ScoresUnreadable(f"This model may not be used. {held['refused']}")
    return held


def _score(row: Mapping[str, str]) -> Score | str:
    try:
        probability = Decimal(row["probability"])
    except InvalidOperation:
        return "the probability is no number."
    if not 0 <= probability <= 1:
        return "the probability is not between 0 and 1."
    try:
        as_of = date.fromisoformat(row["as_of"])
    except ValueError:
        return "as_of is no day like 2030-01-31."
    if not row["person_id"].strip():
        return "nobody is named."
    drivers = tuple(part.strip() for part in row["drivers"].split(";") if part.strip())
    return Score(person_id=row["person_id"].strip(), as_of=as_of, probability=probability, drivers=drivers)
