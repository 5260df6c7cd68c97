"""A knee replacement to decide, and the letters that come of it."""

from openum.cases.queries import current_lines
from openum.determination.queries import open_leaves
from openum.determination.services import deny_line
from openum.notices.models import Notice
from openum.review.queries import documents_to_open
from openum.review.services import open_evidence
from tests.world import knee_request, note, send

WHY = "We saw seven weeks of therapy. The rule asks for twelve weeks, or a note that says why not."


def line_of(world, at, *, of=None):
    """A knee replacement with a note, referred to a physician."""
    request = knee_request(world, of=of, at=at, evidence=(note("Visit", "Knee pain for a year."),))
    return current_lines(send(world, request, at=at).case)[0]


def deny(world, line, at, **facts):
    for document in documents_to_open(line.case):
        open_evidence(attachment=document, by=world.physician, at=at)
    answers = dict.fromkeys(open_leaves(line), "Not in the papers that were sent.")
    return deny_line(line=line, by=world.physician, at=at, rationale=WHY, node_answers=answers, **facts)


def letters(line, **filters):
    """The letters of a case, without those about the papers that triage asked for by itself."""
    return list(Notice.objects.filter(case=line.case, **filters).exclude(kind="information-request").order_by("pk"))


def letters_about(question):
    return list(Notice.objects.filter(information_request=question).order_by("pk"))


def of_law(line, line_of_business, state=""):
    """Move a line's product under another law."""
    product = line.case.product
    product.line_of_business, product.state = line_of_business, state
    product.save()
    return line
