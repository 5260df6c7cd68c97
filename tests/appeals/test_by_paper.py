"""A fax or letter at the intake desk that is an appeal or a complaint: it keeps its receipt, and its pages go with it."""

from datetime import timedelta

import pytest

from openum.accounts.rules import PermissionRefused, Role
from openum.accounts.services import register_person
from openum.appeals.models import Appeal
from openum.appeals.rules.law import Filer
from openum.appeals.rules.states import AppealState
from openum.appeals.services import AppealAsked, file_from_paper
from openum.db.clock import set_demo_clock
from openum.grievances.models import Grievance
from openum.grievances.rules import About
from openum.grievances.services import Complained, complain_by_paper
from openum.intake.papers.queries import PaperGone, paper_asked_for
from openum.intake.papers.services import receive_paper
from openum.submission.models import Submission
from openum.vocabulary.errors import Conflict, Invalid
from openum.vocabulary.terms import Channel
from tests.appeals import story
from tests.appeals.story import DAY, clock, letters
from tests.intake.papers import pdf

pytestmark = pytest.mark.django_db


def faxed(world, when, *, pages=2, plan=None, at=None):
    """A fax that came then and was put on the desk an hour later."""
    return receive_paper(
        plan=plan or world.plan, content=pdf(pages=pages), name="fax.pdf", received_at=when, channel=Channel.FAX,
        by=world.intake, at=at or when + timedelta(hours=1),
    )  # fmt: skip


def asked(at, **facts):
    """What a letter of the member says."""
    return AppealAsked(filer=Filer.MEMBER, issue="I cannot walk.", channel=Channel.PHONE, received_at=at, **facts)


def test_an_appeal_by_fax_keeps_the_receipt_and_carries_the_pages(world, line, at):
    came, read = at + 3 * DAY, at + 5 * DAY
    paper = faxed(world, came)
    appeal = file_from_paper(paper=paper, line=line, asked=asked(read), by=world.intake, at=read)
    assert (appeal.filed_at, appeal.request.channel) == (came, Channel.FAX)
    assert clock(appeal, "insured.appeal.preservice").started_at == came
    receipt = Submission.objects.get(pk=paper.submission_id)
    assert appeal.request.received_proof == f"SHA-256 {receipt.raw_digest}"
    assert (receipt.state, receipt.case, receipt.settled_by) == (Submission.ADMITTED, line.case, world.intake)
    (document,) = line.case.attachments.filter(request=appeal.request)
    assert document.pages.count() == 2
    assert letters(line, "appeal-acknowledgement")
    with pytest.raises(Conflict):
        file_from_paper(paper=paper, line=line, asked=asked(read), by=world.intake, at=read)
    with pytest.raises(PaperGone):
        paper_asked_for(world.intake, str(paper.public_id))


def test_a_paper_of_another_plan_or_in_other_hands_becomes_no_appeal(world, line, desk, at):
    read = at + 2 * DAY
    both = register_person(
        email="both@test.invalid", name="Bo Both", password=None,
        roles=[(Role.INTAKE, world.plan, None), (Role.INTAKE, world.sandbox, None)],
    )  # fmt: skip
    paper = faxed(world, at + DAY)
    with pytest.raises(PermissionRefused):
        file_from_paper(paper=paper, line=line, asked=asked(at), by=desk, at=read)
    stray = receive_paper(
        plan=world.sandbox,
        content=pdf(pages=3),
        name="fax.pdf",
        received_at=read,
        channel=Channel.FAX,
        by=both,
        at=read,
    )
    with pytest.raises(Invalid, match="another plan"):
        file_from_paper(paper=stray, line=line, asked=asked(at), by=both, at=read)
    complained = Complained(about=About.SERVICE, issue="Slow.", channel=Channel.FAX, received_at=read)
    with pytest.raises(Invalid, match="another plan"):
        complain_by_paper(paper=stray, member=line.case.member, complained=complained, by=both, at=read)
    assert not Appeal.objects.exists()
    assert not Grievance.objects.exists()


def test_a_complaint_by_fax_keeps_the_receipt_and_carries_the_pages(world, line, at):
    came, read = at + 3 * DAY, at + 5 * DAY
    paper = faxed(world, came, pages=1)
    complained = Complained(about=About.SERVICE, issue="Nobody called back.", channel=Channel.PHONE, received_at=read)
    row = complain_by_paper(paper=paper, member=line.case.member, complained=complained, by=world.intake, at=read)
    assert (row.filed_at, row.request.channel) == (came, Channel.FAX)
    assert row.request.case.attachments.filter(request=row.request).count() == 1
    assert Submission.objects.get(pk=paper.submission_id).case == row.request.case
    with pytest.raises(Conflict):
        complain_by_paper(paper=paper, member=line.case.member, complained=complained, by=world.intake, at=read)


def test_the_desk_takes_both_in_from_the_page_of_the_paper(client, world, line, demo_clock, at):
    set_demo_clock(at + 5 * DAY)
    client.force_login(world.intake)
    first, second = (faxed(world, at + day * DAY, pages=1) for day in (3, 4))
    page = client.get(f"/intake/papers/{first.public_id}/").content.decode()
    assert f"/appeals/new/?paper={first.public_id}" in page
    assert f"/complaints/new/?paper={first.public_id}" in page
    number = line.case.member.member_number
    listed = client.get(f"/appeals/new/?paper={first.public_id}&number={number}").content.decode()
    assert f"/appeals/new/{line.public_id}/?paper={first.public_id}" in listed
    assert f"/appeals/new/{line.public_id}/" not in client.get("/appeals/new/?number=nobody").content.decode()
    form = client.get(f"/appeals/new/{line.public_id}/?paper={first.public_id}").content.decode()
    assert 'name="received_at"' not in form
    answer = client.post(
        f"/appeals/new/{line.public_id}/?paper={first.public_id}", {"filer": "member", "issue": "It hurts."}
    )
    assert answer.status_code == 302
    assert Appeal.objects.get().filed_at == at + 3 * DAY
    assert client.get(f"/appeals/new/{line.public_id}/?paper={first.public_id}").status_code == 404
    assert client.get("/appeals/new/?paper=nonsense").status_code == 404
    refused = client.post(
        f"/complaints/new/?paper={second.public_id}", {"about": "service", "issue": "Slow.", "member_number": "0"}
    )
    assert refused.status_code == 422
    answer = client.post(
        f"/complaints/new/?paper={second.public_id}", {"about": "service", "issue": "Slow.", "member_number": number}
    )
    row = Grievance.objects.get()
    assert answer.headers["Location"] == f"/cases/{row.request.case.public_id}/"
    assert row.filed_at == at + 4 * DAY


def test_an_appeal_that_is_a_complaint_becomes_one_with_its_receipt(client, world, line, desk, demo_clock, at):
    set_demo_clock(at + 2 * DAY)
    client.force_login(desk)
    appeal = story.file(world, line, at + DAY)
    url = f"/complaints/new/?appeal={appeal.public_id}"
    assert url in client.get(f"/appeals/{appeal.public_id}/").content.decode()
    form = client.get(url).content.decode()
    assert 'name="member_number"' not in form
    assert appeal.issue in form
    answer = client.post(url, {"about": "service", "issue": "Nobody called back."})
    row = Grievance.objects.get()
    assert answer.headers["Location"] == f"/complaints/{row.public_id}/"
    appeal.refresh_from_db()
    assert (appeal.state, row.filed_at, row.request.case) == (AppealState.MADE_COMPLAINT, at + DAY, line.case)
    assert row.number in appeal.ended_note
    assert clock(appeal, "insured.appeal.preservice").stopped_at is not None
    assert client.post(url, {"about": "service", "issue": "Again."}).status_code == 409
    assert story.file(world, line, at + 2 * DAY).number != appeal.number
    client.force_login(world.intake)
    assert client.get(url).status_code == 404
