"""The small drawings that stand beside a word. Shape is the second signal, colour only the third."""

from functools import lru_cache

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

_PATHS: dict[str, str] = {
    "circle": '<circle cx="8" cy="8" r="6"/>',
    "half": '<circle cx="8" cy="8" r="5.5" class="line"/><path d="M8 2.5a5.5 5.5 0 0 0 0 11z"/>',
    "bars": '<path d="M3.5 3h3v10h-3zM9.5 3h3v10h-3z"/>',
    "triangle": '<path d="M8 2.2 14.6 13.8H1.4z"/>',
    "square": '<path d="M2 2h12v12H2z"/><path d="M3 13 13 3" class="cut"/>',
    "again": '<path d="M4.2 5.2A5 5 0 1 1 3 8.4" class="line"/><path d="M1.6 2.6 6.8 3 4 7.2z"/>',
    "cross": '<path d="M6 2h4v4h4v4h-4v4H6v-4H2V6h4z"/>',
    "diamond": '<path d="M8 1.8 14.2 8 8 14.2 1.8 8z" class="line dash"/>',
    "ring": '<circle cx="8" cy="8" r="5.5" class="line"/>',
    "target": '<circle cx="8" cy="8" r="5.5" class="line"/><circle cx="8" cy="8" r="2.2"/>',
    "dash": '<circle cx="8" cy="8" r="5.5" class="line"/><path d="M4.8 7.2h6.4v1.6H4.8z"/>',
    "check": '<path d="M2.6 8.4 6.2 12 13.4 4.2" class="line"/>',
    "times": '<path d="M3.4 3.4 12.6 12.6M12.6 3.4 3.4 12.6" class="line"/>',
    "question": '<path d="M5 5.6a3 3 0 1 1 4.4 2.6c-1 .6-1.4 1-1.4 2.2" class="line"/><circle cx="8" cy="13.2" r="1.1"/>',
    "arrow": '<path d="M2 8h10M8.4 3.8 12.6 8l-4.2 4.2" class="line"/>',
    "clock": '<circle cx="8" cy="8" r="6" class="line"/><path d="M8 4.4V8l2.6 1.8" class="line"/>',
}


@lru_cache(maxsize=256)
def shape(name: str, *, title: str = "") -> SafeString:
    """Return one 16-pixel drawing; hidden from screen readers unless it has a title of its own.

    Raises:
        KeyError: there is no shape of that name.
    """
    body = mark_safe(_PATHS[name])  # noqa: S308 - a constant of this module
    if title:
        return format_html(
            '<svg class="shape" viewBox="0 0 16 16" role="img" focusable="false"><title>{}</title>{}</svg>', title, body
        )
    return format_html('<svg class="shape" viewBox="0 0 16 16" aria-hidden="true" focusable="false">{}</svg>', body)


def shape_names() -> list[str]:
    """Return the names of all shapes, for the style page."""
    return list(_PATHS)
