"""How the controls of a form look: attributes of its widgets, and the fields that many forms have."""

from typing import Any

from django import forms

TEXT: dict[str, Any] = {"class": "form-control", "autocomplete": "off"}
SELECT = {"class": "form-select"}
CHECK: dict[str, Any] = {"class": "form-check-input"}
DAY: dict[str, Any] = {"class": "form-control", "type": "date"}
DAY_TIME: dict[str, Any] = {"class": "form-control", "type": "datetime-local"}
DAY_TIME_FORMAT = "%Y-%m-%dT%H:%M"


def area(
    label: Any, *, most: int | None = 8000, rows: int = 3, required: bool = True, help_text: Any = ""
) -> forms.CharField:
    """Return a field for sentences.

    Args:
        label: what to write.
        most: how many characters it holds.
        rows: the lines that are seen at once.
        required: whether it may stay empty.
        help_text: where the words go.
    """
    return forms.CharField(
        label=label, required=required, max_length=most, help_text=help_text,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": rows}),
    )  # fmt: skip
