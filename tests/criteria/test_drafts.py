"""The way of a guideline: written, reviewed by somebody else, voted on, published for good, retired."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from openum.accounts.models import User
from openum.accounts.rules import PermissionRefused
from openum.audit.models import EventRow
from openum.criteria import queries
from openum.criteria.document import parse_guideline
from openum.criteria.faults import DocumentInvalid
from openum.criteria.minutes import parse_minutes
from openum.criteria.models import CommitteeVote, DraftText, GuidelineDraft
from openum.criteria.rules import (
    Ballot,
    ConflictMustAbstain,
    DraftChangedMeanwhile,
    DraftNamesAnother,
    DraftNotThere,
    DraftStatus,
    EffectiveInThePast,
    GuidelineIsPublished,
    GuidelineNotVoted,
    QuorumMissing,
    ReasonNeeded,
    ReviewerIsAuthor,
    Vote,
    VoteAlreadyCast,
    is_carried,
)
from openum.criteria.services import (
    cast_vote,
    close_vote,
    exported_files,
    latest_text,
    publish,
    publish_draft,
    retire,
    review_draft,
    save_text,
    start_draft,
    start_draft_from,
)
from openum.directory.models import Policy
from openum.vocabulary.terms import Role
from tests import world as worlds
from tests.conftest import NOON
from tests.criteria.documents import LIBRARIES, POLICIES, SMALL

DRAFT = SMALL.replace("status: published", "status: draft")
LATER = NOON + timedelta(days=1)


@pytest.fixture
def pharmacist(world):
    return worlds._person("pharmacist", [(Role.PHARMACIST, world.plan, None)])


@pytest.fixture
def draft(world):
    return start_draft(text=DRAFT, libraries=LIBRARIES, note="First words", by=world.nurse, at=NOON)


@pytest.fixture
def reviewed(draft, world):
    review_draft(draft=draft, is_ready=True, by=world.physician, at=NOON)
    return draft


@pytest.fixture
def approved(reviewed, world, pharmacist):
    for member in (world.physician, world.orthopaedist, pharmacist):
        cast_vote(draft=reviewed, vote=Vote.FOR, by=member, at=NOON)
    assert close_vote(draft=reviewed, minutes="Meeting of November, item 2", by=world.physician, at=NOON)
    return reviewed


def status(draft):
    return GuidelineDraft.objects.get(pk=draft.pk).status


def kinds():
    return list(EventRow.objects.filter(type__startswith="Guideline").order_by("pk").values_list("type", flat=True))


def test_a_draft_becomes_a_policy_row_after_review_and_vote(approved, world):
    policy = publish_draft(draft=approved, by=world.physician, at=LATER)
    approved.refresh_from_db()
    assert (approved.status, approved.policy, approved.minutes) == ("published", policy, "Meeting of November, item 2")
    assert (policy.key, policy.version, policy.effective_from) == ("WALK", "v1", date(2030, 1, 1))
    assert parse_guideline(policy.body, file="published").status == "published"
    assert len(parse_guideline(policy.body, file="published").patients) == 4
    assert kinds() == [
        "GuidelineTextSaved", "GuidelineReviewed", "GuidelineVoteCast", "GuidelineVoteCast", "GuidelineVoteCast",
        "GuidelineVoteClosed", "GuidelinePublished",
    ]  # fmt: skip


def test_a_published_version_never_changes(approved, world):
    publish_draft(draft=approved, by=world.physician, at=LATER)
    with pytest.raises(GuidelineIsPublished, match="It never changes; start a new version"):
        save_text(draft=approved, text=DRAFT, by=world.nurse, at=LATER)
    with pytest.raises(GuidelineIsPublished):
        start_draft(text=DRAFT, by=world.nurse, at=LATER)
    with pytest.raises(DatabaseError, match="rows are never changed"), transaction.atomic():
        DraftText.objects.filter(draft=approved).update(text="other")


def test_the_next_version_starts_as_a_copy_and_carries_its_libraries(approved, world):
    policy = publish_draft(draft=approved, by=world.physician, at=LATER)
    following = start_draft_from(policy=policy, version="v2", by=world.nurse, at=LATER)
    text = latest_text(following)
    assert following.key == "WALK"
    assert text.text == DRAFT.replace("version: v1", 'version: "v2"')
    assert set(text.libraries) == {"Record"}
    review_draft(draft=following, is_ready=True, by=world.physician, at=LATER)
    assert status(following) == "reviewed"


def test_a_draft_is_exported_to_the_files_of_the_pack(draft, approved):
    assert exported_files(draft) == {"WALK/v1.md": DRAFT}
    approved.refresh_from_db()
    assert exported_files(approved) == {"WALK/v1.md": DRAFT.replace("status: draft", "status: approved")}


def test_a_new_text_makes_it_a_draft_again(approved, world):
    saved = save_text(draft=approved, text=DRAFT.replace("For people who fall.", "For all."), by=world.nurse, at=LATER)
    assert (saved.number, status(approved), saved.libraries) == (2, "draft", LIBRARIES)
    with pytest.raises(DraftNotThere, match="This version is draft; it cannot become published now"):
        publish_draft(draft=approved, by=world.physician, at=LATER)


def test_a_text_saved_meanwhile_is_not_overwritten(draft, world):
    save_text(draft=draft, text=DRAFT, based_on=1, by=world.nurse, at=NOON)
    with pytest.raises(DraftChangedMeanwhile, match="Nurse saved text 2 meanwhile"):
        save_text(draft=draft, text=DRAFT, based_on=1, by=world.physician, at=NOON)


def test_a_draft_keeps_its_name(draft, world):
    with pytest.raises(DraftNamesAnother, match="The text names RUN v1; this draft is WALK v1"):
        save_text(draft=draft, text=DRAFT.replace("id: WALK", "id: RUN"), by=world.nurse, at=NOON)
    with pytest.raises(DraftChangedMeanwhile, match="Open it instead"):
        start_draft(text=DRAFT, by=world.physician, at=NOON)
    with pytest.raises(DocumentInvalid):
        save_text(draft=draft, text="no front matter", by=world.nurse, at=NOON)


def test_nobody_reviews_what_they_wrote(world):
    own = start_draft(text=DRAFT, libraries=LIBRARIES, by=world.physician, at=NOON)
    save_text(draft=own, text=DRAFT, by=world.nurse, at=NOON)
    with pytest.raises(ReviewerIsAuthor):
        review_draft(draft=own, is_ready=True, by=world.physician, at=NOON)
    review_draft(draft=own, is_ready=True, by=world.orthopaedist, at=NOON)
    assert status(own) == "reviewed"


def test_what_fails_its_patients_is_not_ready(world):
    wrong = DRAFT.replace(
        'expect: {overall: met, "1": not_met, "2": met}', 'expect: {overall: met, "1": met, "2": met}'
    )
    draft = start_draft(text=wrong, libraries=LIBRARIES, by=world.nurse, at=NOON)
    with pytest.raises(DocumentInvalid, match="The patient “Fell” came out otherwise"):
        review_draft(draft=draft, is_ready=True, by=world.physician, at=NOON)
    with pytest.raises(ReasonNeeded):
        review_draft(draft=draft, is_ready=False, by=world.physician, at=NOON)
    assert (
        review_draft(draft=draft, is_ready=False, note="Mend Fell.", by=world.physician, at=NOON).note == "Mend Fell."
    )
    assert status(draft) == "draft"


def test_only_a_reviewed_text_is_voted_on_and_once_by_each(draft, world):
    with pytest.raises(DraftNotThere):
        cast_vote(draft=draft, vote=Vote.FOR, by=world.physician, at=NOON)
    review_draft(draft=draft, is_ready=True, by=world.physician, at=NOON)
    cast_vote(draft=draft, vote=Vote.FOR, by=world.physician, at=NOON)
    with pytest.raises(VoteAlreadyCast):
        cast_vote(draft=draft, vote=Vote.AGAINST, note="No", by=world.physician, at=NOON)
    with pytest.raises(ReasonNeeded):
        cast_vote(draft=draft, vote=Vote.AGAINST, by=world.orthopaedist, at=NOON)


def test_who_declares_a_conflict_abstains_and_does_not_count(reviewed, world, pharmacist):
    with pytest.raises(ConflictMustAbstain):
        cast_vote(draft=reviewed, vote=Vote.FOR, conflict="Paid by a maker", by=world.orthopaedist, at=NOON)
    cast_vote(draft=reviewed, vote=Vote.ABSTAIN, conflict="Paid by a maker", by=world.orthopaedist, at=NOON)
    cast_vote(draft=reviewed, vote=Vote.FOR, by=world.physician, at=NOON)
    cast_vote(draft=reviewed, vote=Vote.FOR, by=pharmacist, at=NOON)
    with pytest.raises(QuorumMissing, match="2 members without a conflict of interest have voted; 3 are needed"):
        close_vote(draft=reviewed, minutes="Item 2", by=world.physician, at=NOON)
    vote = CommitteeVote.objects.get(member=world.orthopaedist)
    with pytest.raises(DatabaseError), transaction.atomic():
        CommitteeVote.objects.filter(pk=vote.pk).update(vote="for")


def test_a_motion_that_is_not_carried_goes_back_to_its_author(reviewed, world, pharmacist):
    cast_vote(draft=reviewed, vote=Vote.FOR, by=world.physician, at=NOON)
    cast_vote(draft=reviewed, vote=Vote.AGAINST, note="Too early", by=world.orthopaedist, at=NOON)
    cast_vote(draft=reviewed, vote=Vote.ABSTAIN, by=pharmacist, at=NOON)
    with pytest.raises(ReasonNeeded, match="Cite the minutes"):
        close_vote(draft=reviewed, minutes=" ", by=world.physician, at=NOON)
    assert not close_vote(draft=reviewed, minutes="Item 2", by=world.physician, at=NOON)
    assert status(reviewed) == "draft"


@pytest.mark.parametrize(
    ("votes", "carried"),
    [("FFA", True), ("FAA", False), ("FA-", False), ("F--", True), ("---", False), ("FFFAc", True)],
)
def test_more_for_than_against_carries(votes, carried):
    words = {"F": Vote.FOR, "A": Vote.AGAINST, "-": Vote.ABSTAIN, "c": Vote.ABSTAIN}
    assert is_carried([Ballot(words[one], one == "c") for one in votes], quorum=3) is carried


def test_permissions_are_asked_at_every_step(draft, reviewed, approved, world):
    with pytest.raises(PermissionRefused, match="may not write guidelines"):
        start_draft(text=DRAFT, by=world.provider, at=NOON)
    with pytest.raises(PermissionRefused, match="may not review what others wrote"):
        review_draft(draft=draft, is_ready=True, by=world.nurse, at=NOON)
    with pytest.raises(PermissionRefused, match="takes a member of the committee"):
        cast_vote(draft=draft, vote=Vote.FOR, by=world.nurse, at=NOON)
    with pytest.raises(PermissionRefused):
        publish_draft(draft=draft, by=world.orthopaedist, at=NOON)


def test_a_machine_writes_reviews_and_votes_nothing(draft, world):
    for step in (
        lambda: start_draft(text=DRAFT, by=world.engine, at=NOON),
        lambda: review_draft(draft=draft, is_ready=True, by=world.engine, at=NOON),
        lambda: cast_vote(draft=draft, vote=Vote.FOR, by=world.engine, at=NOON),
        lambda: publish_draft(draft=draft, by=world.engine, at=NOON),
    ):
        with pytest.raises(PermissionRefused):
            step()


def test_nobody_is_judged_by_a_guideline_that_could_not_be_read(world, pharmacist):
    early = DRAFT.replace("{from: 2030-01-01, to: 2031-01-01}", "{from: 2026-01-01}")
    draft = start_draft(text=early, libraries=LIBRARIES, by=world.nurse, at=NOON)
    review_draft(draft=draft, is_ready=True, by=world.physician, at=NOON)
    for member in (world.physician, world.orthopaedist, pharmacist):
        cast_vote(draft=draft, vote=Vote.FOR, by=member, at=NOON)
    close_vote(draft=draft, minutes="Item 2", by=world.physician, at=NOON)
    with pytest.raises(EffectiveInThePast, match="Its first day 2026-01-01 is over"):
        publish_draft(draft=draft, by=world.physician, at=NOON)
    assert not Policy.objects.filter(key="WALK").exists()


# ---- Retired


def test_a_retired_guideline_holds_no_longer_and_its_row_stays(world):
    policy = Policy.objects.get(kind="guideline", key="LBP-MRI", version="v2026.2")
    day = NOON.date() + timedelta(days=10)
    asked = {"plan": world.plan, "code_system": "CPT", "code": "72148", "product": world.commercial}
    assert queries.match_for_form(on=day, **asked).policy == policy
    retire(policy=policy, on=day, reason="Replaced by a Medicare rule", by=world.physician, at=NOON)
    assert queries.match_for_form(on=day - timedelta(days=1), **asked).policy == policy
    assert queries.match_for_form(on=day, **asked).policy is None
    assert queries.retirements() == {("LBP-MRI", "v2026.2"): day}
    assert GuidelineDraft.objects.get(policy=policy).status == DraftStatus.RETIRED
    policy.refresh_from_db()
    assert policy.effective_to is None
    assert kinds()[-1] == "GuidelineRetired"


def test_a_guideline_ends_today_or_later_with_a_reason(world):
    policy = Policy.objects.get(kind="guideline", key="LBP-MRI", version="v2026.2")
    with pytest.raises(EffectiveInThePast):
        retire(policy=policy, on=NOON.date() - timedelta(days=1), reason="Old", by=world.physician, at=NOON)
    with pytest.raises(ReasonNeeded):
        retire(policy=policy, on=NOON.date(), reason=" ", by=world.physician, at=NOON)
    with pytest.raises(PermissionRefused):
        retire(policy=policy, on=NOON.date(), reason="Old", by=world.nurse, at=NOON)


# ---- The pack


def test_what_comes_with_the_pack_cites_the_minutes_of_its_vote(world):
    draft = GuidelineDraft.objects.get(key="LBP-MRI", version="v2026.2")
    assert (draft.status, draft.policy.key) == ("published", "LBP-MRI")
    assert draft.minutes == (
        "Medical policy committee (demonstration), 2025-08-14, item 3: 5 for, 0 against, 0 abstaining"
    )
    with pytest.raises(DraftNotThere, match="came with the policy pack"):
        latest_text(draft)


def test_a_pack_without_the_vote_is_not_published(tmp_path, world):
    folder = tmp_path / "guidelines/WALK"
    folder.mkdir(parents=True)
    (folder / "v1.md").write_text(SMALL, "utf-8")
    (tmp_path / "guidelines/minutes.yaml").write_text("[]", "utf-8")
    with pytest.raises(GuidelineNotVoted, match="names no vote on it"):
        publish(by=world.engine, at=NOON, folder=tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("held_on: 2025-08-14", "held_on: soon", "A meeting needs “held_on”"),
        ("for: 5, against: 0", "for: 2, against: 3", "was not carried; leave it out"),
        ("abstain: 0}", "abstain: some}", "An item needs “for”, “against” and “abstain”"),
        ("- committee", "  committee", "This is not valid YAML"),
    ],
)
def test_faults_of_the_minutes_are_told(old, new, sentence):
    text = (POLICIES / "guidelines/minutes.yaml").read_text("utf-8")
    assert old in text
    with pytest.raises(DocumentInvalid, match=sentence):
        parse_minutes(text.replace(old, new, 1), file="minutes.yaml")


def test_authors_are_people(draft):
    assert latest_text(draft).written_by.kind == User.PERSON
