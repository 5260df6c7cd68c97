"""People, and the plans and organizations they act for; every scope hangs on these."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q

from openum.vocabulary.identifiers import new_uuid7
from openum.vocabulary.terms import Role


def role_choices() -> list[tuple[str, str]]:
    """The roles, as a callable so that a new word is not a migration."""
    return [(role.value, role.value) for role in Role]


class Tenant(models.Model):
    """The organization that runs this installation."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    name = models.TextField()

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "public_id", "name"}


class Plan(models.Model):
    """One payer. Every case, policy, queue, client and outbox row reaches exactly one plan."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="plans")
    key = models.SlugField(unique=True)
    name = models.TextField()
    time_zone = models.TextField(default="America/New_York")
    is_sandbox = models.BooleanField(default=False)
    phone = models.TextField(blank=True)
    tty = models.TextField(blank=True)
    address = models.TextField(blank=True)
    npi = models.TextField(blank=True)
    tax_id = models.TextField(blank=True)
    needs_second_proof = models.BooleanField(default=False, help_text="at sign-in, of people who work for the plan")

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {
            "needs_second_proof", "id", "public_id", "tenant", "key", "name", "time_zone", "is_sandbox", "phone", "tty", "address", "npi",
            "tax_id",
        }  # fmt: skip


class Organization(models.Model):
    """A provider organization (practice, hospital) or a delegate that performs functions for a plan."""

    PROVIDER = "provider"
    DELEGATE = "delegate"

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="organizations")
    kind = models.TextField(choices=[(PROVIDER, "provider organization"), (DELEGATE, "delegate")])
    name = models.TextField()
    npi = models.TextField(blank=True)
    tax_id = models.TextField(blank=True)
    phone = models.TextField(blank=True)
    fax = models.TextField(blank=True)
    address = models.TextField(blank=True)
    delegated_by = models.ManyToManyField(Plan, blank=True, related_name="delegates")

    class Meta:
        """A provider number belongs to one organization of a tenant."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "npi"], condition=~Q(npi=""), name="organization_npi_once"),
        ]

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {
            "id", "public_id", "tenant", "kind", "name", "npi", "tax_id", "phone", "fax", "address", "delegated_by",
        }  # fmt: skip


class UserManager(BaseUserManager["User"]):
    """Makes users; nothing here reads member data, so no scope is needed."""

    def create_person(self, *, email: str, name: str, password: str | None) -> "User":
        """Create a person who signs in with an e-mail address."""
        user = self.model(email=self.normalize_email(email), name=name, kind=User.PERSON)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find a person by e-mail, whatever the case of its letters."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """An actor: a person, an API client, or a machine. A machine has no adverse permission, ever."""

    PERSON = "person"
    CLIENT = "client"
    MACHINE = "machine"

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    kind = models.TextField(choices=[(PERSON, "person"), (CLIENT, "API client"), (MACHINE, "machine")])
    email = models.EmailField(unique=True)
    name = models.TextField()
    title = models.TextField(blank=True)
    phone = models.TextField(blank=True)
    npi = models.TextField(blank=True)
    version = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)
    manager = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="reports")

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        """Machines carry the version that acted."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(kind="machine") | ~Q(version=""), name="machine_has_version"),
        ]

    class Phi:
        """Staff data, not member data; a member's login carries the member's name."""

        phi: ClassVar[set[str]] = {"name", "email", "phone"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "kind", "title", "npi", "version", "is_active", "manager", "password", "last_login",
        }  # fmt: skip

    @property
    def is_machine(self) -> bool:
        """Whether software acts, not a person."""
        return self.kind != self.PERSON


class Membership(models.Model):
    """A role that a user holds for a plan, or for a provider organization or delegate."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.TextField(choices=role_choices)
    plan = models.ForeignKey(Plan, models.PROTECT, null=True, blank=True, related_name="memberships")
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="memberships")

    class Meta:
        """A membership has a scope: never everything by accident."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "role", "plan", "organization"], name="membership_once"),
            models.CheckConstraint(
                condition=Q(plan__isnull=False) | Q(organization__isnull=False), name="membership_has_scope"
            ),
        ]

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "user", "role", "plan", "organization"}


class Licence(models.Model):
    """A clinician's licence. Who may decide depends on it at the instant of the decision."""

    ACTIVE = "active"

    user = models.ForeignKey(User, models.CASCADE, related_name="licences")
    kind = models.TextField(help_text="physician, registered nurse, pharmacist, psychologist, …")
    state = models.TextField(help_text="two-letter state, or EX for the invented demo state")
    number = models.TextField()
    status = models.TextField(default=ACTIVE)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        """One row per number."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "kind", "state", "number"], name="licence_once"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="licence_dates_in_order"
            ),
        ]

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "user", "kind", "state", "number", "status", "valid_from", "valid_to"}


class Specialty(models.Model):
    """A field of medicine a clinician works in."""

    user = models.ForeignKey(User, models.CASCADE, related_name="specialties")
    name = models.TextField(help_text="lower case, for example orthopaedics")
    is_board_certified = models.BooleanField(default=False)

    class Meta:
        """A field once per person."""

        verbose_name_plural = "specialties"
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "name"], name="specialty_once")]

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "user", "name", "is_board_certified"}


class SignInFailure(models.Model):
    """One failed attempt to sign in, so that guessing becomes slow. Neither address nor password is kept."""

    account_digest = models.TextField(help_text="SHA-256 of the address that was typed")
    at = models.DateTimeField()

    class Meta:
        """Counted by account within a short time."""

        indexes: ClassVar = [models.Index(fields=["account_digest", "at"], name="failure_by_account")]

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "account_digest", "at"}


class BrokenSeal(models.Model):
    """Who opened what is specially protected in a case, why, and until when; and what the privacy officer thought of it.

    The case is named by its public id: this table lies below the cases.
    """

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="broken_seals")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="broken_seals")
    case_id = models.UUIDField(db_index=True)
    case_number = models.TextField()
    reason = models.TextField(help_text="in the person's own words")
    broken_at = models.DateTimeField()
    until = models.DateTimeField(help_text="the first instant at which it is shut again")
    judged_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    judged_at = models.DateTimeField(null=True, blank=True)
    judgement = models.TextField(blank=True)

    class Meta:
        """Read by person while it is open, and by plan in the report."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(until__gt=F("broken_at")), name="seal_open_for_a_time"),
            models.CheckConstraint(
                condition=Q(judged_at__isnull=True, judged_by__isnull=True, judgement="")
                | (Q(judged_at__isnull=False, judged_by__isnull=False) & ~Q(judgement="")),
                name="seal_judgement_whole",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "until"], name="seal_by_person"),
            models.Index(fields=["plan", "-broken_at"], name="seal_by_plan"),
        ]

    class Phi:
        """The reason is written about a member."""

        phi: ClassVar[set[str]] = {"reason", "judgement", "case_id", "case_number"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "user", "plan", "broken_at", "until", "judged_by", "judged_at",
        }  # fmt: skip


class OpenedFile(models.Model):
    """A case that stands open to one guest for a time, because it is part of a sample, and nothing else to them.

    The case and what opened it are named by their public ids: this table lies below both.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="opened_files")
    case_id = models.UUIDField()
    opened_for = models.UUIDField(help_text="the sample")
    until = models.DateTimeField(help_text="the first instant at which it is shut again")

    class Meta:
        """Once a guest and sample; read by guest."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "case_id", "opened_for"], name="opened_file_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["user", "until"], name="opened_file_by_guest")]

    class Phi:
        """Which case."""

        phi: ClassVar[set[str]] = {"case_id"}
        safe: ClassVar[set[str]] = {"id", "user", "opened_for", "until"}
