"""How the controls of a form look, as attributes of its widgets."""

from typing import Any

TEXT: dict[str, Any] = {"class": "form-control", "autocomplete": "off"}
SELECT = {"class": "form-select"}
DAY = {"class": "form-control", "type": "date"}
