"""Forms of which several stand on one page."""

from typing import Any, ClassVar

from django import forms


class NamedForm(forms.Form):
    """A form whose element ids carry its name: two fields called alike on one page keep each its own label."""

    ids: ClassVar[str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Give the ids their beginning, unless the caller does."""
        kwargs.setdefault("auto_id", f"{self.ids}_%s")
        super().__init__(*args, **kwargs)
