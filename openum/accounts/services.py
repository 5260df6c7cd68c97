"""The only writer of actors."""

import hashlib
from datetime import date

from django.db import transaction

from openum import __version__
from openum.accounts.models import ApiClient, Licence, Membership, Organization, Plan, Specialty, User
from openum.accounts.queries import ENGINE_EMAIL
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
    """Register a system that calls our interfaces; only the token's hash is kept."""
    slug = f"{plan.key}-{hashlib.sha256(name.encode()).hexdigest()[:12]}"
    user = User.objects.create(kind=User.CLIENT, email=f"{slug}@clients.invalid", name=name, password="!")  # noqa: S106
    return ApiClient.objects.create(
        name=name,
        plan=plan,
        organization=organization,
        user=user,
        token_hash=hashlib.sha256(token.encode()).hexdigest(),
        enrols_unknown=enrols_unknown,
    )
