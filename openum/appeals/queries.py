"""Reads of appeals: what an actor may see, the law that holds, who took part before, who might decide."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet

from openum.accounts.models import User
from openum.accounts.queries import reviewer_facts, superiors_of
from openum.accounts.rules import ROLE_PERMISSIONS, Permission
from openum.appeals.models import Appeal, AppealDecision, DeclaredInterest, PanelVote, ReviewOrganization
from openum.appeals.rules.law import AppealLaw, Body, Level, NoAppealLaw, law_for, read_laws
from openum.appeals.rules.reviewers import Candidate, Check, Need, assess, is_fit
from openum.appeals.rules.states import OPEN_STATES, AppealState
from openum.cases.holdings import holds
from openum.cases.models import Attachment, Case, Note, Party, ServiceLine
from openum.cases.queries import cases_visible_to, lines_visible_to, not_replaced
from openum.clocks.queries import last_day_of_window
from openum.db.reading import once_a_page
from openum.determination.interests import interests_in
from openum.determination.models import Determination, SecondReading
from openum.determination.models.decisions import BY_OUTSIDE_REVIEW
from openum.determination.queries import current_determination
from openum.directory.models import Policy, Product
from openum.directory.queries import policies_on
from openum.notices.models import Notice, NoticeState
from openum.review.models import PeerToPeer, Review
from openum.vocabulary.packs import read_yaml
from openum.vocabulary.terms import LineStatus, PartyRole

LEVELS = "appeal-law"
"""Kind of the policy rows that hold the law of appeals."""
_WINDOWS = {
    Body.PLAN: "appeal_filing_window",
    Body.REVIEW_ENTITY: "appeal_filing_window",
    Body.EXTERNAL: "external_review_filing",
    Body.STATE_EXTERNAL: "external_review_filing",
    Body.FAIR_HEARING: "state_fair_hearing_filing",
}


@lru_cache(maxsize=32)
def _laws(digest: str, body: str) -> tuple[AppealLaw, ...]:
    """Read a published file; the digest names the content."""
    return read_laws(read_yaml(body))


def published_law(product: Product, *, on: date) -> tuple[AppealLaw, Policy]:
    """Return the row of law of a product on a day, and the published policy it stands in.

    Raises:
        NoAppealLaw: nothing is published, or no row speaks of the product.
    """
    for policy in reversed(policies_on(plan=product.plan, kind=LEVELS, on=on)):
        laws = _laws(policy.digest, policy.body)
        return law_for(laws, line_of_business=product.law, state=product.state), policy
    raise NoAppealLaw("The law of appeals is not published. Publish policies/appeals first.")


def law_of(appeal: Appeal) -> AppealLaw:
    """Return the row of law under which an appeal was filed."""
    laws = _laws(appeal.law_policy.digest, appeal.law_policy.body)
    return next(law for law in laws if law.key == appeal.law)


def appeals_visible_to(user: User) -> QuerySet[Appeal]:
    """Appeals on lines an actor may see."""
    return Appeal.objects.filter(Exists(lines_visible_to(user).filter(pk=OuterRef("line_id")))).select_related(
        "line__case__plan", "line__case__product__plan", "line__case__member", "line__case__organization", "line__request", "request",
        "determination__decided_by", "determination__evidence_map", "assigned_to", "law_policy", "follows",
    )  # fmt: skip


def appeals_of(line: ServiceLine) -> list[Appeal]:
    """Return the appeals of a line, oldest first."""
    return list(
        Appeal.objects.filter(line=line)
        .select_related("assigned_to", "request", "law_policy")
        .order_by("filed_at", "pk")
    )


def followers_of(appeal: Appeal, *, beside: Level | None = None) -> QuerySet[Appeal]:
    """Return the reviews that followed an appeal; one that was taken back is none.

    Args:
        beside: a level that stands beside another program's, so that only its own body's review is meant.
    """
    found = Appeal.objects.filter(follows=appeal).exclude(state=AppealState.TAKEN_BACK)
    return found.filter(body=beside.body) if beside is not None and beside.program else found


def appeals_of_case(case: Case) -> list[Appeal]:
    """Return the appeals of a case, oldest first, with what a page shows of them."""
    if not holds(case, Appeal):
        return []
    return list(
        Appeal.objects.filter(line__case=case)
        .select_related("line__case__product__plan", "line__case__plan", "request", "assigned_to", "law_policy")
        .order_by("filed_at", "pk")
    )


def open_appeals(user: User) -> QuerySet[Appeal]:
    """Appeals that are not over, and reversals not yet carried out, of what an actor may see."""
    waits = Q(state__in=sorted(OPEN_STATES)) | Q(state=AppealState.DECIDED)
    return appeals_visible_to(user).filter(waits)


APPEALABLE = (
    LineStatus.DENIED, LineStatus.PARTIALLY_APPROVED, LineStatus.TERMINATED_WITH_NOTICE, LineStatus.DISMISSED,
)  # fmt: skip
"""How a line stands to which the plan said no, to all or to a part, or which it closed without judging the care.

A refusal by a rule of the benefit is a decision that can be appealed (42 CFR 422.566(b)(3); 29 CFR 2560.503-1(m)(4)), and
a dismissal can be reviewed (42 CFR 422.568(g)-(i)); the letter says so.
"""


def appealable_lines(user: User) -> QuerySet[ServiceLine]:
    """Lines with a standing no of the plan, to all or to a part, that an actor may see."""
    outside = Determination.objects.filter(
        line=OuterRef("pk"), deciding_function=BY_OUTSIDE_REVIEW, superseded_by__isnull=True
    )
    return lines_visible_to(user).filter(
        not_replaced(),
        ~Exists(outside),
        status__in=APPEALABLE,
    )


def representative_of(appeal: Appeal) -> Party | None:
    """Return who acts for the member in an appeal, or acted; None when the member or a provider filed."""
    roles = [PartyRole.REPRESENTATIVE, PartyRole.GUARDIAN]
    return Party.objects.filter(request=appeal.request, role__in=roles).order_by("pk").first()


def acts_on(party: Party, day: date) -> bool:
    """Say whether somebody's standing has not ended on a day."""
    return party.standing_expires_on is None or day < party.standing_expires_on


def day_of(product: Product, at: datetime) -> date:
    """Return the day of an instant in the product's zone."""
    return at.astimezone(ZoneInfo(product.time_zone)).date()


def last_day_to_file(line: ServiceLine, *, body: Body, after: Appeal | None) -> date | None:
    """Return the last day to file at a level, or None while nothing opened the window.

    The first level counts from the letter of the decision, a further level from the letter of the one before. What a
    letter printed as the last day holds where it is later than the law's.
    """
    letters = Notice.objects.filter(lines=line, state=NoticeState.SENT, audience="member", recipient__isnull=True)
    if after is None:
        standing = current_determination(line)
        letters = letters.filter(determination=standing, kind__in=["denial", "partial-approval", "dismissal"])
    else:
        letters = letters.filter(request=after.request, kind="appeal-upheld")
    letter = letters.order_by("sent_at").first()
    trigger = letter.sent_at if letter else (after.decided_at if after else None)
    if trigger is None:
        return None
    level = law_of(after).level(after.level + 1) if after is not None and body is Body.PLAN else None
    window = level.window if level is not None and level.window else _WINDOWS[body]
    by_law = last_day_of_window(product=line.case.product, request_type=window, trigger_at=trigger)
    printed = ((letter.inputs.get("rights") or {}).get("deadline") if letter else None) or ""
    days = [day for day in (by_law, date.fromisoformat(printed) if printed else None) if day]
    return max(days, default=None)


def lack_a_body(appeals: Iterable[Appeal]) -> set[int]:
    """Return the keys of those appeals whose file is to be sent and whose plan has entered nobody to send it to.

    An external review gets its organization by rotation and is none of them.
    """
    waiting = [row for row in appeals if row.state == AppealState.TO_BE_SENT and row.body != Body.EXTERNAL]
    if not waiting:
        return set()
    entered = set(ReviewOrganization.objects.filter(is_active=True).values_list("plan_id", "body"))
    return {row.pk for row in waiting if (row.line.case.plan_id, row.body) not in entered}


def involved_in(line: ServiceLine, *, without: Appeal | None = None) -> set[User]:
    """Return everybody who took part in a decision on a line: decided, reviewed as a physician, agreed as
    the second reader, talked, meant to deny.

    Args:
        without: an appeal whose own panel and decision do not count, because it is the one being decided.
    """
    others = AppealDecision.objects.filter(appeal__line=line)
    panel = PanelVote.objects.filter(appeal__line=line)
    if without is not None:
        others, panel = others.exclude(appeal=without), panel.exclude(appeal=without)
    found = Determination.objects.filter(line=line).values_list("decided_by")
    took_part = found.union(
        Review.objects.filter(line=line, level=Review.PHYSICIAN).values_list("reviewer"),
        PeerToPeer.objects.filter(line=line, held_by__isnull=False).values_list("held_by"),
        Note.objects.filter(line=line, purpose="intent-to-deny").values_list("written_by"),
        SecondReading.objects.filter(line=line, state=SecondReading.AGREED).values_list("answered_by"),
        others.values_list("decided_by"),
        panel.values_list("physician"),
    )
    return set(User.objects.filter(pk__in={person for (person,) in took_part}, kind=User.PERSON))


def candidate_for(appeal: Appeal, user: User, *, on: date, has_attested: bool = False) -> Candidate:
    """Return what the rules need to know of a person who might decide an appeal."""
    return Candidate(
        key=str(user.public_id),
        facts=reviewer_facts(user),
        superiors=superiors_of(user),
        interests=tuple(interests_in(appeal.line, user, on=on)),
        has_attested=has_attested,
    )


def licence_for(appeal: Appeal, user: User, *, on: date) -> str:
    """Return the licence by which a person judges an appeal, kind and state, the product's state first; empty: none is valid."""
    kinds, state = law_of(appeal).licences_for(appeal.line.specialty), appeal.line.case.product.state
    for licence in sorted(reviewer_facts(user).licences, key=lambda licence: licence.state != state):
        if licence.kind in kinds and licence.is_valid(on=on):
            return f"{licence.kind} {licence.state}"
    return ""


def experts_of(line: ServiceLine) -> list[str]:
    """Name everybody whose medical advice was obtained about a line, whether or not it was followed, in order of time.

    The second reader of a decision and the physicians of a panel who gave their opinion (29 CFR 2560.503-1(h)(3)(iv)).
    """
    readings = SecondReading.objects.filter(line=line, state__in=[SecondReading.AGREED, SecondReading.SENT_BACK])
    votes = PanelVote.objects.filter(appeal__line=line, voted_at__isnull=False)
    named = [
        *(
            (row.answered_at, row.answered_by, row.licence)
            for row in readings.select_related("answered_by").order_by("answered_at", "pk")
        ),
        *(
            (row.voted_at, row.physician, ", ".join(part for part in (row.specialty, row.licence) if part))
            for row in votes.select_related("physician").order_by("voted_at", "pk")
        ),
    ]
    found: dict[int, str] = {}
    for _at, user, words in named:
        if user is not None:
            found[user.pk] = f"{user.name} ({words})" if words else user.name
    return list(found.values())


def declared_interests(line: ServiceLine, user: User, on: date) -> list[str]:
    """Return the conflicts of interest that were declared or entered, in force on a day, with who takes part."""
    declared = (each for each in _declared_against(line, on) if each.user_id == user.pk)
    return [f"Declared a conflict of interest: {each.reason.rstrip('.')}." for each in declared]


@once_a_page(lambda line, on: (line.request_id, on))
def _declared_against(line: ServiceLine, on: date) -> list[DeclaredInterest]:
    npis = Party.objects.filter(request=line.request_id).exclude(npi="").values("npi")
    open_on = Q(ends_on__isnull=True) | Q(ends_on__gt=on)
    return list(DeclaredInterest.objects.filter(open_on, npi__in=npis).order_by("pk"))


def need_of(appeal: Appeal, *, on: date) -> Need:
    """Return what an appeal asks of its reviewer."""
    return Need(
        law=law_of(appeal),
        involved=frozenset(str(user.public_id) for user in involved_in(appeal.line, without=appeal)),
        specialty=appeal.line.specialty,
        state=appeal.line.case.product.state,
        on=on,
    )


def reviewers_for(appeal: Appeal, *, on: date) -> list[tuple[User, list[Check], bool]]:
    """Return the physicians of the plan with their conditions, the fit ones first, then by name."""
    roles = [role for role, permissions in ROLE_PERMISSIONS.items() if Permission.DECIDE_APPEALS in permissions]
    people = (
        User.objects.filter(
            kind=User.PERSON, is_active=True, memberships__role__in=roles, memberships__plan_id=appeal.line.case.plan_id
        )
        .select_related("manager")
        .prefetch_related("licences", "specialties", "memberships")
        .distinct()
        .order_by("name", "pk")
    )
    need = need_of(appeal, on=on)
    found = []
    for user in people:
        checks = assess(candidate_for(appeal, user, on=on), need)
        found.append((user, checks, is_fit(checks)))
    return sorted(found, key=lambda row: not row[2])


def came_after(line: ServiceLine, instant: datetime) -> int:
    """Count the documents and data that arrived on a case since an instant."""
    return Attachment.objects.filter(case=line.case, received_at__gt=instant, moved_to__isnull=True).count()


def cases_with_appeals(user: User) -> QuerySet[Case]:
    """Return the cases of an actor that hold an appeal."""
    return cases_visible_to(user).filter(lines__appeals__isnull=False).distinct()
