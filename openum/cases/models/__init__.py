"""The tables of the case file, one module a noun."""

from openum.cases.models.case import Case, NumberSeries, Request
from openum.cases.models.contact import ContactAttempt, InformationItem, InformationRequest
from openum.cases.models.documents import Attachment, AttachmentPage, Note
from openum.cases.models.line import Amendment, Diagnosis, LineDay, ServiceLine
from openum.cases.models.party import Party

__all__ = [
    "Amendment", "Attachment", "AttachmentPage", "Case", "ContactAttempt", "Diagnosis", "InformationItem",
    "InformationRequest", "LineDay", "Note", "NumberSeries", "Party", "Request", "ServiceLine",
]  # fmt: skip
