"""The public library of guidelines: readable by anybody, printable, no login (42 CFR 422.101(b)(6)(ii))."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from markdown_it import MarkdownIt

from openum.criteria import queries

_MARKDOWN = MarkdownIt("commonmark", {"html": False})


@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """List every published guideline with its versions, and the rules by which the engine may approve."""
    by_id: dict[str, list[queries.PublishedGuideline]] = {}
    for published in queries.published_guidelines():
        by_id.setdefault(published.guideline.id, []).append(published)
    return render(
        request,
        "criteria/library.html",
        {"guidelines": [{"newest": versions[0], "older": versions[1:]} for versions in by_id.values()],
         "rules": queries.published_approval_rules()},
    )  # fmt: skip


@require_safe
def guideline(request: HttpRequest, key: str, version: str) -> HttpResponse:
    """Show one version of a guideline: prose, criteria, sources, codes and logic."""
    published = queries.published_guideline(key=key, version=version)
    if published is None:
        raise Http404(_("There is no published guideline of this name and version."))
    document = published.guideline
    title, _newline, prose = document.prose.partition("\n")
    return render(
        request,
        "criteria/guideline.html",
        {
            "guideline": document,
            "policy": published.policy,
            "prose": _MARKDOWN.render(prose if title.startswith("# ") else document.prose),
            "versions": queries.versions_of(key),
            "rules": [rule for rule in queries.published_approval_rules()
                      if (rule.rule.guideline_id, rule.rule.guideline_version) == (document.id, document.version)],
            "services": [f"{system} {code}" for system, code in document.scope.services],
            "value_sets": [(name, [f"{system} {code}" for system, code in pairs])
                           for name, pairs in document.value_sets.items()],
        },
    )  # fmt: skip
