"""What each role may do, and which facts make a clinician fit to decide. Pure."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import ClassVar

from openum.vocabulary.errors import NotAllowed
from openum.vocabulary.sentences import sentence
from openum.vocabulary.terms import Role


class Permission(StrEnum):
    """One thing a person may be allowed to do."""

    SUBMIT_REQUEST = "submit_request"
    CAPTURE_REQUEST = "capture_request"
    MATCH_INTAKE = "match_intake"
    REVIEW_LINES = "review_lines"
    APPROVE_LINES = "approve_lines"
    DECIDE_ADVERSELY = "decide_adversely"
    CLOSE_ADMINISTRATIVELY = "close_administratively"
    HOLD_PEER_TO_PEER = "hold_peer_to_peer"
    BOOK_PEER_TO_PEER = "book_peer_to_peer"
    WITHDRAW_OR_AMEND = "withdraw_or_amend"
    SEND_DOCUMENTS = "send_documents"
    SEE_PLAN_CASES = "see_plan_cases"
    SEE_ORGANIZATION_CASES = "see_organization_cases"
    SEE_OWN_CASES = "see_own_cases"
    SEE_AUDIT = "see_audit"
    KEEP_BREACHES = "keep_breaches"
    ARM_SANDBOX = "arm_sandbox"
    SEE_CONNECTIONS = "see_connections"
    REGISTER_CONNECTIONS = "register_connections"
    APPROVE_CONNECTIONS = "approve_connections"
    WRITE_GUIDELINES = "write_guidelines"
    REVIEW_GUIDELINES = "review_guidelines"
    VOTE_ON_GUIDELINES = "vote_on_guidelines"
    PUBLISH_GUIDELINES = "publish_guidelines"
    FILE_APPEAL = "file_appeal"
    MANAGE_APPEALS = "manage_appeals"
    DECIDE_APPEALS = "decide_appeals"
    FILE_GRIEVANCE = "file_grievance"
    MANAGE_GRIEVANCES = "manage_grievances"
    FLAG_CASES = "flag_cases"
    CLEAR_COURT_ORDERS = "clear_court_orders"
    WATCH_SAFEGUARDS = "watch_safeguards"
    GIVE_WORK = "give_work"
    KEEP_WORK = "keep_work"
    SEE_SENSITIVE = "see_sensitive"
    BREAK_GLASS = "break_glass"
    SEE_BROKEN_GLASS = "see_broken_glass"
    SERVE_CALLERS = "serve_callers"
    KEEP_SIGN_IN_RULES = "keep_sign_in_rules"
    SEE_FIGURES = "see_figures"
    POST_METRICS = "post_metrics"
    LOOK_UP_AUTHORIZATIONS = "look_up_authorizations"
    OFFER_HELP = "offer_help"
    KEEP_CLAIMS = "keep_claims"
    DRAW_SAMPLES = "draw_samples"
    SEE_SAMPLED_FILES = "see_sampled_files"


_STAFF = {Permission.SEE_PLAN_CASES}
_CLINICAL = {Permission.SEE_SENSITIVE}
_SEALED = {Permission.BREAK_GLASS}
_COMMITTEE = {Permission.WRITE_GUIDELINES, Permission.REVIEW_GUIDELINES, Permission.VOTE_ON_GUIDELINES}
_PHYSICIAN = (
    _STAFF
    | _CLINICAL
    | _COMMITTEE
    | {
        Permission.REVIEW_LINES,
        Permission.APPROVE_LINES,
        Permission.DECIDE_ADVERSELY,
        Permission.HOLD_PEER_TO_PEER,
        Permission.ARM_SANDBOX,
        Permission.DECIDE_APPEALS,
        Permission.FLAG_CASES,
        Permission.GIVE_WORK,
    }
)

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.PROVIDER_STAFF: frozenset(
        {
            Permission.SUBMIT_REQUEST,
            Permission.SEND_DOCUMENTS,
            Permission.WITHDRAW_OR_AMEND,
            Permission.BOOK_PEER_TO_PEER,
            Permission.FILE_APPEAL,
            Permission.SEE_ORGANIZATION_CASES,
        }
    ),
    Role.INTAKE: frozenset(
        _STAFF
        | _SEALED
        | {Permission.CAPTURE_REQUEST, Permission.MATCH_INTAKE, Permission.CLOSE_ADMINISTRATIVELY}
        | {Permission.FILE_APPEAL, Permission.FILE_GRIEVANCE, Permission.FLAG_CASES, Permission.GIVE_WORK}
    ),
    Role.NURSE: frozenset(
        _STAFF
        | _CLINICAL
        | {Permission.REVIEW_LINES, Permission.APPROVE_LINES, Permission.CAPTURE_REQUEST, Permission.WRITE_GUIDELINES}
        | {Permission.FLAG_CASES, Permission.GIVE_WORK, Permission.OFFER_HELP}
    ),
    Role.MEDICAL_DIRECTOR: frozenset(
        _PHYSICIAN
        | {Permission.PUBLISH_GUIDELINES, Permission.KEEP_BREACHES, Permission.WATCH_SAFEGUARDS, Permission.KEEP_WORK}
        | {Permission.SEE_FIGURES}
    ),
    Role.ORTHOPAEDIST: frozenset(_PHYSICIAN),
    Role.PEER_REVIEWER: frozenset(
        _STAFF
        | _CLINICAL
        | {
            Permission.REVIEW_LINES,
            Permission.APPROVE_LINES,
            Permission.DECIDE_ADVERSELY,
            Permission.HOLD_PEER_TO_PEER,
            Permission.DECIDE_APPEALS,
        }
    ),
    Role.APPEALS: frozenset(
        _STAFF
        | _CLINICAL
        | {
            Permission.FILE_APPEAL,
            Permission.MANAGE_APPEALS,
            Permission.FILE_GRIEVANCE,
            Permission.MANAGE_GRIEVANCES,
        }
    ),
    Role.CASE_MANAGER: frozenset(_STAFF | _SEALED | {Permission.OFFER_HELP}),
    Role.PHARMACIST: frozenset(_STAFF | _CLINICAL | _COMMITTEE | {Permission.REVIEW_LINES, Permission.APPROVE_LINES}),
    Role.DIRECTOR: frozenset(
        _STAFF
        | _SEALED
        | {
            Permission.SEE_AUDIT,
            Permission.KEEP_BREACHES,
            Permission.PUBLISH_GUIDELINES,
            Permission.APPROVE_CONNECTIONS,
            Permission.FLAG_CASES,
            Permission.CLEAR_COURT_ORDERS,
            Permission.WATCH_SAFEGUARDS,
            Permission.GIVE_WORK,
            Permission.KEEP_WORK,
            Permission.SEE_BROKEN_GLASS,
            Permission.KEEP_SIGN_IN_RULES,
            Permission.SEE_FIGURES,
            Permission.POST_METRICS,
            Permission.KEEP_CLAIMS,
            Permission.DRAW_SAMPLES,
        }
    ),
    Role.AUDITOR: frozenset(
        _STAFF | _SEALED | {Permission.SEE_AUDIT, Permission.WATCH_SAFEGUARDS, Permission.DRAW_SAMPLES}
    ),
    Role.GUEST_AUDITOR: frozenset({Permission.SEE_SAMPLED_FILES}),
    Role.PRIVACY_OFFICER: frozenset({Permission.SEE_AUDIT, Permission.SEE_BROKEN_GLASS}),
    Role.SERVICE_REPRESENTATIVE: frozenset(
        {Permission.SERVE_CALLERS, Permission.CAPTURE_REQUEST, Permission.FILE_APPEAL, Permission.FILE_GRIEVANCE}
    ),
    Role.CLAIMS_EXAMINER: frozenset({Permission.LOOK_UP_AUTHORIZATIONS}),
    Role.INTEGRATOR: frozenset({Permission.SEE_CONNECTIONS, Permission.REGISTER_CONNECTIONS, Permission.KEEP_CLAIMS}),
    Role.MEMBER: frozenset(
        {Permission.SEE_OWN_CASES, Permission.SEND_DOCUMENTS, Permission.FILE_APPEAL, Permission.FILE_GRIEVANCE}
    ),
}


REACH_THEIR_OWN = frozenset({Role.MEMBER})
"""Roles that are held at a plan and reach nobody's requests but the holder's own."""

ADVERSE_PERMISSIONS = frozenset(
    {Permission.DECIDE_ADVERSELY, Permission.CLOSE_ADMINISTRATIVELY, Permission.DECIDE_APPEALS}
)
"""The verbs that end a request against the one who asked, or uphold such an end."""

PEOPLES_PERMISSIONS = ADVERSE_PERMISSIONS | {
    Permission.WRITE_GUIDELINES,
    Permission.REVIEW_GUIDELINES,
    Permission.VOTE_ON_GUIDELINES,
    Permission.PUBLISH_GUIDELINES,
    Permission.ARM_SANDBOX,
    Permission.REGISTER_CONNECTIONS,
    Permission.APPROVE_CONNECTIONS,
    Permission.MATCH_INTAKE,
    Permission.FLAG_CASES,
    Permission.FILE_APPEAL,
    Permission.MANAGE_APPEALS,
    Permission.FILE_GRIEVANCE,
    Permission.MANAGE_GRIEVANCES,
    Permission.BOOK_PEER_TO_PEER,
    Permission.HOLD_PEER_TO_PEER,
    Permission.WATCH_SAFEGUARDS,
    Permission.POST_METRICS,
    Permission.DRAW_SAMPLES,
    Permission.SEE_SAMPLED_FILES,
}
"""What only a person does: software is refused, whatever door it came through, but for services that say otherwise."""

MACHINE_PERMISSIONS = frozenset(
    {
        Permission.SUBMIT_REQUEST,
        Permission.SEND_DOCUMENTS,
        Permission.WITHDRAW_OR_AMEND,
        Permission.SEE_ORGANIZATION_CASES,
        Permission.SEE_PLAN_CASES,
    }
)
"""All that software may ever hold, whatever role its account is given: what a requester's system does, and reading."""


class PermissionRefused(NotAllowed):
    """The actor's roles do not include this permission."""

    code: ClassVar[str] = "permission-refused"


PERMISSION_WORDS: dict[Permission, str] = {
    Permission.SUBMIT_REQUEST: sentence("send requests for a provider organization"),
    Permission.CAPTURE_REQUEST: sentence("enter a request that came by phone or mail"),
    Permission.MATCH_INTAKE: sentence("match and admit messages on the intake list"),
    Permission.REVIEW_LINES: sentence("review requests"),
    Permission.APPROVE_LINES: sentence("approve requests"),
    Permission.DECIDE_ADVERSELY: sentence("decide against a request; that takes a qualified clinician"),
    Permission.CLOSE_ADMINISTRATIVELY: sentence("close a request administratively"),
    Permission.HOLD_PEER_TO_PEER: sentence("hold a peer-to-peer conversation for the plan"),
    Permission.BOOK_PEER_TO_PEER: sentence("book a peer-to-peer conversation"),
    Permission.WITHDRAW_OR_AMEND: sentence("withdraw or amend a request"),
    Permission.SEND_DOCUMENTS: sentence("send documents"),
    Permission.SEE_PLAN_CASES: sentence("see a plan's cases"),
    Permission.SEE_ORGANIZATION_CASES: sentence("see an organization's requests"),
    Permission.SEE_OWN_CASES: sentence("see their own requests"),
    Permission.SEE_AUDIT: sentence("see the audit trail"),
    Permission.KEEP_BREACHES: sentence("keep the register of missed deadlines"),
    Permission.ARM_SANDBOX: sentence("arm the next sandbox answer"),
    Permission.SEE_CONNECTIONS: sentence("see connections"),
    Permission.REGISTER_CONNECTIONS: sentence("register systems that connect"),
    Permission.APPROVE_CONNECTIONS: sentence("approve systems that connect"),
    Permission.WRITE_GUIDELINES: sentence("write guidelines"),
    Permission.REVIEW_GUIDELINES: sentence("review what others wrote in a guideline"),
    Permission.VOTE_ON_GUIDELINES: sentence("vote on guidelines; that takes a member of the committee"),
    Permission.FILE_APPEAL: sentence("file an appeal"),
    Permission.MANAGE_APPEALS: sentence("keep the appeals docket"),
    Permission.DECIDE_APPEALS: sentence("decide an appeal; that takes a qualified clinician who was not involved"),
    Permission.FILE_GRIEVANCE: sentence("file a complaint"),
    Permission.MANAGE_GRIEVANCES: sentence("answer complaints"),
    Permission.PUBLISH_GUIDELINES: sentence("count the committee's vote, publish or retire guidelines"),
    Permission.FLAG_CASES: sentence("flag what protects a case"),
    Permission.CLEAR_COURT_ORDERS: sentence("clear a court order; that takes compliance"),
    Permission.WATCH_SAFEGUARDS: sentence("see how the safeguards are kept"),
    Permission.GIVE_WORK: sentence("give, route or tag requests"),
    Permission.KEEP_WORK: sentence("keep queues, routing rules and people's capacity"),
    Permission.SEE_SENSITIVE: sentence("see what is specially protected in a case"),
    Permission.BREAK_GLASS: sentence("open what is specially protected for a reason and a short time"),
    Permission.SEE_BROKEN_GLASS: sentence("see who opened what is specially protected, and why"),
    Permission.SERVE_CALLERS: sentence("serve members who call"),
    Permission.SEE_FIGURES: sentence("see the plan's figures and the cases behind them"),
    Permission.KEEP_SIGN_IN_RULES: sentence("set who needs a second proof to sign in"),
    Permission.OFFER_HELP: sentence("see whom models suggest to offer help"),
    Permission.LOOK_UP_AUTHORIZATIONS: sentence("ask whether an authorization fits a claim line"),
    Permission.KEEP_CLAIMS: sentence("load claims and take loads back"),
    Permission.POST_METRICS: sentence("freeze and post the public metrics of a plan"),
    Permission.DRAW_SAMPLES: sentence("draw samples of files for auditors and admit guests to them"),
    Permission.SEE_SAMPLED_FILES: sentence("see the files of a sample"),
}


@dataclass(frozen=True)
class LicenceFact:
    """One licence as it stands on a row."""

    kind: str
    state: str
    status: str
    valid_from: date
    valid_to: date | None

    def is_valid(self, *, on: date) -> bool:
        """Say whether the licence is active and unexpired on a day."""
        return self.status == "active" and self.valid_from <= on and (self.valid_to is None or on < self.valid_to)


@dataclass(frozen=True)
class ReviewerFacts:
    """What the rules need to know of a person who wants to decide."""

    is_machine: bool
    permissions: frozenset[Permission]
    licences: tuple[LicenceFact, ...] = ()
    specialties: frozenset[str] = field(default_factory=frozenset)

    def licence_for(self, *, kind: str, state: str, on: date) -> LicenceFact | None:
        """Return a valid licence of a kind in a state, or None."""
        for licence in self.licences:
            if licence.kind == kind and licence.state == state and licence.is_valid(on=on):
                return licence
        return None


def check_has_permission(permissions: frozenset[Permission], needed: Permission) -> None:
    """Refuse an actor whose roles do not include a permission.

    Raises:
        PermissionRefused: it is not among them.
    """
    if needed not in permissions:
        raise PermissionRefused(
            f"Your role may not {PERMISSION_WORDS[needed]}. Ask a colleague whose role includes it."
        )


MOST_FAILURES = 10
"""Failed attempts to sign in within FAILURE_MINUTES before the account rests."""
FAILURE_MINUTES = 15


class TooManyAttempts(NotAllowed):
    """Too many wrong passwords for one account."""

    code: ClassVar[str] = "too-many-attempts"


def check_may_try(*, failures: int) -> None:
    """Refuse a further attempt to sign in after too many wrong ones.

    Raises:
        TooManyAttempts: the account rests for a while.
    """
    if failures >= MOST_FAILURES:
        raise TooManyAttempts(f"Too many wrong passwords. Wait {FAILURE_MINUTES} minutes, then try again.")
