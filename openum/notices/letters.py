"""Every kind of letter and the type that holds its facts. Pure."""

from typing import Final

from openum.notices.content import OF_REQUESTS, Letter, LetterKind
from openum.notices.content_of_appeals import OF_APPEALS
from openum.notices.content_of_stays import OF_STAYS

LETTERS: Final[dict[LetterKind, type[Letter]]] = OF_REQUESTS | OF_APPEALS | OF_STAYS
