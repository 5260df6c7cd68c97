"""Uploaded files as documents of a case."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile

from openum.cases.services import NewDocument


def document_of(file: "UploadedFile[Any] | None", title: str, kind: str) -> NewDocument | None:
    """Return an uploaded file as a document, or None."""
    if file is None:
        return None
    return NewDocument(
        title=title or file.name or "document", content_type=file.content_type or "application/octet-stream",
        content=file.read(), document_kind=kind,
    )  # fmt: skip
