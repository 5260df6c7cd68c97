"""One guideline version: its page, its PDF, its flow chart, its source, and what changed between two versions."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from openum.criteria import queries
from openum.criteria.faces import shelf
from openum.criteria.faces.difference import difference
from openum.criteria.faces.flow import flow_svg
from openum.criteria.faces.policy import Edition, Shown, facts, numbers_told, sections
from openum.criteria.faces.print import policy_pdf
from openum.criteria.guideline import Guideline
from openum.criteria.queries import GUIDELINE
from openum.criteria.views.library import base_url, today
from openum.directory.models import Policy

_PAGE_SIZES = ("us-letter", "a4")


def published(key: str, version: str) -> tuple[Guideline, Policy]:
    """Return a published version and its row.

    Raises:
        Http404: there is none.
    """
    policy = Policy.objects.filter(kind=GUIDELINE, key=key, version=version).order_by("-published_at", "-pk").first()
    if policy is None:
        raise Http404(_("There is no published guideline of this name and version."))
    return shelf.guideline_of(policy), policy


def _shown(request: HttpRequest, key: str, version: str) -> Shown:
    guideline, policy = published(key, version)
    return Shown(
        guideline=guideline,
        digest=policy.digest,
        on=today(),
        editions=tuple(Edition(name, start, end) for name, start, end in queries.versions_of(key)),
        rules=tuple(
            match.rule
            for match in queries.published_approval_rules()
            if (match.rule.guideline_id, match.rule.guideline_version) == (guideline.id, guideline.version)
        ),
        retired_on=queries.retirements().get((guideline.id, guideline.version)),
        address=base_url(request) + reverse("criteria:guideline", args=[key, version]),
    )


@require_safe
def newest(request: HttpRequest, key: str) -> HttpResponse:
    """Lead to the version that holds today, else the newest."""
    title = next((title for title in shelf.shelf(today()) if title.current.guideline.id == key), None)
    if title is None:
        raise Http404(_("There is no published guideline of this name and version."))
    return redirect("criteria:guideline", key, title.current.guideline.version)


@require_safe
def guideline(request: HttpRequest, key: str, version: str) -> HttpResponse:
    """Show one version of a guideline."""
    shown = _shown(request, key, version)
    g = shown.guideline
    context = {
        "shown": shown, "guideline": g, "facts": facts(shown), "sections": sections(shown), "numbers": numbers_told(g),
    }  # fmt: skip
    return render(request, "criteria/guideline.html", context)


@require_safe
def policy_file(request: HttpRequest, key: str, version: str) -> HttpResponse:
    """Answer the page as a tagged PDF, on US letter or A4 paper."""
    size = request.GET.get("paper", "us-letter")
    pdf = policy_pdf(_shown(request, key, version), page_size=size if size in _PAGE_SIZES else "us-letter")
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{key}-{version}.pdf"'
    return response


@require_safe
def flow_chart(request: HttpRequest, key: str, version: str) -> HttpResponse:
    """Answer the flow chart as a file of its own."""
    drawing = flow_svg(published(key, version)[0])
    return HttpResponse(drawing, content_type="image/svg+xml")


@require_safe
def source(request: HttpRequest, key: str, version: str) -> HttpResponse:
    """Answer the document itself, as it was published and as it is run."""
    policy = published(key, version)[1]
    return HttpResponse(policy.body, content_type="text/markdown; charset=utf-8")


@require_safe
def compare(request: HttpRequest, key: str) -> HttpResponse:
    """Say in sentences what changed between two versions; without a choice, between the two newest."""
    editions = [Edition(name, start, end) for name, start, end in queries.versions_of(key)]
    if not editions:
        raise Http404(_("There is no published guideline of this name and version."))
    names = [edition.version for edition in editions]
    new = request.GET.get("to") or names[0]
    old = request.GET.get("from") or names[min(names.index(new) + 1, len(names) - 1) if new in names else -1]
    after, before = published(key, new)[0], published(key, old)[0]
    context = {"before": before, "after": after, "editions": editions, "chapters": difference(before, after)}
    return render(request, "criteria/compare.html", context)
