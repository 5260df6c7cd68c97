"""Log lines hold what operators need and nothing about members: only listed keys pass, exception texts never do."""

import logging
import sys
import traceback
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

# Every key a log line may carry. Identifiers here are public ids of cases and jobs, never of people or coverage.
ALLOWED_KEYS = frozenset(
    {
        "event", "level", "timestamp", "logger", "request_id", "method", "route", "status", "milliseconds", "error",
        "where", "code", "job", "kind", "attempt", "count", "case", "pid", "port", "signal", "seal", "plan", "state",
    }
)  # fmt: skip


def keep_listed_keys(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Drop every key that is not on the list."""
    return {key: value for key, value in event.items() if key in ALLOWED_KEYS}


def describe_error(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Turn exc_info into the error's class and the places it passed; its text may hold member data and is left out."""
    info = event.pop("exc_info", None)
    error = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["error"] = type(error).__qualname__
        frames = traceback.extract_tb(error.__traceback__)[-8:]
        event["where"] = " < ".join(f"{_short(frame.filename)}:{frame.lineno}" for frame in reversed(frames))
    return event


def _short(filename: str) -> str:
    return "/".join(filename.split("/")[-3:])


class _Lines(logging.Formatter):
    """Formatter for records of the standard library: the message template without its arguments, which may be data."""

    def __init__(self, render: structlog.typing.Processor) -> None:
        super().__init__()
        self.render = render

    def format(self, record: logging.LogRecord) -> str:
        event: dict[str, Any] = {"event": str(record.msg), "level": record.levelname.lower(), "logger": record.name}
        status = getattr(record, "status_code", None)
        if status is not None:
            event["status"] = status
        if record.exc_info:
            event["exc_info"] = record.exc_info
        event = dict(structlog.contextvars.merge_contextvars(None, "", event))
        rendered = self.render(None, "", keep_listed_keys(None, "", describe_error(None, "", event)))
        return str(rendered)


def configure(level: str) -> None:
    """Set up structlog and the standard library's logging; both write one JSON object per line to standard error."""
    render = structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            describe_error,
            keep_listed_keys,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping().get(level, logging.INFO)),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines(render))
    root = logging.getLogger()
    for old in [each for each in root.handlers if isinstance(each.formatter, _Lines)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level if level in logging.getLevelNamesMapping() else "INFO")
    logging.getLogger("django.request").setLevel(logging.ERROR)  # 4xx are answers, not faults
    logging.getLogger("django.security.DisallowedHost").setLevel(logging.CRITICAL)
