"""What ELM cannot say."""

from __future__ import annotations

from openum.cql.errors import CqlError


class ElmError(CqlError):
    """An expression the engine runs has no form in ELM."""
