"""What surrounds an event: the id of the request that caused it. Pure."""

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Id of the web request or job being served; written on every event, never taken from a member's data."""
