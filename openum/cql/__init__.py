"""Clinical Quality Language for medical-necessity criteria. Imports nothing else of the project."""

from openum.cql.errors import CqlError, CqlRuntimeError, CqlWarning
from openum.cql.expression import eval_expression, parse
from openum.cql.library import ENGINE_VERSION, Library, compile_expression, compile_library
from openum.cql.run.answer import Answer, MissingElement
from openum.cql.run.data import CaseData

__all__ = [
    "ENGINE_VERSION",
    "Answer",
    "CaseData",
    "CqlError",
    "CqlRuntimeError",
    "CqlWarning",
    "Library",
    "MissingElement",
    "compile_expression",
    "compile_library",
    "eval_expression",
    "parse",
]
