"""What happens in each case, as plain data drawn from the seed. Pure: no database, no clock of its own.

A plot says who asks for what, when it arrived, how it ends, and how long each step takes. `acting.py` plays it. Steps
that lie after the present instant are not played, and so the cases of the last days are open by themselves.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random

from samples.codes import BY_CODE, SERVICES, Service
from samples.members import Person
from samples.named import ZONE

RULE = "approved by the published rule"
NURSE = "approved by a nurse"
ASKED = "asked, answered, approved"
PHYSICIAN = "referred, approved by a physician"
DENIED = "denied by a physician"
NOT_RECEIVED = "denied because nothing came"
PARTIAL = "fewer units approved"
TALKED = "conversation before the decision, approved"
OVERTURNED = "denied, conversation, overturned"
REOPENED = "denied, reopened on new evidence, approved"
WITHDRAWN = "taken back by the practice"
CANCELLED = "approved, then cancelled by the practice"
DUPLICATE = "closed as a duplicate"
LATE = "decided late"

ENDINGS: tuple[tuple[str, float], ...] = (
    (NURSE, 47), (ASKED, 16), (PHYSICIAN, 10), (DENIED, 8), (NOT_RECEIVED, 2), (PARTIAL, 3.2), (TALKED, 2.2),
    (OVERTURNED, 2.4), (REOPENED, 0.8), (WITHDRAWN, 3), (CANCELLED, 2), (DUPLICATE, 1), (LATE, 1.2),
)  # fmt: skip
_LIMIT_HOURS = {"medicare-advantage": 150, "medicaid": 150, "commercial-ppo": 340, "kestrel-tools": 340}
_FAST_HOURS = 60


@dataclass(frozen=True, kw_only=True)
class Plot:
    """One case from its receipt to its end.

    Attributes:
        entered_after: time between receipt and entry; above zero where somebody typed a call or letter in.
        waits: the time each step takes, in the order in which the ending needs them.
        answers: what the practice answers in the form: link, kind, value.
        late_answers: answers that come only when they are asked for.
        colleague: picks the nurse, the physician and the words.
    """

    number: int
    member: Person
    service: str
    orderer: str
    practice: str
    facility: str
    channel: str
    standing: str
    urgency: str
    ending: str
    received_at: datetime
    entered_after: timedelta
    waits: tuple[timedelta, ...]
    diagnosis: str
    modifier: str
    units: int
    planned_on: date
    answers: tuple[tuple[str, str, str], ...]
    late_answers: tuple[tuple[str, str, str], ...]
    colleague: int

    @property
    def is_quick(self) -> bool:
        """Whether people work on it on any day of the week."""
        return self.urgency == "expedited" or is_part_b_drug(self.service, self.member.product)

    @property
    def asked_for(self) -> Service:
        """The service in our words."""
        return BY_CODE[self.service]


@dataclass(frozen=True)
class Orderer:
    """Somebody who orders, and the practice whose people write the request."""

    npi: str
    practice: str


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Who may take part: members with electronic letters, and orderers by specialty."""

    members: Sequence[Person]
    orderers: dict[str, list[Orderer]]
    facilities: dict[str, str]


def earlier(rng: Random, cast: Cast, *, count: int, until: datetime, days: int = 365) -> list[Plot]:
    """Return the plots of the last `days` before `until`, oldest receipt first."""
    received = sorted(_receipt(rng, until - timedelta(days=days * rng.random())) for _ in range(count))
    return [
        plot(rng, cast, number=number, received_at=moment) for number, moment in enumerate(received) if moment < until
    ]


def _receipt(rng: Random, moment: datetime) -> datetime:
    """Move an instant to when practices write: weekdays, office hours, a few in the evening and at weekends."""
    local = moment.astimezone(ZONE)
    if local.weekday() >= 5 and rng.random() < 0.8:
        local -= timedelta(days=local.weekday() - 4)
    hour = min(22, max(6, round(rng.gauss(12.5, 2.8))))
    moved = local.replace(hour=hour, minute=rng.randrange(60), second=rng.randrange(60), microsecond=0)
    return min(moved, local).astimezone(UTC) if moved > local else moved.astimezone(UTC)


def plot(
    rng: Random,
    cast: Cast,
    *,
    number: int,
    received_at: datetime,
    ending: str = "",
    service: Service | None = None,
    product: str = "",
    urgency: str = "",
    channel: str = "",
    practice: str = "",
) -> Plot:
    """Return one plot; what is not given is drawn."""
    service = service or rng.choices(SERVICES, [each.weight for each in SERVICES])[0]
    on = received_at.astimezone(ZONE).date()
    member = _member(rng, cast, service, product, on)
    urgency = urgency or ("expedited" if rng.random() < 0.07 else "standard")
    drawn = rng.choices([name for name, _ in ENDINGS], [weight for _, weight in ENDINGS])[0]
    if service.code == "72148" and member.product != "medicaid" and rng.random() < 0.62:
        drawn = RULE
    ending = _possible(ending or drawn, member, service)
    channel = channel or _channel(rng, ending)
    is_members_own = channel in {"phone", "mail"} and ending in {NURSE, PHYSICIAN} and rng.random() < 0.35
    candidates = cast.orderers.get(service.orders) or cast.orderers["internal medicine"]
    orderer = rng.choice([each for each in candidates if not practice or each.practice == practice] or candidates)
    complete, missing = answers_for(rng, service, on, is_complete=ending != ASKED and ending not in _OPEN_CRITERIA)
    return Plot(
        number=number,
        member=member,
        service=service.code,
        orderer=orderer.npi,
        practice=orderer.practice,
        facility=cast.facilities.get(service.family, ""),
        channel=channel,
        standing="member" if is_members_own else "provider",
        urgency=urgency,
        ending=ending,
        received_at=received_at,
        entered_after=timedelta(minutes=rng.randint(8, 180)) if channel in {"phone", "mail", "fax"} else timedelta(),
        waits=_waits(rng, ending, _hours(service.code, member.product, urgency)),
        diagnosis=rng.choice(service.diagnoses)
        if service.code != "27447"
        else ("M17.12" if rng.random() < 0.5 else "M17.11"),
        modifier=service.modifiers[0] if service.modifiers else "",
        units=service.units if service.units == 1 else rng.choice((service.units, service.units // 2, service.units)),
        planned_on=on + timedelta(days=rng.randint(6, 35) if urgency == "standard" else rng.randint(1, 3)),
        answers=complete,
        late_answers=missing,
        colleague=rng.randrange(1000),
    )


_OPEN_CRITERIA = frozenset({PHYSICIAN, DENIED, NOT_RECEIVED, TALKED, OVERTURNED, REOPENED, PARTIAL})
_ENGLISH_ONLY = _OPEN_CRITERIA | {ASKED, LATE, DUPLICATE, WITHDRAWN}


def stages_of(plot: Plot) -> int:
    """Return how many stages of people a plot takes: none by a published rule, one with a nurse, two with a physician."""
    return 0 if plot.ending == RULE else 2 if plot.ending in _OPEN_CRITERIA else 1


def _member(rng: Random, cast: Cast, service: Service, product: str, on: date) -> Person:
    """Draw somebody who is covered on the day and of an age at which the service is asked for."""
    for _ in range(400):
        member = rng.choice(cast.members)
        covered = member.covered_from <= on and (
            member.covered_to is None or member.covered_to > on + timedelta(days=40)
        )
        if covered and (not product or member.product == product) and (on - member.born).days > 19 * 365:
            return member
    raise LookupError("No member of the cast is covered on that day. Make more members.")


def _possible(ending: str, member: Person, service: Service) -> str:
    """Put an ending right that this member or service cannot have."""
    if ending == PARTIAL and service.units < 2:
        ending = DENIED
    if ending == OVERTURNED and member.product == "medicare-advantage":
        ending = TALKED
    if ending == REOPENED and member.product != "medicare-advantage":
        ending = OVERTURNED
    if ending == DUPLICATE and member.product == "medicaid":
        ending = NURSE
    if ending in _ENGLISH_ONLY and member.language != "en":
        ending = NURSE
    return ending


def _channel(rng: Random, ending: str) -> str:
    if ending == RULE:
        return "fhir" if rng.random() < 0.8 else "portal"
    return rng.choices(("portal", "fax", "phone", "mail"), (0.72, 0.12, 0.11, 0.05))[0]


def is_part_b_drug(code: str, product: str) -> bool:
    """Say whether a service has the hours of a drug under Medicare Part B (42 CFR 422.568(b)(3))."""
    return product == "medicare-advantage" and code.startswith(("J", "Q5"))


def _hours(code: str, product: str, urgency: str) -> float:
    """Return how long the plan has."""
    if is_part_b_drug(code, product):
        return _FAST_HOURS / 3 if urgency == "expedited" else _FAST_HOURS
    return _FAST_HOURS if urgency == "expedited" else _LIMIT_HOURS[product]


def _waits(rng: Random, ending: str, limit: float) -> tuple[timedelta, ...]:
    """Draw the times between the steps; together they stay inside the deadline, unless the case is decided late."""
    shares = [min(0.9, rng.lognormvariate(-2.3, 0.7)) for _ in range(6)]
    total = sum(shares)
    scale = 0.62 / total if total > 0.62 else 1.0
    waits = [timedelta(hours=limit * share * scale) for share in shares]
    if ending == LATE:
        waits[0] = timedelta(hours=max(limit, _FAST_HOURS) * 1.25 + rng.randint(2, 40))
    return tuple(waits)


def working(moment: datetime, *, is_fast: bool = False) -> datetime:
    """Move an instant to the next working hour, 08:00 to 18:00 on weekdays; a fast request is worked on any day."""
    local = moment.astimezone(ZONE)
    if local.hour >= 18:
        local = (local + timedelta(days=1)).replace(hour=8, minute=local.minute)
    elif local.hour < 8:
        local = local.replace(hour=8)
    while local.weekday() >= 5 and not is_fast:
        local += timedelta(days=1)
    return local.astimezone(UTC)


def answers_for(
    rng: Random, service: Service, on: date, *, is_complete: bool
) -> tuple[tuple[tuple[str, str, str], ...], tuple[tuple[str, str, str], ...]]:
    """Return the typed answers to the questions of the plan's guideline, and those that come later."""
    if service.code == "72148":
        return _split(list(_back_answers(rng, on)), 2 if not is_complete else 0)
    if service.code == "27447":
        return _split(list(_knee_answers(rng, on)), 3 if not is_complete else 0)
    return (), ()


def _split(
    answers: list[tuple[str, str, str]], held_back: int
) -> tuple[tuple[tuple[str, str, str], ...], tuple[tuple[str, str, str], ...]]:
    cut = len(answers) - held_back
    return tuple(answers[:cut]), tuple(answers[cut:])


def _back_answers(rng: Random, on: date) -> Iterator[tuple[str, str, str]]:
    began = on - timedelta(days=rng.randint(60, 160))
    yield "lbp.pain-radiates", "yes-no", "yes"
    yield "lbp.pain-onset", "date", began.isoformat()
    yield "lbp.exam-date", "date", (on - timedelta(days=rng.randint(0, 20))).isoformat()
    yield "lbp.mri-last-12-months", "yes-no", "no"
    yield "lbp.planned-step", "choice", rng.choice(("injection", "surgical-referral", "medicine-change"))
    yield "lbp.care-start", "date", (began + timedelta(days=5)).isoformat()
    yield "lbp.care-end", "date", (began + timedelta(days=52)).isoformat()


def _knee_answers(rng: Random, on: date) -> Iterator[tuple[str, str, str]]:
    began = on - timedelta(days=rng.randint(200, 600))
    yield "knee.pain-onset", "date", began.isoformat()
    yield "knee.limits-function", "yes-no", "yes"
    yield "knee.active-infection", "yes-no", "no"
    yield "knee.bmi", "number", str(rng.randint(24, 37))
    yield "knee.diabetes", "yes-no", "no"
    yield "knee.kl-grade", "choice", rng.choice(("3", "4"))
    yield "knee.film-date", "date", (on - timedelta(days=rng.randint(5, 90))).isoformat()
    yield "knee.film-weight-bearing", "yes-no", "yes"
    yield "knee.care-weeks", "number", str(rng.randint(13, 30))
