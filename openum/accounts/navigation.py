"""What the page frame shows: the places of a person's roles, who is signed in, the zone of the clock."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from openum.accounts.models import Plan, User
from openum.accounts.queries import plans_visible_to, scope_of, user_may
from openum.accounts.rules import Permission
from openum.db.clock import now
from openum.design.moments import moment

# In the order of a request's life: place, address, shortcut letter, permissions of which each opens it.
_PLACES: tuple[tuple[str | Promise, str, str, *tuple[Permission, ...]], ...] = (
    (_("Intake list"), "intake:submissions", "i", Permission.MATCH_INTAKE),
    (_("Is authorization needed?"), "needs:check", "a", Permission.SUBMIT_REQUEST, Permission.SEE_PLAN_CASES),
    (_("Calls"), "callers:calls", "h", Permission.SERVE_CALLERS),
    (_("Enter a request"), "submission:capture", "e", Permission.CAPTURE_REQUEST),
    (_("My care requests"), "review:worklist", "q", Permission.REVIEW_LINES),
    (_("Decisions"), "determination:worklist", "d", Permission.DECIDE_ADVERSELY),
    (_("Peer-to-peer"), "review:conversations", "p", Permission.HOLD_PEER_TO_PEER),
    (_("Messages"), "review:inbox", "", Permission.REVIEW_LINES, Permission.MATCH_INTAKE),
    (_("Call schedule"), "review:schedule", "y", Permission.REVIEW_LINES),
    (_("Appeals docket"), "appeals:docket", "a", Permission.MANAGE_APPEALS, Permission.DECIDE_APPEALS),
    (_("Complaints"), "grievances:docket", "k", Permission.MANAGE_GRIEVANCES),
    (_("Claim check"), "payment:examine", "", Permission.LOOK_UP_AUTHORIZATIONS),
    (_("Claim review"), "retrospective:leads", "g", Permission.REVIEW_LINES),
    (_("All cases"), "cases:find", "c", Permission.SEE_PLAN_CASES),
    (_("Work"), "work:mine", "u", Permission.GIVE_WORK, Permission.KEEP_WORK),
    (_("Letters"), "notices:desk", "b", Permission.REVIEW_LINES, Permission.MATCH_INTAKE),
    (_("Deadlines"), "clocks:deadlines", "t", Permission.SEE_PLAN_CASES),
    (_("Opened seals"), "accounts:seals", "x", Permission.SEE_BROKEN_GLASS),
    (_("Command"), "command:dashboard", "v", Permission.SEE_FIGURES),
    (_("Audit samples"), "sampling:samples", "", Permission.DRAW_SAMPLES, Permission.SEE_SAMPLED_FILES),
    (_("Rules by law"), "register:register", "", Permission.SEE_AUDIT, Permission.PUBLISH_GUIDELINES),
    (_("Safeguards"), "determination:watch", "w", Permission.WATCH_SAFEGUARDS),
    (_("Figures"), "programme:reports", "j", Permission.WATCH_SAFEGUARDS, Permission.POST_METRICS),
    (_("Use and cost"), "utilization:overview", "", Permission.SEE_FIGURES),
    (_("Claims data"), "loading:loads", "", Permission.KEEP_CLAIMS),
    (_("Offer help"), "attention:people", "", Permission.OFFER_HELP, Permission.KEEP_WORK),
    (_("Reading alike"), "agreement:rounds", "", Permission.REVIEW_LINES, Permission.KEEP_WORK),
    (_("Guidelines"), "criteria:drafts", "l", Permission.WRITE_GUIDELINES, Permission.REVIEW_GUIDELINES,
     Permission.VOTE_ON_GUIDELINES, Permission.PUBLISH_GUIDELINES),
    (_("Forms"), "forms:held", "f", Permission.WRITE_GUIDELINES, Permission.PUBLISH_GUIDELINES),
    (_("Impact"), "criteria:simulations", "m", Permission.PUBLISH_GUIDELINES),
    (_("Signing in"), "accounts:sign-in-rules", "z", Permission.KEEP_SIGN_IN_RULES),
    (_("Connections"), "accounts:connections", "o", Permission.REGISTER_CONNECTIONS, Permission.APPROVE_CONNECTIONS),
    (_("Sandbox"), "sandbox:home", "s", Permission.ARM_SANDBOX, Permission.SEE_CONNECTIONS),
    (_("Requests"), "determination:board", "r", Permission.SEE_ORGANIZATION_CASES),
    (_("New request"), "submission:new", "n", Permission.SUBMIT_REQUEST),
)  # fmt: skip

# Where a person lands after signing in: the first place whose permission they hold.
_HOMES: tuple[tuple[Permission, str], ...] = (
    (Permission.SERVE_CALLERS, "callers:calls"),
    (Permission.SEE_ORGANIZATION_CASES, "determination:board"),
    (Permission.SEE_OWN_CASES, "determination:my_requests"),
    (Permission.DECIDE_ADVERSELY, "determination:worklist"),
    (Permission.MATCH_INTAKE, "intake:submissions"),
    (Permission.MANAGE_APPEALS, "appeals:docket"),
    (Permission.REVIEW_LINES, "review:worklist"),
    (Permission.SEE_FIGURES, "command:dashboard"),
    (Permission.SEE_PLAN_CASES, "cases:find"),
    (Permission.SEE_BROKEN_GLASS, "accounts:seals"),
    (Permission.SEE_CONNECTIONS, "sandbox:home"),
    (Permission.LOOK_UP_AUTHORIZATIONS, "payment:examine"),
    (Permission.SEE_SAMPLED_FILES, "sampling:samples"),
)


@dataclass(frozen=True)
class Place:
    """One entry of the left rail."""

    label: str | Promise
    url: str
    key: str
    here: bool


def home_of(user: User) -> str:
    """Return the name of the page a person lands on."""
    permissions = scope_of(user).permissions
    for permission, name in _HOMES:
        if permission in permissions:
            return name
    return "accounts:welcome"


def _places(request: HttpRequest) -> list[Place]:
    user = request.user
    if not isinstance(user, User):
        return []
    permissions = scope_of(user).permissions
    return [
        Place(label, url, key, request.path == url)
        for label, name, key, *opening in _PLACES
        if not permissions.isdisjoint(opening)
        for url in (reverse(name),)
    ]


def context(request: HttpRequest) -> dict[str, object]:
    """Return the frame's variables; each is worked out only when a page shows it."""
    user = getattr(request, "user", None)
    plans: list[Plan] = SimpleLazyObject(lambda: list(plans_visible_to(user)) if isinstance(user, User) else [])  # type: ignore[assignment]

    def zone() -> str:
        return plans[0].time_zone if plans else "America/New_York"

    return {
        "places": SimpleLazyObject(lambda: _places(request)),
        "plan_names": SimpleLazyObject(lambda: ", ".join(plan.name for plan in plans)),
        "may_find": SimpleLazyObject(lambda: isinstance(user, User) and user_may(user, Permission.SEE_PLAN_CASES)),
        "signed_in_as": user.name if isinstance(user, User) else "",
        "printed_at": SimpleLazyObject(lambda: moment(now(), zone())),
        "frame_zone": SimpleLazyObject(zone),
    }
