"""One-click conversations: choose a story, let the record system tell it, read each step."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from openum.accounts.gate import actor, needs
from openum.accounts.models import Plan, User
from openum.accounts.queries import scope_of
from openum.accounts.rules import Permission
from openum.adapters.fhir.pas.versions import VERSIONS
from openum.adapters.sandbox import queries, services
from openum.adapters.sandbox.models import Conversation
from openum.adapters.sandbox.talking import hold
from openum.db.clock import now
from openum.design.moments import moment
from openum.vocabulary.errors import Invalid

MOST_SHOWN = 20


class NoSuchStory(Invalid):
    """The conversation that was asked for is not one of those that are told here."""

    code = "no-such-story"


def _plans(user: User) -> list[Plan]:
    return list(
        Plan.objects.filter(
            pk__in=scope_of(user).plans_with(Permission.ARM_SANDBOX, Permission.SEE_CONNECTIONS), is_sandbox=True
        ).order_by("name")
    )


@require_http_methods(["GET", "POST"])
@needs(Permission.ARM_SANDBOX, Permission.SEE_CONNECTIONS)
def conversations(request: HttpRequest) -> HttpResponse:
    """List the stories and the latest conversations; hold one."""
    from samples.ehr.stories import STORIES

    user = actor(request)
    if request.method == "POST":
        story, version = request.POST.get("story", ""), request.POST.get("version", "")
        if story not in STORIES or version not in VERSIONS:
            raise NoSuchStory("There is no such conversation. Choose one of the list.")
        plans = Plan.objects.filter(
            pk__in=scope_of(user).plans_with(Permission.ARM_SANDBOX, Permission.SEE_CONNECTIONS), is_sandbox=True
        )
        plan = get_object_or_404(plans, key=request.POST.get("plan", ""))
        held = hold(plan=plan, story=story, version=version, host=request.get_host(), by=user, at=now())
        return redirect("sandbox:conversation", public_id=held.public_id)
    held_by = Conversation.objects.select_related("client__plan", "started_by")
    latest = held_by.filter(client__in=queries.clients_of(user)).order_by("-pk")[:MOST_SHOWN]
    facts = {
        "stories": list(STORIES.values()),
        "versions": list(VERSIONS),
        "plans": _plans(user),
        "latest": [_shown(one) for one in latest],
        "here": "conversations",
    }
    return render(request, "sandbox/conversations.html", facts)


@require_GET
@needs(Permission.ARM_SANDBOX, Permission.SEE_CONNECTIONS)
def conversation(request: HttpRequest, public_id: Any) -> HttpResponse:
    """Show the steps of one conversation, and the messages that were recorded of it."""
    user = actor(request)
    own = Conversation.objects.select_related("client__plan", "started_by").filter(client__in=queries.clients_of(user))
    held = get_object_or_404(own, public_id=public_id)
    messages = list(queries.messages_visible_to(user).filter(client=held.client, at__gte=held.at).order_by("pk")[:20])
    services.note_read(messages, by=user, at=now())
    facts = {**_shown(held), "recorded": messages, "here": "conversations"}
    return render(request, "sandbox/conversation.html", facts)


def _shown(held: Conversation) -> dict[str, Any]:
    from samples.ehr.stories import STORIES

    story = STORIES.get(held.story)
    return {
        "held": held,
        "title": story.title if story is not None else held.story,
        "at": moment(held.at, held.client.plan.time_zone),
        "milliseconds": sum(step["milliseconds"] for step in held.steps),
    }
