"""Who gets a line: skill, licence, language and capacity, with the reason in words. Pure.

Greedy: one line after the other, the earliest deadline first, each to the person it suits best now. A person's load is
the sum of the complexity points of the lines they hold. How somebody decides is not known here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

LANGUAGES = {"en": "English", "es": "Spanish", "zh": "Chinese", "vi": "Vietnamese", "ko": "Korean", "ru": "Russian"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a line asks of the person who takes it. A product without a state takes a licence of any."""

    line: int
    case: int
    points: int
    queue: str
    backup: str = ""
    licence_kind: str = ""
    state: str = ""
    skills: frozenset[str] = frozenset()
    specialty: str = ""
    language: str = "en"
    is_pressing: bool = False
    """Its deadline is near: it goes to somebody even above their capacity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A person as they stand now. `capacity` and `load` are points; `licences` are the valid ones: kind and state."""

    user: int
    name: str
    queues: frozenset[str]
    licences: frozenset[tuple[str, str]] = frozenset()
    skills: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset({"en"})
    capacity: int = 0
    load: int = 0
    cases: frozenset[int] = frozenset()
    last_given: int = 0
    """A count that grows with every line given in this round, so that equals take turns."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Who, and why in words."""

    user: int
    because: str


@dataclass(frozen=True, slots=True)
class NoOne:
    """Nobody can take the line now, and why."""

    because: str


def choose(need: Need, people: Sequence[Candidate]) -> Choice | NoOne:
    """Choose who takes a line.

    Fit people of the queue first, then of its backup; within capacity first, above it only when the deadline is near.
    Among equals: who has the case already, who speaks the member's language, whose field it is, whose share of the day
    is freest, who got a line longest ago.
    """
    fit = [person for person in people if is_fit(need, person)]
    for queue in filter(None, (need.queue, need.backup)):
        free = [
            person for person in fit if queue in person.queues and person.load + need.points <= person.capacity
        ]  # fmt: skip
        if free:
            return _best(need, free, queue)
    working = [person for person in fit if person.capacity > 0 and person.queues & {need.queue, need.backup}]
    if need.is_pressing and working:
        return _best(need, working, need.queue, above=True)
    return NoOne(_why_nobody(need, people, fit))


def is_fit(need: Need, person: Candidate) -> bool:
    """Say whether a person has the licence and a field that a line asks for."""
    if need.licence_kind and not any(
        kind == need.licence_kind and need.state in {"", state} for kind, state in person.licences
    ):
        return False
    return not need.skills or bool(need.skills & person.skills)


def _best(need: Need, people: Sequence[Candidate], queue: str, *, above: bool = False) -> Choice:
    def order(person: Candidate) -> tuple[bool, bool, bool, float, int, int]:
        share = (person.load + need.points) / max(person.capacity, 1)
        return (
            need.case not in person.cases, need.language not in person.languages,
            bool(need.specialty) and need.specialty not in person.skills, round(share, 3), person.last_given, person.user,
        )  # fmt: skip

    person = min(people, key=order)
    return Choice(person.user, _because(need, person, queue, above=above))


def _because(need: Need, person: Candidate, queue: str, *, above: bool) -> str:
    words = []
    if need.case in person.cases:
        words.append("has the case already")
    own = sorted(need.skills & person.skills) or ([need.specialty] if need.specialty in person.skills else [])
    words += own[:1]
    if need.licence_kind:
        words.append(f"{need.licence_kind} licence {need.state}".strip())
    if need.language != "en" and need.language in person.languages:
        words.append(f"speaks {LANGUAGES.get(need.language, need.language)}")
    words.append(f"load {person.load + need.points}/{person.capacity}")
    if queue != need.queue:
        words.append(f"backup of {need.queue}, which is full")
    if above:
        words.append("above capacity, because the deadline is near")
    return ", ".join(words)


def _why_nobody(need: Need, people: Sequence[Candidate], fit: Sequence[Candidate]) -> str:
    own = [person for person in people if person.queues & {need.queue, need.backup}]
    if not own:
        return "Nobody works in this queue now."
    if not any(person in fit for person in own):
        asked = (
            [f"a {need.licence_kind} licence" + (f" in {need.state}" if need.state else "")]
            if need.licence_kind
            else []
        )
        asked += [f"the skill {' or '.join(sorted(need.skills))}"] if need.skills else []
        return f"Nobody who works in this queue now has {' and '.join(asked)}."
    return "Everybody who could take it is at capacity today."


def assign_all(needs: Sequence[Need], people: Sequence[Candidate]) -> list[tuple[Need, Choice | NoOne]]:
    """Choose for many lines, one after the other in the order given; each choice fills the person's day."""
    now = {person.user: person for person in people}
    found: list[tuple[Need, Choice | NoOne]] = []
    for turn, need in enumerate(needs, start=1):
        choice = choose(need, list(now.values()))
        if isinstance(choice, Choice):
            person = now[choice.user]
            now[choice.user] = replace(
                person, load=person.load + need.points, cases=person.cases | {need.case}, last_given=turn
            )
        found.append((need, choice))
    return found


@dataclass(frozen=True, slots=True)
class LicenceSpan:
    """A licence with its days, half-open."""

    kind: str
    state: str
    valid_from: date
    valid_to: date | None


def valid_on(licences: Sequence[LicenceSpan], day: date) -> frozenset[tuple[str, str]]:
    """Return kind and state of the licences that hold on a day."""
    return frozenset(
        (one.kind, one.state)
        for one in licences
        if one.valid_from <= day and (one.valid_to is None or day < one.valid_to)
    )
