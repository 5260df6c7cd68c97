"""Template tags of the components. The drawing is done in `openum.design`; here only names are bound."""

from datetime import date, datetime

from django import template

from openum.design import clock, drawings, moments, status
from openum.design.shapes import shape as draw_shape
from openum.design.telling import told

register = template.Library()

register.simple_tag(status.status_chip, name="status_chip")
register.simple_tag(status.finding_chip, name="finding_chip")
register.simple_tag(status.urgency_chip, name="urgency_chip")
register.simple_tag(status.chip, name="chip")
register.simple_tag(draw_shape, name="shape")
register.simple_tag(clock.clock_chip, name="clock_chip")
register.simple_tag(clock.ladder, name="clock_ladder")
register.simple_tag(drawings.parcel_line, name="parcel_line")
register.simple_tag(drawings.split_bar, name="split_bar")
register.simple_tag(drawings.timeline, name="timeline")
register.simple_tag(drawings.reference, name="reference")
register.simple_tag(drawings.progress_dots, name="progress_dots")
register.filter("told", told)
register.filter("sex_word", status.sex_word)


@register.filter
def moment(value: datetime | None, zone: str = "UTC") -> str:
    """Show an instant in a zone, the zone written."""
    return moments.moment(value, str(zone))  # the frame hands over a lazy text


@register.filter
def day(value: date | None) -> str:
    """Show a calendar date."""
    return moments.day(value)
