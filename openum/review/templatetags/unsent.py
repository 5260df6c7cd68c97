"""What a form kept, in templates."""

from collections.abc import Mapping

from django import template

from openum.review.keeping import NOTHING, Kept

register = template.Library()


@register.filter
def of_form(kept: Mapping[str, Kept], form: str) -> Kept:
    """Return what one form keeps."""
    return kept.get(form, NOTHING) if kept else NOTHING


@register.filter
def typed(kept: Kept, name: str) -> str:
    """Return what stands in one field, empty when nothing is kept."""
    return kept.fields.get(name, "")
