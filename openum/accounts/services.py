"""The only writer of actors."""

import hashlib
from datetime import date, datetime, timedelta

from django.db import transaction

from openum import __version__, audit
from openum.accounts.events import SealJudged, SignedIn, SignedOut, SignInRefused
from openum.accounts.models import (
    ApiClient,
    BrokenSeal,
    Licence,
    Membership,
    Organization,
    Plan,
    SignInFailure,
    Specialty,
    User,
)
from openum.accounts.permitting import permitted
from openum.accounts.queries import ENGINE_EMAIL
from openum.accounts.rules import FAILURE_MINUTES, Permission, check_may_try
from openum.vocabulary.errors import Conflict, Invalid, NotAllowed
from openum.vocabulary.terms import Role


@transaction.atomic
def ensure_rules_engine() -> User:
    """Return the machine actor, creating it once. It holds no membership and no permission."""
    engine, _ = User.objects.get_or_create(
        email=ENGINE_EMAIL,
        defaults={"kind": User.MACHINE, "name": "OpenUM rules engine", "version": __version__, "password": "!"},
    )
    return engine


@transaction.atomic
def register_person(
    *,
    email: str,
    name: str,
    password: str | None,
    roles: list[tuple[Role, Plan | None, Organization | None]],
    title: str = "",
    phone: str = "",
    npi: str = "",
    specialties: tuple[str, ...] = (),
    licences: tuple[tuple[str, str, str, date], ...] = (),
) -> User:
    """Create a person with roles; licences are (kind, state, number, valid from). Without a password nobody signs in."""
    user = User.objects.create_person(email=email, name=name, password=password)
    user.title, user.phone, user.npi = title, phone, npi
    user.save(update_fields=["title", "phone", "npi"])
    Membership.objects.bulk_create(
        Membership(user=user, role=role, plan=plan, organization=organization) for role, plan, organization in roles
    )
    Specialty.objects.bulk_create(Specialty(user=user, name=item, is_board_certified=True) for item in specialties)
    Licence.objects.bulk_create(
        Licence(user=user, kind=kind, state=state, number=number, valid_from=valid_from)
        for kind, state, number, valid_from in licences
    )
    return user


@transaction.atomic
def register_client(
    *, name: str, plan: Plan, token: str, organization: Organization | None = None, enrols_unknown: bool = False
) -> ApiClient:
    """Register a system with a fixed bearer token, for sandbox plans and demo data; only the token's hash is kept."""
    return ApiClient.objects.create(
        name=name,
        plan=plan,
        organization=organization,
        user=client_user(name=name, plan=plan),
        token_hash=hashlib.sha256(token.encode()).hexdigest(),
        enrols_unknown=enrols_unknown,
    )


def client_user(*, name: str, plan: Plan) -> User:
    """Create the actor that a client's calls are recorded under."""
    slug = f"{plan.key}-{hashlib.sha256(name.encode()).hexdigest()[:12]}"
    return User.objects.create(kind=User.CLIENT, email=f"{slug}@clients.invalid", name=name, password="!")  # noqa: S106


def _digest(account: str) -> str:
    return hashlib.sha256(account.strip().casefold().encode()).hexdigest()


def check_may_sign_in(*, account: str, at: datetime) -> None:
    """Refuse an attempt for an account that had too many wrong ones (TooManyAttempts)."""
    since = at - timedelta(minutes=FAILURE_MINUTES)
    check_may_try(failures=SignInFailure.objects.filter(account_digest=_digest(account), at__gt=since).count())


@transaction.atomic
def note_sign_in_failure(*, account: str, at: datetime) -> None:
    """Count a wrong password; if the account exists, its trail shows the attempt."""
    SignInFailure.objects.filter(at__lt=at - timedelta(days=1)).delete()
    SignInFailure.objects.create(account_digest=_digest(account), at=at)
    user = User.objects.filter(email__iexact=account.strip()).first()
    if user is not None:
        audit.record(SignInRefused(), by=user, at=at)


@transaction.atomic
def note_sign_in(*, user: User, at: datetime) -> None:
    """Forget the wrong attempts and record that a person signed in."""
    SignInFailure.objects.filter(account_digest=_digest(user.email)).delete()
    audit.record(SignedIn(), by=user, at=at)


def note_sign_out(*, user: User, at: datetime) -> None:
    """Record that a person signed out."""
    audit.record(SignedOut(), by=user, at=at)


LEAST_JUDGEMENT = 3
"""Characters of a judgement that says something."""


@permitted(Permission.SEE_BROKEN_GLASS, on="seal")
@transaction.atomic
def judge_seal(*, seal: BrokenSeal, judgement: str, by: User, at: datetime) -> BrokenSeal:
    """Keep what the privacy officer thinks of a broken seal. Nobody judges the own one, and none is judged twice.

    Raises:
        NotAllowed: the judge broke it.
        Conflict: it is judged.
        Invalid: no words.
    """
    row = BrokenSeal.objects.select_for_update().get(pk=seal.pk)
    if row.user_id == by.pk:
        raise NotAllowed("You opened this yourself. Ask another person to judge it.")
    if row.judged_at is not None:
        raise Conflict("This is judged already. Reload the page.")
    if len(judgement.strip()) < LEAST_JUDGEMENT:
        raise Invalid("Write whether it was right, and what follows if not.")
    row.judgement, row.judged_by, row.judged_at = judgement.strip(), by, at
    row.save(update_fields=["judgement", "judged_by", "judged_at"])
    audit.record(SealJudged(case_id=row.case_id, seal_id=row.public_id), by=by, at=at)
    return row
