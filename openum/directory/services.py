"""The only writer of the directory."""

import hashlib
import itertools
import re
from datetime import date, datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.db import transaction

from openum import audit
from openum.accounts.models import Organization, Plan, User
from openum.db import plain
from openum.db.transactions import atomic
from openum.directory.events import LanguageChanged, MemberEnrolled, PolicyPublished
from openum.directory.models import Coverage, Facility, Member, Policy, Practitioner, Product
from openum.vocabulary.errors import Conflict, Invalid, NotAllowed
from openum.vocabulary.identifiers import new_uuid7

KNOWN_BEFORE = timedelta(minutes=1)
"""A person enrolled on first sight is known since then: also to a call that began earlier and had to wait."""


class PolicyVersionChanged(Conflict):
    """A published version never changes its content."""

    code: ClassVar[str] = "policy-version-changed"


class AlreadyOnFile(Conflict):
    """This child stands on file already."""

    code: ClassVar[str] = "already-on-file"


class NotASandboxPlan(NotAllowed):
    """People are enrolled from messages only in sandbox plans."""

    code: ClassVar[str] = "not-a-sandbox-plan"


@transaction.atomic
def publish_policy(
    *,
    kind: str,
    key: str,
    version: str,
    body: str,
    effective_from: date,
    source: str,
    by: User,
    at: datetime,
    effective_to: date | None = None,
    plan: Plan | None = None,
    source_verified: bool = False,
) -> Policy:
    """Import one policy as an immutable row; the same content again returns the row that is there.

    Raises:
        PolicyVersionChanged: the version is published with other content.
    """
    digest = hashlib.sha256(body.encode()).hexdigest()
    known = Policy.objects.filter(plan=plan, kind=kind, key=key, version=version).first()
    if known is not None:
        if known.digest != digest:
            raise PolicyVersionChanged(
                f"{kind} {key} {version} is already published with other content. Give the change a new version."
            )
        return known
    policy = Policy.objects.create(
        plan=plan,
        kind=kind,
        key=key,
        version=version,
        body=body,
        digest=digest,
        effective_from=effective_from,
        effective_to=effective_to,
        source=source,
        source_verified=source_verified,
        published_at=at,
    )
    audit.record(PolicyPublished(policy_id=policy.public_id, kind=kind, key=key, version=version), by=by, at=at)
    return policy


@atomic
def wait_for_first_sights(product: Product) -> None:
    """Wait until no other transaction enrols an unknown person; until this one ends, no other begins.

    Look again for the person afterwards: the other may have been about the same one. SQLite has one writer at a time
    anyway.
    """
    Product.objects.select_for_update(no_key=True).get(pk=product.pk)


def enrol_on_first_sight(
    *,
    product: Product,
    number: str,
    subscriber_number: str,
    family: str,
    given: str,
    birth_date: date | None,
    sex: str,
    by: User,
    at: datetime,
) -> tuple[Member, Coverage]:
    """Put an unknown person of a sandbox plan on file, covered since long, so that anybody's test can be tried.

    Where another person has the number already, it is kept as the subscriber's number, by which this one is found; as
    member number it gets a count.

    Raises:
        NotASandboxPlan: the plan holds real or demo members.
    """
    if not product.plan.is_sandbox:
        raise NotASandboxPlan("People are enrolled on first sight only in sandbox plans. Match the member by hand.")
    own_number = _free_number(product.plan, number)
    member = plain.new(
        Member,
        plan=product.plan,
        member_number=own_number,
        family_name=family,
        given_name=given,
        birth_date=birth_date,
        sex=sex,
    )
    plain.insert([member])
    coverage = plain.new(
        Coverage,
        member=member,
        product=product,
        subscriber_number=subscriber_number if subscriber_number and own_number == number else number,
        valid_from=date(2000, 1, 1),
        recorded_from=at - KNOWN_BEFORE,
    )
    plain.insert([coverage])
    audit.record(MemberEnrolled(member_id=member.public_id), by=by, at=at)
    return member, coverage


@atomic
def add_newborn(
    *, mother: Member, coverage: Coverage, given: str, birth_date: date, birth_order: int, sex: str, by: User,
    at: datetime,
) -> Member:  # fmt: skip
    """Put a newborn on file provisionally, under the mother's coverage from the day of birth.

    Raises:
        AlreadyOnFile: this child of hers is on file.
    """
    number = f"{mother.member_number}-N{birth_date:%y%m%d}-{birth_order}"
    if Member.objects.filter(plan=mother.plan, member_number=number).exists():
        raise AlreadyOnFile(f"This child is on file as {number}. Choose that person.")
    child = Member.objects.create(
        plan=mother.plan, member_number=number, family_name=mother.family_name, given_name=given, birth_date=birth_date,
        sex=sex, language=mother.language, notice_format=mother.notice_format, address=mother.address,
        alternative_address=mother.alternative_address, phone=mother.phone, is_confidential=mother.is_confidential,
        is_provisional=True, mother=mother, birth_order=birth_order,
    )  # fmt: skip
    Coverage.objects.create(
        member=child, product_id=coverage.product_id, subscriber_number=coverage.subscriber_number, relationship="child",
        group_number=coverage.group_number, rank=coverage.rank, valid_from=birth_date, valid_to=coverage.valid_to,
        recorded_from=at - KNOWN_BEFORE,
    )  # fmt: skip
    audit.record(MemberEnrolled(member_id=child.public_id), by=by, at=at)
    return child


@atomic
def add_unknown(
    *, product: Product, family: str, given: str, birth_date: date | None, by: User, at: datetime
) -> Member:  # fmt: skip
    """Put somebody on file provisionally whom nobody found. The span of no days names the product and covers nothing."""
    member = Member.objects.create(
        plan=product.plan, member_number=f"P-{new_uuid7().hex[-10:].upper()}", family_name=family, given_name=given,
        birth_date=birth_date, is_provisional=True,
    )  # fmt: skip
    today = at.astimezone(ZoneInfo(product.time_zone)).date()
    Coverage.objects.create(
        member=member, product=product, subscriber_number=member.member_number, valid_from=today, valid_to=today,
        recorded_from=at - KNOWN_BEFORE,
    )  # fmt: skip
    audit.record(MemberEnrolled(member_id=member.public_id), by=by, at=at)
    return member


@atomic
def link_provisional(*, provisional: Member, member: Member | None) -> Member:
    """Say which member a provisional row is, or (None) that it is nobody's yet; the caller records why."""
    provisional.linked_to = member
    provisional.save(update_fields=["linked_to"])
    return provisional


def _free_number(plan: Plan, number: str) -> str:
    if not plain.select_where(Member, "plan_id = %s AND member_number = %s", [plan.pk, number]):
        return number
    same = Member.objects.filter(plan=plan, member_number__startswith=f"{number} (")
    taken = set(same.values_list("member_number", flat=True))
    return next(one for count in itertools.count(2) if (one := f"{number} ({count})") not in taken)


@atomic
def register_sandbox_provider(
    *, plan: Plan, npi: str, name: str, family: str, given: str, is_organization: bool
) -> None:
    """Put an unknown provider number of a sandbox plan on file.

    Raises:
        NotASandboxPlan: the plan is no sandbox.
    """
    if not plan.is_sandbox:
        raise NotASandboxPlan("Providers are put on file on first sight only in sandbox plans.")
    if not is_organization:
        practitioner, is_new = Practitioner.objects.get_or_create(
            plan=plan, npi=npi, defaults={"family_name": family or name or "Unnamed", "given_name": given}
        )
        if is_new:
            practitioner.licences.create(state="EX", kind="physician", number=f"SB-{npi}", valid_from=date(2000, 1, 1))
        return
    organization, _ = Organization.objects.get_or_create(
        tenant_id=plan.tenant_id, npi=npi, defaults={"kind": Organization.PROVIDER, "name": name or "Unnamed"}
    )
    Facility.objects.get_or_create(
        plan=plan, npi=npi, defaults={"name": name or "Unnamed", "organization": organization}
    )


_LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@transaction.atomic
def set_language(*, member: Member, language: str, by: User, at: datetime) -> Member:
    """Keep in which language a member wants letters and calls.

    Raises:
        Invalid: not a language tag (BCP 47).
    """
    if not _LANGUAGE_TAG.fullmatch(language.strip()):
        raise Invalid("Choose a language from the list.")
    row = Member.objects.select_for_update().get(pk=member.pk)
    row.language = language.strip()
    row.save(update_fields=["language"])
    audit.record(LanguageChanged(member_id=row.public_id), by=by, at=at)
    return row
