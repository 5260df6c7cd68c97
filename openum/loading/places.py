"""Where a plan's claims lie on disk."""

import re
from pathlib import Path
from uuid import UUID

from django.conf import settings

from openum.accounts.models import Plan
from openum.loading.models import ClaimsFile


def folder_of(plan: Plan) -> Path:
    """Return the folder of a plan's claims."""
    return Path(settings.OPENUM_DATA) / "claims" / plan.public_id.hex


def store_of(plan: Plan) -> Path:
    """Return the claims store of a plan, as `openum metrics --claims` takes it."""
    return folder_of(plan) / "store"


def incoming(plan: Plan, load_id: UUID) -> Path:
    """Return where the files of a load lie until they are loaded."""
    return folder_of(plan) / "incoming" / load_id.hex


def path_of(file: ClaimsFile) -> Path:
    """Return where a file lies until it is loaded."""
    stem = re.sub(r"(\.(parquet|csv|gz|txt))+$", "", file.name, flags=re.IGNORECASE)
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", stem).strip(".")[:100] or "file"
    return incoming(file.load.plan, file.load.public_id) / file.public_id.hex / f"{plain}{file.ending}"
