"""What protects a case from a no, and the stored comparisons that show whether rules are applied alike."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from openum.accounts.models import Plan, User
from openum.cases.models import Case
from openum.vocabulary.identifiers import new_uuid7


class CaseFlag(models.Model):
    """A fact of a case that the law ties a protection to. Set by a person, cleared by a person, never edited."""

    COURT_ORDER = "court_order"
    EMERGENCY = "emergency"
    AFTER_STABILIZATION = "after_stabilization"
    BIRTH = "birth"
    COURSE_OF_TREATMENT = "course_of_treatment"

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="flags")
    kind = models.TextField(
        choices=[(word, word) for word in (COURT_ORDER, EMERGENCY, AFTER_STABILIZATION, BIRTH, COURSE_OF_TREATMENT)]
    )
    words = models.TextField(help_text="what is known: the order, the symptoms at arrival, the birth")
    starts_at = models.DateTimeField(null=True, blank=True, help_text="of a birth: when its protected time starts")
    is_caesarean = models.BooleanField(default=False)
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    set_at = models.DateTimeField()
    cleared_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    cleared_at = models.DateTimeField(null=True, blank=True)
    cleared_because = models.TextField(blank=True)

    class Meta:
        """One open flag of a kind on a case; a cleared one says who, when and why."""

        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "kind"], condition=Q(cleared_at__isnull=True), name="one_open_flag_of_a_kind"
            ),
            models.CheckConstraint(
                condition=Q(cleared_at__isnull=True, cleared_by__isnull=True, cleared_because="")
                | (Q(cleared_at__isnull=False, cleared_by__isnull=False) & ~Q(cleared_because="")),
                name="cleared_flag_says_why",
            ),
            models.CheckConstraint(condition=~Q(kind="birth") | Q(starts_at__isnull=False), name="birth_has_its_time"),
        ]

    class Phi:
        """Facts about the member."""

        phi: ClassVar[set[str]] = {"kind", "words", "starts_at", "is_caesarean", "cleared_because"}
        safe: ClassVar[set[str]] = {
            "id", "public_id", "case", "set_by", "set_at", "cleared_by", "cleared_at",
        }  # fmt: skip


class ParityComparison(models.Model):
    """Mental health and substance use beside medical and surgical care, as applied in a period (45 CFR 146.136)."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="parity_comparisons")
    first_day = models.DateField()
    after_day = models.DateField(help_text="first day after the period")
    figures = models.JSONField(default=list, help_text="one entry for each benefit class and kind of condition")
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()

    class Meta:
        """A period runs forward."""

        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(after_day__gt=F("first_day")), name="parity_period_in_order"),
        ]

    class Phi:
        """Counts without members."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {
            "id", "public_id", "plan", "first_day", "after_day", "figures", "made_by", "made_at",
        }  # fmt: skip


class IncentiveAffirmation(models.Model):
    """Somebody who decides affirmed that no pay hangs on a decision (NCQA UM 4 G). Added, never changed."""

    public_id = models.UUIDField(default=new_uuid7, unique=True, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="incentive_affirmations")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+", db_index=False)
    statement = models.ForeignKey("directory.Policy", models.PROTECT, related_name="+", db_index=False)
    affirmed_at = models.DateTimeField()

    class Meta:
        """Read by plan, the last of each person."""

        indexes: ClassVar = [models.Index(fields=["plan", "user", "affirmed_at"], name="affirmation_by_person")]

    class Phi:
        """Staff only."""

        phi: ClassVar[set[str]] = set()
        safe: ClassVar[set[str]] = {"id", "public_id", "user", "plan", "statement", "affirmed_at"}
