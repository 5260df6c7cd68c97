"""Reading the YAML of policy files, with the C parser where it is there."""

from typing import Any

import yaml

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(text: str) -> Any:
    """Parse one YAML document of plain data.

    Raises:
        yaml.YAMLError: the text is not YAML; the error names line and column.
    """
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader: plain data only
