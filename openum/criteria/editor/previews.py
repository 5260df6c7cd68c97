"""How a text in the editor will look: each face, made by the same functions as the published one."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from openum.criteria.editor.workshop import Bench
from openum.criteria.faces import shelf
from openum.criteria.faces.difference import difference
from openum.criteria.faces.fhir.bundle import Package
from openum.criteria.faces.policy import Shown, facts, sections
from openum.criteria.faces.print import policy_pdf
from openum.criteria.guideline import Guideline
from openum.criteria.models import GuidelineDraft
from openum.criteria.queries import GUIDELINE
from openum.criteria.views.library import base_url, today
from openum.directory.models import Policy

FACES: Final[tuple[tuple[str, str | Promise], ...]] = (
    ("page", _("Policy page")),
    ("flow", _("Flow chart")),
    ("form", _("Form")),
    ("letter", _("Letter")),
    ("changes", _("What changed")),
    ("fhir", _("FHIR")),
    ("pdf", _("PDF")),
)


def preview(request: HttpRequest, draft: GuidelineDraft, bench: Bench, face: str) -> HttpResponse:
    """Answer one face of the text on the bench; a text that cannot be read shows its faults instead."""
    program = bench.program
    context: dict[str, Any] = {"draft": draft, "bench": bench, "face": face, "words": dict(FACES).get(face, face)}
    if program is None:
        return render(request, "criteria/editor/preview.html", context, status=422)
    g = program.guideline
    shown = Shown(g, "", today())
    if face == "pdf":
        return HttpResponse(policy_pdf(shown), content_type="application/pdf")
    context["guideline"] = g
    if face in {"page", "flow", "letter"}:
        chosen = sections(shown)
        context["sections"] = [each for each in chosen if face != "flow" or each.key == "flow"]
        context["facts"] = facts(shown)
    elif face == "form":
        context["items"] = Package(program, base=base_url(request)).resource("Questionnaire")
    elif face == "fhir":
        package = Package(program, base=base_url(request))
        context["resources"] = [(kind, name) for kind, name in package.names()]
        context["source"] = package.sources()[package.places.faces]
    elif face == "changes":
        before = earlier(draft, g)
        context["before"] = before
        context["chapters"] = difference(before, g) if before else ()
    return render(request, "criteria/editor/preview.html", context)


def earlier(draft: GuidelineDraft, guideline: Guideline) -> Guideline | None:
    """Return the published version that a draft follows, or None where it is the first."""
    rows = Policy.objects.filter(kind=GUIDELINE, key=draft.key).exclude(version=guideline.version)
    policy = rows.order_by("-effective_from", "-version", "-pk").first()
    return shelf.guideline_of(policy) if policy else None
