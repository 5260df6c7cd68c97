"""The way of a guideline version: written, reviewed by somebody else, voted on by the committee, published."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.db import transaction

from openum import audit
from openum.accounts.models import Plan, User
from openum.accounts.permitting import permitted
from openum.accounts.rules import Permission
from openum.criteria.checks import check_and_run
from openum.criteria.document import disassemble, heading_of, with_settings
from openum.criteria.events import GuidelineReviewed, GuidelineTextSaved, GuidelineVoteCast, GuidelineVoteClosed
from openum.criteria.faults import DocumentInvalid
from openum.criteria.models import CommitteeVote, DraftReview, DraftText, GuidelineDraft
from openum.criteria.queries import GUIDELINE
from openum.criteria.rules import (
    Ballot,
    ConflictMustAbstain,
    DraftChangedMeanwhile,
    DraftNamesAnother,
    DraftNotThere,
    DraftStatus,
    EffectiveInThePast,
    GuidelineIsPublished,
    ReasonNeeded,
    ReviewerIsAuthor,
    Vote,
    VoteAlreadyCast,
    check_draft_step,
    is_carried,
)
from openum.criteria.services.publishing import publish_guideline
from openum.directory.models import Policy

_FILE = "draft"


@permitted(Permission.WRITE_GUIDELINES)
@transaction.atomic
def start_draft(
    *,
    text: str,
    by: User,
    at: datetime,
    plan: Plan | None = None,
    patients: str = "",
    libraries: Mapping[str, str] | None = None,
    note: str = "",
) -> GuidelineDraft:
    """Start a new version of a guideline from a text; its front matter names id and version.

    Args:
        text: the document; it may still have faults below the front matter.
        patients: its sibling file with test patients.
        libraries: the shared CQL it may include, by name.
        plan: whose guideline it will be; none: common to all plans.
        note: what it is about, in the author's words.
        by: who writes it.
        at: the instant.

    Raises:
        PermissionRefused: the person may not write guidelines.
        DocumentInvalid: the front matter cannot be read.
        GuidelineIsPublished: the version is published.
        DraftChangedMeanwhile: there is a draft of this version.
    """
    heading = heading_of(text, file=_FILE)
    _check_not_published(plan, heading.id, heading.version)
    if GuidelineDraft.objects.filter(plan=plan, key=heading.id, version=heading.version).exists():
        raise DraftChangedMeanwhile(f"There is a draft of {heading.id} {heading.version}. Open it instead.")
    draft = GuidelineDraft.objects.create(
        plan=plan,
        key=heading.id,
        version=heading.version,
        status=DraftStatus.DRAFT,
        started_by=by,
        started_at=at,
        changed_at=at,
    )
    _store_text(draft, 1, text, patients=patients, libraries=dict(libraries or {}), note=note, by=by, at=at)
    return draft


@permitted(Permission.WRITE_GUIDELINES)
@transaction.atomic
def start_draft_from(*, policy: Policy, version: str, by: User, at: datetime, because: str = "") -> GuidelineDraft:
    """Start the next version as a copy of a published one, with the shared CQL that this one carries.

    Args:
        because: what gave rise to it, kept with the first text.

    Raises:
        PermissionRefused: the person may not write guidelines.
        GuidelineIsPublished: the version is published.
        DraftChangedMeanwhile: there is a draft of this version.
    """
    text, libraries = disassemble(policy.body)
    text = with_settings(text, version=json.dumps(version), status=DraftStatus.DRAFT)
    note = f"Copy of {policy.version}. {because}".strip() if because else f"Copy of {policy.version}"
    return start_draft(text=text, by=by, at=at, plan=policy.plan, libraries=libraries, note=note)


def _check_not_published(plan: Plan | None, key: str, version: str) -> None:
    if Policy.objects.filter(plan=plan, kind=GUIDELINE, key=key, version=version).exists():
        raise GuidelineIsPublished(f"{key} {version} is published and never changes. Give the change a new version.")


def _store_text(
    draft: GuidelineDraft,
    number: int,
    text: str,
    *,
    patients: str,
    libraries: dict[str, str],
    note: str,
    by: User,
    at: datetime,
) -> DraftText:
    content = json.dumps([text, patients, libraries], sort_keys=True)
    saved = DraftText.objects.create(
        draft=draft,
        number=number,
        text=text,
        patients=patients,
        libraries=libraries,
        digest=hashlib.sha256(content.encode()).hexdigest(),
        note=note.strip(),
        written_by=by,
        written_at=at,
    )
    audit.record(
        GuidelineTextSaved(draft_id=draft.public_id, key=draft.key, version=draft.version, number=number), by=by, at=at
    )
    return saved


@permitted(Permission.WRITE_GUIDELINES, on="draft")
@transaction.atomic
def save_text(
    *,
    draft: GuidelineDraft,
    text: str,
    by: User,
    at: datetime,
    patients: str | None = None,
    based_on: int | None = None,
    note: str = "",
) -> DraftText:
    """Save another text of a draft. It is a draft again: reviews and votes were about the text before.

    Args:
        draft: not yet published.
        text: the document; faults below the front matter are told by the check, not here.
        patients: its sibling file; none: as before.
        based_on: the number of the text the author began from.
        note: what changed.
        by: who writes it.
        at: the instant.

    Raises:
        PermissionRefused: the person may not write guidelines.
        GuidelineIsPublished: the version is published.
        DraftChangedMeanwhile: somebody saved another text meanwhile.
        DocumentInvalid: the front matter cannot be read.
        DraftNamesAnother: the text names another guideline or version.
    """
    draft = _locked(draft)
    if draft.status != DraftStatus.DRAFT:
        check_draft_step(current=DraftStatus(draft.status), target=DraftStatus.DRAFT)
    last = latest_text(draft)
    if based_on is not None and based_on != last.number:
        raise DraftChangedMeanwhile(
            f"{last.written_by.name} saved text {last.number} meanwhile. Compare it with yours, then save again."
        )
    heading = heading_of(text, file=_FILE)
    if (heading.id, heading.version) != (draft.key, draft.version):
        raise DraftNamesAnother(
            f"The text names {heading.id} {heading.version}; this draft is {draft.key} {draft.version}. "
            "Start a draft of its own for it."
        )
    saved = _store_text(
        draft,
        last.number + 1,
        text,
        patients=last.patients if patients is None else patients,
        libraries=last.libraries,
        note=note,
        by=by,
        at=at,
    )
    _set_status(draft, DraftStatus.DRAFT, at=at)
    return saved


@permitted(Permission.REVIEW_GUIDELINES, on="draft")
@transaction.atomic
def review_draft(*, draft: GuidelineDraft, is_ready: bool, by: User, at: datetime, note: str = "") -> DraftReview:
    """Say as a second person whether the latest text is ready for the committee.

    Raises:
        PermissionRefused: the person may not review guidelines.
        ReviewerIsAuthor: the person wrote a text of this draft.
        DraftNotThere: it is reviewed or approved already.
        DocumentInvalid: it is called ready, and the check or a test patient fails.
        ReasonNeeded: it is called not ready without a word why.
    """
    draft = _locked(draft)
    check_draft_step(current=DraftStatus(draft.status), target=DraftStatus.REVIEWED)
    if draft.texts.filter(written_by=by).exists():
        raise ReviewerIsAuthor("You wrote a text of this draft. Somebody else must review it.")
    if not is_ready and not note.strip():
        raise ReasonNeeded("Say what must change before the committee sees it.")
    text = latest_text(draft)
    if is_ready:
        checked, _report = check_and_run(
            text.text, file=f"{draft.key}/{draft.version}.md", libraries=text.libraries, patients=text.patients
        )
        if checked.faults:
            raise DocumentInvalid(checked.faults)
    review = DraftReview.objects.create(text=text, reviewer=by, is_ready=is_ready, note=note.strip(), reviewed_at=at)
    if is_ready:
        _set_status(draft, DraftStatus.REVIEWED, at=at)
    audit.record(GuidelineReviewed(draft_id=draft.public_id, number=text.number, is_ready=is_ready), by=by, at=at)
    return review


@permitted(Permission.VOTE_ON_GUIDELINES, on="draft")
@transaction.atomic
def cast_vote(
    *, draft: GuidelineDraft, vote: Vote, by: User, at: datetime, conflict: str = "", note: str = ""
) -> CommitteeVote:
    """Vote as a member of the committee on the reviewed text.

    Args:
        draft: reviewed.
        vote: for, against or abstain.
        conflict: a conflict of interest that the member declares; then only abstaining is possible, and the member
            does not count towards the quorum.
        note: why; required against.
        by: the member.
        at: the instant.

    Raises:
        PermissionRefused: the person is no member of the committee.
        DraftNotThere: the draft is not reviewed.
        ConflictMustAbstain: a conflict of interest is declared and the vote is not abstain.
        ReasonNeeded: a vote against says nothing why.
        VoteAlreadyCast: the member voted on this text.
    """
    draft = _locked(draft)
    check_draft_step(current=DraftStatus(draft.status), target=DraftStatus.APPROVED)
    if conflict.strip() and vote is not Vote.ABSTAIN:
        raise ConflictMustAbstain("You declare a conflict of interest. Abstain; the others decide.")
    if vote is Vote.AGAINST and not note.strip():
        raise ReasonNeeded("Say why you vote against it, so that the author can mend it.")
    text = latest_text(draft)
    if text.votes.filter(member=by).exists():
        raise VoteAlreadyCast("You have voted on this text.")
    cast = CommitteeVote.objects.create(
        text=text, member=by, vote=vote, conflict=conflict.strip(), note=note.strip(), voted_at=at
    )
    audit.record(
        GuidelineVoteCast(
            draft_id=draft.public_id, number=text.number, vote=vote.value, has_conflict=bool(cast.conflict)
        ),
        by=by,
        at=at,
    )
    return cast


@permitted(Permission.PUBLISH_GUIDELINES, on="draft")
@transaction.atomic
def close_vote(*, draft: GuidelineDraft, minutes: str, by: User, at: datetime) -> bool:
    """Count the votes: approved when more are for than against, else a draft again.

    Args:
        draft: reviewed and voted on.
        minutes: where the vote is written down.
        by: who may publish guidelines.
        at: the instant.

    Returns:
        Whether it is approved.

    Raises:
        PermissionRefused: the person may not count the vote.
        DraftNotThere: the draft is not reviewed.
        ReasonNeeded: no minutes are cited.
        QuorumMissing: too few members without a conflict of interest voted.
    """
    draft = _locked(draft)
    check_draft_step(current=DraftStatus(draft.status), target=DraftStatus.APPROVED)
    if not minutes.strip():
        raise ReasonNeeded("Cite the minutes in which the vote is written down.")
    text = latest_text(draft)
    ballots = [Ballot(Vote(vote.vote), bool(vote.conflict)) for vote in text.votes.all()]
    carried = is_carried(ballots, quorum=settings.OPENUM_COMMITTEE_QUORUM)
    draft.minutes = minutes.strip()
    _set_status(draft, DraftStatus.APPROVED if carried else DraftStatus.DRAFT, at=at)
    audit.record(GuidelineVoteClosed(draft_id=draft.public_id, number=text.number, is_carried=carried), by=by, at=at)
    return carried


@permitted(Permission.PUBLISH_GUIDELINES, on="draft")
@transaction.atomic
def publish_draft(*, draft: GuidelineDraft, by: User, at: datetime) -> Policy:
    """Make the immutable row of an approved draft. It holds from the day its front matter names.

    Raises:
        PermissionRefused: the person may not publish guidelines.
        DraftNotThere: it is not approved.
        DocumentInvalid: the check or a test patient fails.
        EffectiveInThePast: its first day is over.
    """
    draft = _locked(draft)
    check_draft_step(current=DraftStatus(draft.status), target=DraftStatus.PUBLISHED)
    text = latest_text(draft)
    policy = publish_guideline(
        text=with_settings(text.text, status=DraftStatus.PUBLISHED),
        file=f"{draft.key}/{draft.version}.md",
        libraries=text.libraries,
        patients=text.patients,
        plan=draft.plan,
        by=by,
        at=at,
    )
    if policy.effective_from < at.date():
        raise EffectiveInThePast(
            f"Its first day {policy.effective_from.isoformat()} is over. Save a text with a day to come, and vote again."
        )
    draft.policy = policy
    _set_status(draft, DraftStatus.PUBLISHED, at=at)
    return policy


def exported_files(draft: GuidelineDraft) -> dict[str, str]:
    """Return the files of the pack that hold the latest text of a draft, by their name below `guidelines/`."""
    text = latest_text(draft)
    files = {f"{draft.key}/{draft.version}.md": with_settings(text.text, status=draft.status)}
    if text.patients:
        files[f"{draft.key}/{draft.version}.patients.md"] = text.patients
    return files


def latest_text(draft: GuidelineDraft) -> DraftText:
    """Return the last saved text of a draft.

    Raises:
        DraftNotThere: it came published with a pack and has no text of its own.
    """
    text = draft.texts.select_related("written_by").order_by("-number").first()
    if text is None:
        raise DraftNotThere("This version came with the policy pack. Start a new version from it.")
    return text


def _locked(draft: GuidelineDraft) -> GuidelineDraft:
    return GuidelineDraft.objects.select_for_update(of=("self",)).select_related("plan").get(pk=draft.pk)


def _set_status(draft: GuidelineDraft, status: DraftStatus, *, at: datetime) -> None:
    draft.status = status
    draft.changed_at = at
    draft.save(update_fields=["status", "changed_at", "minutes", "policy"])
