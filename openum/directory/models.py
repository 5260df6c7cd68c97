"""Members with their coverage, the products behind it, providers, networks, codes and published policies."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from openum.accounts.models import Organization, Plan, User
from openum.vocabulary.identifiers import new_uuid7
from openum.vocabulary.terms import LineOfBusiness


def line_of_business_choices() -> list[tuple[str, str]]:
    """The lines of business, as a callable so that a new word is not a migration."""
    return [(item.value, item.value) for item in LineOfBusiness if item is not LineOfBusiness.INTEGRATED_DUAL]


def governing_law(line_of_business: str, *, is_integrated: bool) -> LineOfBusiness:
    """Return the law of times, notices and appeals: the unified one where a plan gives Medicare and Medicaid in one."""
    if is_integrated and line_of_business == LineOfBusiness.MEDICARE_ADVANTAGE:
        return LineOfBusiness.INTEGRATED_DUAL
    return LineOfBusiness(line_of_business)


class Product(models.Model):
    """What a plan sells: the law, the funding and the calendar a request lives under."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="products")
    key = models.SlugField()
    name = models.TextField()
    line_of_business = models.TextField(choices=line_of_business_choices)
    is_fully_insured = models.BooleanField(default=True)
    state = models.TextField(blank=True)
    contract = models.TextField(blank=True, help_text="contract and plan benefit package, for example H9999-001")
    rating_period_start = models.DateField(null=True, blank=True)
    time_zone = models.TextField(default="America/New_York")
    holidays = models.JSONField(default=list, help_text="ISO dates that the plan adds to the government calendar")
    languages = models.JSONField(default=list)
    is_integrated_dsnp = models.BooleanField(default=False)
    sponsor_name = models.TextField(blank=True)

    @property
    def law(self) -> LineOfBusiness:
        """The law of times, notices and appeals; what is covered follows `line_of_business`."""
        return governing_law(self.line_of_business, is_integrated=self.is_integrated_dsnp)

    class Meta:
        """A key once per plan."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["plan", "key"], name="product_key_once")]

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {
            "id", "public_id", "plan", "key", "name", "line_of_business", "is_fully_insured", "state", "contract",
            "rating_period_start", "time_zone", "holidays", "languages", "is_integrated_dsnp", "sponsor_name",
        }  # fmt: skip


class Member(models.Model):
    """A person the plan covers, or a provisional one who is linked later without changing numbers or receipts."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="members", db_index=False)
    member_number = models.TextField()
    family_name = models.TextField()
    given_name = models.TextField()
    birth_date = models.DateField(null=True, blank=True)
    sex = models.TextField(blank=True)
    language = models.TextField(default="en")
    notice_format = models.TextField(default="print")
    address = models.TextField(blank=True)
    alternative_address = models.TextField(blank=True)
    phone = models.TextField(blank=True)
    email = models.TextField(blank=True)
    is_confidential = models.BooleanField(default=False)
    accommodations = models.TextField(blank=True)
    has_court_order = models.BooleanField(default=False)
    is_provisional = models.BooleanField(default=False)
    mother = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="newborns")
    birth_order = models.PositiveSmallIntegerField(null=True, blank=True)
    linked_to = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="provisional_rows")
    user = models.OneToOneField(User, models.SET_NULL, null=True, blank=True, related_name="member")

    class Meta:
        """A member number belongs to one person of a plan."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["plan", "member_number"], name="member_number_once")]
        indexes: ClassVar = [
            models.Index(fields=["plan", "birth_date"], name="member_by_birth_date"),
            models.Index(fields=["plan", "family_name"], name="member_by_name"),
        ]

    class Phi:
        """Everything about the person."""

        phi: ClassVar[set[str]] = {
            "member_number", "family_name", "given_name", "birth_date", "sex", "language", "notice_format", "address",
            "alternative_address", "phone", "email", "is_confidential", "accommodations", "has_court_order", "mother",
            "birth_order",
        }  # fmt: skip
        safe: ClassVar[set[str]] = {"id", "public_id", "plan", "is_provisional", "linked_to", "user"}

    @property
    def full_name(self) -> str:
        """Given and family name, as a letter writes it."""
        return f"{self.given_name} {self.family_name}".strip()


class Coverage(models.Model):
    """A span of coverage with valid time (what was true) and recorded time (what we knew when)."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="coverages")
    product = models.ForeignKey(Product, models.PROTECT, related_name="coverages")
    subscriber_number = models.TextField()
    relationship = models.TextField(default="self")
    group_number = models.TextField(blank=True)
    rank = models.PositiveSmallIntegerField(default=1, help_text="order for coordination of benefits")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True, help_text="first day no longer covered")
    recorded_from = models.DateTimeField()
    recorded_to = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Both periods run forward."""

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="coverage_valid_in_order"
            ),
            models.CheckConstraint(
                condition=Q(recorded_to__isnull=True) | Q(recorded_to__gte=F("recorded_from")),
                name="coverage_recorded_in_order",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["subscriber_number"], name="coverage_by_subscriber")]

    class Phi:
        """Numbers and spans identify the member."""

        phi: ClassVar[set[str]] = {"subscriber_number", "relationship", "group_number", "valid_from", "valid_to"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "member", "product", "rank", "recorded_from", "recorded_to",
        }  # fmt: skip


class Practitioner(models.Model):
    """A person who orders or gives care, known to one plan."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="practitioners")
    npi = models.TextField(blank=True)
    family_name = models.TextField()
    given_name = models.TextField(blank=True)
    specialty = models.TextField(blank=True)
    phone = models.TextField(blank=True)
    fax = models.TextField(blank=True)
    address = models.TextField(blank=True)

    class Meta:
        """A provider number once per plan."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "npi"], condition=~Q(npi=""), name="practitioner_npi_once")
        ]

    class Phi:
        """Provider data, not member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {
            "id", "public_id", "plan", "npi", "family_name", "given_name", "specialty", "phone", "fax", "address",
        }  # fmt: skip

    @property
    def full_name(self) -> str:
        """Given and family name."""
        return f"{self.given_name} {self.family_name}".strip()


class PractitionerLicence(models.Model):
    """A practitioner's licence: state, kind, status, dates."""

    practitioner = models.ForeignKey(Practitioner, models.CASCADE, related_name="licences")
    state = models.TextField()
    kind = models.TextField()
    number = models.TextField()
    status = models.TextField(default="active")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Phi:
        """Provider data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {
            "id", "practitioner", "state", "kind", "number", "status", "valid_from", "valid_to",
        }  # fmt: skip


class Facility(models.Model):
    """A place of care."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="facilities")
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, blank=True, related_name="facilities")
    npi = models.TextField(blank=True)
    name = models.TextField()
    kind = models.TextField(blank=True)
    phone = models.TextField(blank=True)
    fax = models.TextField(blank=True)
    address = models.TextField(blank=True)

    class Meta:
        """A provider number once per plan."""

        verbose_name_plural = "facilities"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "npi"], condition=~Q(npi=""), name="facility_npi_once")
        ]

    class Phi:
        """Provider data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {
            "id", "public_id", "plan", "organization", "npi", "name", "kind", "phone", "fax", "address",
        }  # fmt: skip


class Exclusion(models.Model):
    """An entry of a list that bars automatic approval: OIG exclusion, CMS preclusion, state list (42 CFR 422.222)."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="exclusions")
    npi = models.TextField()
    list_name = models.TextField(help_text="oig, preclusion or a state list")
    source = models.TextField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        """Looked up by provider number."""

        indexes: ClassVar = [models.Index(fields=["plan", "npi"], name="exclusion_by_npi")]

    class Phi:
        """Provider data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "plan", "npi", "list_name", "source", "valid_from", "valid_to"}


class Network(models.Model):
    """A set of contracted providers behind one or more products."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="networks")
    name = models.TextField()
    products = models.ManyToManyField(Product, related_name="networks", blank=True)

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "plan", "name", "products"}


class Participation(models.Model):
    """A provider number takes part in a network for a period."""

    network = models.ForeignKey(Network, models.CASCADE, related_name="participations")
    npi = models.TextField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        """Looked up by provider number."""

        indexes: ClassVar = [models.Index(fields=["npi", "network"], name="participation_by_npi")]

    class Phi:
        """Provider data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "network", "npi", "valid_from", "valid_to"}


class Affiliation(models.Model):
    """A practitioner works with a provider organization."""

    practitioner = models.ForeignKey(Practitioner, models.CASCADE, related_name="affiliations")
    organization = models.ForeignKey(Organization, models.CASCADE, related_name="affiliations")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        """One start per pair."""

        constraints: ClassVar = [
            models.UniqueConstraint(fields=["practitioner", "organization", "valid_from"], name="affiliation_once")
        ]

    class Phi:
        """Provider data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "practitioner", "organization", "valid_from", "valid_to"}


class CodeList(models.Model):
    """A loaded, dated list of codes. Validity is checked only where such a list is loaded.

    Of an incomplete list only the codes it holds are checked; a code it does not hold is "not checked", never invalid.
    """

    system = models.TextField(unique=True)
    name = models.TextField()
    is_complete = models.BooleanField(default=True)
    source = models.TextField()
    loaded_at = models.DateTimeField()

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "system", "name", "is_complete", "source", "loaded_at"}


class Code(models.Model):
    """One code with our own short wording and its validity dates."""

    code_list = models.ForeignKey(CodeList, models.CASCADE, related_name="codes")
    code = models.TextField()
    wording = models.TextField(blank=True)
    wording_es = models.TextField(blank=True)
    service_family = models.TextField(blank=True)
    specialty = models.TextField(blank=True, help_text="the field of medicine the service belongs to")
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        """A code once per list and start."""

        constraints: ClassVar = [models.UniqueConstraint(fields=["code_list", "code", "valid_from"], name="code_once")]
        indexes: ClassVar = [models.Index(fields=["code"], name="code_by_code")]

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {
            "id", "code_list", "code", "wording", "wording_es", "service_family", "specialty", "valid_from", "valid_to",
        }  # fmt: skip


class Policy(models.Model):
    """One published policy: a deadline pack, a guideline, an approval rule, a letter template. Never edited.

    Publishing imports a file by its content; decisions pin the row they used. A row without a plan holds for all.
    """

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, null=True, blank=True, related_name="policies")
    kind = models.TextField(help_text="deadline-rule, guideline, cql-library, approval-rule, reason, notice-template …")
    key = models.TextField()
    version = models.TextField()
    effective_from = models.DateField()
    effective_to = models.DateField(null=True, blank=True)
    digest = models.TextField(help_text="SHA-256 of the body, hexadecimal")
    body = models.TextField()
    source = models.TextField()
    source_verified = models.BooleanField(default=False)
    published_at = models.DateTimeField()

    class Meta:
        """A version is published once; its content never changes."""

        verbose_name_plural = "policies"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "kind", "key", "version"], name="policy_version_once"),
            models.UniqueConstraint(
                fields=["kind", "key", "version"], condition=Q(plan__isnull=True), name="common_policy_version_once"
            ),
            models.CheckConstraint(
                condition=Q(effective_to__isnull=True) | Q(effective_to__gt=F("effective_from")),
                name="policy_dates_in_order",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["kind", "key"], name="policy_by_kind_and_key")]

    class Phi:
        """No member data."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {
            "id", "public_id", "plan", "kind", "key", "version", "effective_from", "effective_to", "digest", "body",
            "source", "source_verified", "published_at",
        }  # fmt: skip
