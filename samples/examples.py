"""Files to try things with: the tour's requests and papers, dated so that they fit the present of the world."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from samples.bundles import LumbarRequest, lumbar_mri_bundle
from samples.named import ZONE
from samples.portal import KneeRequest, conversation_note, film_report, therapy_log, therapy_log_picture

FOLDER = "examples"


def write(data_dir: Path, *, at: datetime) -> list[Path]:
    """Write the lumbar MRI bundles and the papers of the knee request below the data directory; return the files."""
    folder = data_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    today = at.astimezone(ZONE).date()
    lumbar = LumbarRequest()
    lumbar = replace(lumbar.moved((today - lumbar.asked_at.date()).days), asked_at=at.astimezone(ZONE))
    knee = KneeRequest()
    knee = knee.moved((today - knee.asked_on).days)
    contents = {
        **{
            f"lumbar-mri-{version}.json": json.dumps(lumbar_mri_bundle(lumbar, version=version), indent=2).encode()
            for version in ("2.0.1", "2.2.1")
        },
        "lumbar-mri-without-form.json": json.dumps(
            lumbar_mri_bundle(replace(lumbar, identifier="LBP-0002", leave_out=frozenset({"form"}))), indent=2
        ).encode(),
        "knee-x-ray-report.pdf": film_report(knee),
        "knee-therapy-log.pdf": therapy_log(knee),
        "knee-therapy-log.png": therapy_log_picture(knee),
        "knee-note-after-conversation.pdf": conversation_note(knee),
    }
    files = []
    for name, content in contents.items():
        (folder / name).write_bytes(content)
        files.append(folder / name)
    return files
