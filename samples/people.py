"""The logins of the demo, one for each persona, and the colleagues who decided the earlier cases."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.auth.hashers import make_password

from openum.accounts.models import ApiClient, Organization, Plan, User
from openum.accounts.services import register_client, register_person
from openum.directory.models import Member
from openum.vocabulary.terms import Role
from samples import named
from samples.places import Places

PASSWORD = "harbor-lights"  # noqa: S105 - the demo prints it
CLIENT = "Bayline health record"
_SINCE = date(2015, 1, 1)
_NURSE = (("registered nurse", "EX", "RN-{0}", _SINCE),)
_PHYSICIAN = (("physician", "EX", "MD-{0}", _SINCE),)


@dataclass
class Staff:
    """Who acts in the earlier cases."""

    nurses: list[User] = field(default_factory=list)
    physicians: list[User] = field(default_factory=list)
    orthopaedist: User | None = None
    intake: list[User] = field(default_factory=list)
    offices: dict[str, User] = field(default_factory=dict)
    director: User | None = None
    logins: list[dict[str, str]] = field(default_factory=list)
    client: ApiClient | None = None
    clients: list[dict[str, str]] = field(default_factory=list)
    token: str = ""


PERSONAS: tuple[tuple[str, Role, str, str, str], ...] = (
    # persona, role, name, title, e-mail name
    ("provider_staff", Role.PROVIDER_STAFF, "Marta Solberg", "Prior authorization, Bayline Ortho", "marta.solberg"),
    ("intake", Role.INTAKE, "Devon Clairmont", "Intake", "devon.clairmont"),
    ("nurse", Role.NURSE, "J. Abara", "Review nurse, RN", "j.abara"),
    ("medical_director", Role.MEDICAL_DIRECTOR, "Dr. Grace Lin", "Medical director, internal medicine", "grace.lin"),
    ("orthopaedist", Role.ORTHOPAEDIST, "Dr. Omar Farouk", "Physician reviewer, orthopaedics", "omar.farouk"),
    ("appeals", Role.APPEALS, "Lena Wakefield", "Appeals, RN", "lena.wakefield"),
    ("case_manager", Role.CASE_MANAGER, "Tomás Ibarra", "Case management", "tomas.ibarra"),
    ("pharmacist", Role.PHARMACIST, "D. Kowalski", "Pharmacist", "d.kowalski"),
    ("director", Role.DIRECTOR, "Ruth Merriweather", "Director of utilization management", "ruth.merriweather"),
    ("auditor", Role.AUDITOR, "Henrik Voss", "Auditor", "henrik.voss"),
    ("integrator", Role.INTEGRATOR, "Yara Chandra", "Integration engineer", "yara.chandra"),
    ("member", Role.MEMBER, "Rosa Alvarez", "Member", "rosa.alvarez"),
    ("privacy_officer", Role.PRIVACY_OFFICER, "Ines Marchetti", "Privacy officer", "ines.marchetti"),
    ("claims_examiner", Role.CLAIMS_EXAMINER, "Noor Vandermeer", "Claims examiner", "noor.vandermeer"),
    (
        "service_representative",
        Role.SERVICE_REPRESENTATIVE,
        "Caleb Osei-Hart",
        "Member services",
        "caleb.oseihart",
    ),
    ("guest_auditor", Role.GUEST_AUDITOR, "Adaeze Lindholm", "Examiner, state insurance department", "adaeze.lindholm"),
)
_OF_SANDBOX_TOO = {
    Role.INTAKE, Role.NURSE, Role.MEDICAL_DIRECTOR, Role.ORTHOPAEDIST, Role.DIRECTOR, Role.AUDITOR, Role.INTEGRATOR,
}  # fmt: skip

_SPECIALTIES = {
    Role.MEDICAL_DIRECTOR: ("internal medicine",),
    Role.ORTHOPAEDIST: ("orthopaedics",),
}
_LICENCES: dict[Role, tuple[tuple[str, str, str, date], ...]] = {
    Role.NURSE: _NURSE,
    Role.APPEALS: _NURSE,
    Role.MEDICAL_DIRECTOR: _PHYSICIAN,
    Role.ORTHOPAEDIST: _PHYSICIAN,
    Role.PHARMACIST: (("pharmacist", "EX", "RPH-{0}", _SINCE),),
}
COLLEAGUES: tuple[tuple[str, Role, str], ...] = (
    ("N. Quartey", Role.NURSE, "Review nurse, RN"),
    ("S. Toledo", Role.NURSE, "Review nurse, RN"),
    ("P. Lindgren", Role.NURSE, "Review nurse, RN"),
    ("M. Okafor", Role.NURSE, "Review nurse, RN"),
    ("Dr. Amal Nazari", Role.MEDICAL_DIRECTOR, "Medical director, internal medicine"),
    ("Dr. Peter Oakley", Role.MEDICAL_DIRECTOR, "Medical director, family medicine"),
    ("B. Rosario", Role.INTAKE, "Intake"),
)


def find(places: Places) -> Staff:
    """Return those who act in the earlier cases of a world that was built before."""
    staff = Staff()
    known = {user.email: user for user in User.objects.exclude(kind=User.MACHINE)}
    for _, role, _, _, email in PERSONAS:
        user = known.get(_address(email))
        if user is None:
            continue  # a persona that is younger than the world
        _take_place(staff, user, role)
        if role == Role.PROVIDER_STAFF:
            staff.offices["bayline-ortho"] = user
    for number, (_, role, _) in enumerate(COLLEAGUES, start=50):
        _take_place(staff, known[_address(f"colleague.{number}")], role)
    for key in places.organizations:
        staff.offices.setdefault(key, known.get(_address(f"office.{key}"), staff.nurses[0]))
    staff.client = ApiClient.objects.select_related("plan", "organization", "user").get(plan=places.plan, name=CLIENT)
    return staff


def _address(name: str) -> str:
    return f"{name}@lumen-harbor.example"


def renew_tokens(places: Places) -> dict[str, Any]:
    """Give the clients new tokens, because only hashes of the old ones are kept, and return logins and clients."""
    clients = []
    for client in ApiClient.objects.filter(token_hash__isnull=False).select_related("plan").order_by("pk"):
        token = _token(client.plan)
        ApiClient.objects.filter(pk=client.pk).update(token_hash=hashlib.sha256(token.encode()).hexdigest())
        clients.append({"name": client.name, "plan": client.plan.name, "token": token})
    token = next(each["token"] for each in clients if each["plan"] == places.sandbox.name)
    there = set(User.objects.values_list("email", flat=True))
    logins = [
        {"persona": persona, "email": _address(email), "password": PASSWORD}
        for persona, _, _, _, email in PERSONAS
        if _address(email) in there
    ]
    return {"logins": logins, "clients": clients, "token": token}


def _token(plan: Plan) -> str:
    return f"{plan.key}-{secrets.token_urlsafe(24)}"


def build(places: Places, members: dict[str, Member]) -> Staff:
    """Register everybody. The demo password is hashed once, because every hash is slow on purpose."""
    staff = Staff()
    personas = [_persona(places, staff, *row, number=number) for number, row in enumerate(PERSONAS, start=1)]
    hashed = make_password(PASSWORD)
    User.objects.filter(pk__in=[user.pk for user in personas]).update(password=hashed)
    row = members[named.ROSA_ALVAREZ.number]
    row.user = next(user for (persona, *_), user in zip(PERSONAS, personas, strict=True) if persona == "member")
    row.save(update_fields=["user"])
    for number, (name, role, title) in enumerate(COLLEAGUES, start=50):
        user = _person(places, name, role, title, f"colleague.{number}", [(role, places.plan, None)], number)
        _take_place(staff, user, role)
    _offices(places, staff)
    _clients(places, staff)
    return staff


def _persona(
    places: Places, staff: Staff, persona: str, role: Role, name: str, title: str, email: str, *, number: int
) -> User:
    roles: list[tuple[Role, Plan | None, Organization | None]]
    if role == Role.PROVIDER_STAFF:
        roles = [(role, None, places.organizations["bayline-ortho"])]
    else:
        roles = [(role, places.plan, None)]
    if role in _OF_SANDBOX_TOO:
        roles.append((role, places.sandbox, None))
    user = _person(places, name, role, title, email, roles, number)
    staff.logins.append({"persona": persona, "email": user.email, "password": PASSWORD})
    _take_place(staff, user, role)
    if role == Role.PROVIDER_STAFF:
        staff.offices["bayline-ortho"] = user
    elif role == Role.DIRECTOR:
        staff.director = user
    return user


def _take_place(staff: Staff, user: User, role: Role) -> None:
    if role == Role.NURSE:
        staff.nurses.append(user)
    elif role == Role.MEDICAL_DIRECTOR:
        staff.physicians.append(user)
    elif role == Role.ORTHOPAEDIST:
        staff.orthopaedist = user
    elif role == Role.INTAKE:
        staff.intake.append(user)


def _person(
    places: Places, name: str, role: Role, title: str, email: str,
    roles: list[tuple[Role, Plan | None, Organization | None]], number: int,
) -> User:  # fmt: skip
    licences = tuple(
        (kind, state, template.format(1000 + number), since) for kind, state, template, since in _LICENCES.get(role, ())
    )
    specialties: Any = _SPECIALTIES.get(role, ())
    if "family medicine" in title:
        specialties = ("family medicine",)
    return register_person(
        email=_address(email), name=name, password=None, roles=roles, title=title,
        phone=f"1-555-07{number:02d}", specialties=specialties, licences=licences,
    )  # fmt: skip


def _offices(places: Places, staff: Staff) -> None:
    """Give every practice somebody who writes its requests. They cannot sign in."""
    for number, (key, organization) in enumerate(places.organizations.items(), start=60):
        if key not in staff.offices:
            staff.offices[key] = register_person(
                email=_address(f"office.{key}"), name=f"Front desk of {organization.name}", password=None,
                roles=[(Role.PROVIDER_STAFF, None, organization)], title="Front desk", phone=f"1-555-08{number:02d}",
            )  # fmt: skip


def _clients(places: Places, staff: Staff) -> None:
    clients = (
        (CLIENT, places.plan, None, False),
        ("Harbor Primary Care health record", places.plan, places.organizations["harbor-primary"], False),
        ("Sandbox", places.sandbox, None, True),
    )
    for name, plan, organization, enrols in clients:
        token = _token(plan)
        client = register_client(name=name, plan=plan, token=token, organization=organization, enrols_unknown=enrols)
        staff.clients.append({"name": name, "plan": plan.name, "token": token})
        if enrols:
            staff.token = token
        elif staff.client is None:
            staff.client = client
