"""ELM, the exchange form of compiled CQL (`application/elm+json`): for packages that other engines run."""

from openum.cql.elm.errors import ElmError
from openum.cql.elm.library import MEDIA_TYPE, elm_libraries, elm_of, helpers

__all__ = ["MEDIA_TYPE", "ElmError", "elm_libraries", "elm_of", "helpers"]
