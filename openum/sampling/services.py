"""The only writer of samples, of who may read them, and of what was found. No case is touched."""

import gzip
import secrets
from datetime import date, datetime, time, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.db import transaction

from openum import audit
from openum.accounts.models import OpenedFile, Plan, User
from openum.accounts.permitting import permitted
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.accounts.services import register_person
from openum.sampling.events import (
    GuestAdmitted,
    GuestShutOut,
    SampleClosed,
    SampledFileJudged,
    SampleDrawn,
)
from openum.sampling.models import FileVerdict, Sample, SampledFile
from openum.sampling.queries import MOST_ROWS, Wanted, case_ids_of, may_read, universe_of
from openum.sampling.rules import Element, Verdict, digest, draw, written
from openum.vocabulary.errors import Conflict, Invalid
from openum.vocabulary.terms import Role

MOST_FILES = 200
MOST_GUEST_DAYS = 180


class SampleNotPossible(Invalid):
    """The universe or the sample cannot be as it was asked for."""

    code: ClassVar[str] = "sample-not-possible"


class GuestNotPossible(Invalid):
    """This person cannot be a guest of the sample."""

    code: ClassVar[str] = "guest-not-possible"


class VerdictNotPossible(Invalid):
    """A verdict lacks its reason."""

    code: ClassVar[str] = "verdict-not-possible"


class SampleIsClosed(Conflict):
    """The sample is closed; nothing is added to it."""

    code: ClassVar[str] = "sample-is-closed"


@permitted(Permission.DRAW_SAMPLES, on="plan")
@transaction.atomic
def draw_sample(
    *,
    plan: Plan,
    wanted: Wanted,
    size: int,
    purpose: str,
    seed: str = "",
    sealed_basis: str = "",
    by: User,
    at: datetime,
) -> Sample:
    """Keep a universe as it stands, and draw files from it by lot.

    Args:
        plan: whose files.
        wanted: the universe.
        size: how many files; all of a smaller universe.
        purpose: who examines, and under what.
        seed: any text; empty: one is drawn. With the kept universe it lets anybody draw the same files again.
        sealed_basis: the law that opens specially protected files to the examiner, such as 42 CFR 2.53; without it they
            are left out and counted.
        by: who draws.
        at: when.

    Raises:
        PermissionRefused, OutOfReach: the actor draws no samples of this plan.
        SampleNotPossible: no purpose, days that end before they begin or are not over, an empty or too large universe.
    """
    if not purpose.strip():
        raise SampleNotPossible("Say who examines, and under what.")
    if wanted.last_day < wanted.first_day:
        raise SampleNotPossible("The last day lies before the first.")
    if wanted.last_day > at.astimezone(ZoneInfo(plan.time_zone)).date():
        raise SampleNotPossible("Choose a last day that has come.")
    if not 1 <= size <= MOST_FILES:
        raise SampleNotPossible(f"Draw between 1 and {MOST_FILES} files.")
    if wanted.with_sealed and not sealed_basis.strip():
        raise SampleNotPossible("Name the law that opens specially protected files to the examiner, or leave them out.")
    found = universe_of(plan, wanted)
    if found.is_too_large:
        raise SampleNotPossible(f"More than {MOST_ROWS} rows: choose fewer days or fewer lines of business.")
    if not found.rows:
        raise SampleNotPossible("Nothing was answered on these days. Choose other days.")
    content = written(found.heads, [row.cells for row in found.rows])
    one = Sample.objects.create(
        plan=plan, universe=wanted.universe, definition=wanted.kept(), purpose=purpose.strip(),
        sealed_basis=sealed_basis.strip() if wanted.with_sealed else "", sealed_left_out=found.sealed_left_out,
        seed=seed.strip() or secrets.token_hex(8), rows=len(found.rows), content=gzip.compress(content, mtime=0),
        content_digest=digest(content), drawn_by=by, drawn_at=at,
    )  # fmt: skip
    rows = {row.key: row for row in found.rows}
    files = [
        SampledFile(sample=one, position=position, key=key, label=rows[key].label, case_id=rows[key].case_id)
        for position, key in enumerate(draw(one.seed, rows, size), start=1)
    ]
    SampledFile.objects.bulk_create(files)
    audit.record(
        SampleDrawn(sample_id=one.public_id, rows=one.rows, files=len(files), content_digest=one.content_digest),
        by=by,
        at=at,
    )
    return one


def _open(sample: Sample) -> Sample:
    kept = Sample.objects.select_for_update().defer("content").get(pk=sample.pk)
    if kept.closed_at is not None:
        raise SampleIsClosed("This sample is closed. Draw a new one.")
    return kept


@permitted(Permission.DRAW_SAMPLES, on="sample.plan")
@transaction.atomic
def admit_guest(*, sample: Sample, email: str, name: str, last_day: date, by: User, at: datetime) -> tuple[User, str]:
    """Let somebody from outside read the files of a sample, and nothing else, to the end of a day in the plan's zone.

    Returns the guest and the password of a new account, which is kept nowhere else; empty for an account that exists.

    Raises:
        PermissionRefused, OutOfReach: the actor draws no samples of this plan.
        SampleIsClosed: it is over.
        GuestNotPossible: a day that is over or too far off, no name, or an account that is no guest's of this plan.
    """
    kept = _open(sample)
    zone = ZoneInfo(kept.plan.time_zone)
    today = at.astimezone(zone).date()
    if not today <= last_day <= today + timedelta(days=MOST_GUEST_DAYS):
        raise GuestNotPossible(f"Choose a last day within the next {MOST_GUEST_DAYS} days.")
    if not name.strip() or "@" not in email.strip():
        raise GuestNotPossible("Give the guest's name and e-mail address.")
    guest, password = User.objects.filter(email__iexact=email.strip()).first(), ""
    if guest is None:
        password = secrets.token_urlsafe(12)
        guest = register_person(
            email=email.strip(),
            name=name.strip(),
            password=password,
            title="",
            roles=[(Role.GUEST_AUDITOR, kept.plan, None)],
        )
    elif not guest.is_active or kept.plan_id not in scope_of(guest).plans_with(Permission.SEE_SAMPLED_FILES):
        raise GuestNotPossible("This address belongs to an account that is no guest's. Use another address.")
    until = datetime.combine(last_day + timedelta(days=1), time.min, tzinfo=zone)
    OpenedFile.objects.filter(user=guest, opened_for=kept.public_id).delete()
    files = kept.files.select_related("case").order_by("position")
    OpenedFile.objects.bulk_create(
        OpenedFile(user=guest, case_id=case_id, opened_for=kept.public_id, until=until)
        for case_id in case_ids_of(files)
    )
    audit.record(
        GuestAdmitted(
            sample_id=kept.public_id, guest_id=guest.public_id, until=until.isoformat(), is_new_account=bool(password)
        ),
        by=by, at=at,
    )  # fmt: skip
    return guest, password


@permitted(Permission.DRAW_SAMPLES, on="sample.plan")
@transaction.atomic
def shut_out(*, sample: Sample, guest: User, by: User, at: datetime) -> None:
    """Shut the files of a sample to a guest at once.

    Raises:
        PermissionRefused, OutOfReach: the actor draws no samples of this plan.
        GuestNotPossible: it is not open to this person.
    """
    gone, _kinds = OpenedFile.objects.filter(user=guest, opened_for=sample.public_id).delete()
    if not gone:
        raise GuestNotPossible("This sample is not open to this person.")
    audit.record(GuestShutOut(sample_id=sample.public_id, guest_id=guest.public_id), by=by, at=at)


@permitted(Permission.SEE_SAMPLED_FILES, Permission.DRAW_SAMPLES, on="file.case")
@transaction.atomic
def judge_file(
    *, file: SampledFile, element: Element, verdict: Verdict, note: str, by: User, at: datetime
) -> FileVerdict:
    """Keep what a reader found about one element of a file.

    Raises:
        PermissionRefused, OutOfReach: the actor reads no samples of this plan.
        SampleIsClosed: it is over, or not open to this guest now.
        VerdictNotPossible: a file fails without a reason.
    """
    kept = _open(file.sample)
    if kept.plan_id not in scope_of(by).plans_with(Permission.DRAW_SAMPLES) and not may_read(by, file.case, at=at):
        raise SampleIsClosed("This file is not open to you any more. Ask who admitted you.")
    if verdict is Verdict.FAIL and not note.strip():
        raise VerdictNotPossible("Say what is missing or wrong in the file.")
    row, _made = FileVerdict.objects.update_or_create(
        file=file, element=element,
        defaults={"verdict": verdict, "note": note.strip(), "judged_by": by, "judged_at": at},
    )  # fmt: skip
    audit.record(
        SampledFileJudged(sample_id=kept.public_id, position=file.position, element=element.value, verdict=verdict.value),
        by=by, at=at,
    )  # fmt: skip
    return row


@permitted(Permission.DRAW_SAMPLES, on="sample.plan")
@transaction.atomic
def close_sample(*, sample: Sample, by: User, at: datetime) -> Sample:
    """End a sample: its files are shut to guests, its verdicts stay as they are.

    Raises:
        PermissionRefused, OutOfReach: the actor draws no samples of this plan.
        SampleIsClosed: it was closed before.
    """
    kept = _open(sample)
    OpenedFile.objects.filter(opened_for=kept.public_id).delete()
    kept.closed_by, kept.closed_at = by, at
    kept.save(update_fields=["closed_by", "closed_at"])
    failed = FileVerdict.objects.filter(file__sample=kept, verdict=Verdict.FAIL).count()
    audit.record(SampleClosed(sample_id=kept.public_id, failed=failed), by=by, at=at)
    return kept
