"""`{% load live %}`, then `<main {% live_cases case.public_id %}>`: the element hears of the case's changes."""

from collections.abc import Sequence
from uuid import UUID

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from openum.live import tokens

register = template.Library()


@register.simple_tag
def live_cases(*case_ids: UUID) -> SafeString:
    """Return a data-live attribute with the stream's address, or nothing when no live process runs."""
    if not settings.OPENUM_LIVE_URL or not case_ids:
        return mark_safe("")
    return format_html('data-live="{}/events?token={}"', settings.OPENUM_LIVE_URL, tokens.issue(case_ids))


@register.simple_tag
def live_list(case_ids: Sequence[UUID]) -> SafeString:
    """Return the same attribute for a list of cases."""
    return live_cases(*case_ids)
