"""The only writer of loads. The claims themselves go into the store (`openum/analytics/store`), by a job, file after file."""

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from django.db import transaction

from openum import audit
from openum.accounts.models import Plan, User
from openum.accounts.permitting import OutOfReach, permitted
from openum.accounts.rules import Permission
from openum.db.text import clean
from openum.jobs import enqueue
from openum.loading import events, queries
from openum.loading.models import ClaimsFile, ClaimsLoad, HeaderMapping, RowRepair
from openum.loading.places import incoming, path_of, store_of
from openum.loading.rules import FileState, LoadState
from openum.vocabulary.errors import Conflict, Invalid
from openum.vocabulary.identifiers import new_uuid7

MOST_FILES, MOST_BYTES = 50, 60 << 30


class UploadWrong(Invalid):
    """Files that cannot be taken."""

    code: ClassVar[str] = "claims-upload-wrong"


class LoadStarted(Conflict):
    """The load was started meanwhile."""

    code: ClassVar[str] = "claims-load-started"


class TableMissing(Invalid):
    """A file whose table or columns are not told."""

    code: ClassVar[str] = "claims-table-missing"


class ReasonMissing(Invalid):
    """A repair, or taking back, without why."""

    code: ClassVar[str] = "claims-reason-missing"


class NothingAside(Conflict):
    """The rows were dealt with meanwhile."""

    code: ClassVar[str] = "claims-nothing-aside"


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file as it came: the person's name for it, and its bytes by chunks."""

    name: str
    chunks: Iterable[bytes]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a file is read: its table, and the file's header by our column."""

    table: str
    mapping: Mapping[str, str]


@permitted(Permission.KEEP_CLAIMS, on="plan")
def take_files(
    *, plan: Plan, uploads: Sequence[Upload], source: str, encoding: str, by: User, at: datetime
) -> ClaimsLoad:
    """Take files to disk and propose how they are read; all or none. Nothing is loaded yet.

    Raises:
        PermissionRefused, OutOfReach: the actor does not keep this plan's claims.
        UploadWrong, FileStrange, FileUnreadable: naming the file and the cure.
    """
    if not uploads or len(uploads) > MOST_FILES:
        raise UploadWrong(f"Choose one to {MOST_FILES} files.")
    load_id = new_uuid7()
    folder = incoming(plan, load_id)
    folder.mkdir(parents=True)
    try:
        with transaction.atomic():
            load = ClaimsLoad.objects.create(
                public_id=load_id, plan=plan, source=clean(source.strip())[:100], encoding=encoding, given_by=by, given_at=at
            )  # fmt: skip
            for upload in uploads:
                taken_to_disk(load, upload, folder)
            audit.record(events.ClaimsUploaded(load_id=load.public_id, files=len(uploads)), by=by, at=at)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return load


def taken_to_disk(load: ClaimsLoad, upload: Upload, folder: Path) -> ClaimsFile:
    """Write a file by chunks, tell what it is by its bytes, and propose table and headers.

    Raises:
        UploadWrong, FileStrange, FileUnreadable: it cannot be taken.
    """
    from openum.analytics.layout import TABLES
    from openum.analytics.store.sniff import heads_in, proposed, sniff, table_by_heads

    name, size = clean(Path(upload.name).name)[:200] or "file", 0
    draft = folder / "draft"
    with draft.open("wb") as stream:
        for chunk in upload.chunks:
            size += len(chunk)
            if size > MOST_BYTES:
                raise UploadWrong(f"{name} is larger than {MOST_BYTES >> 30} GB. Load it with openum claims load.")
            stream.write(chunk)
    ending = sniff(draft, name)
    heads = heads_in(draft, ending, name, load.encoding)
    table = next((each for each in TABLES if name.lower().startswith(each)), "") or table_by_heads(heads)
    file = ClaimsFile.objects.create(
        load=load, name=name, ending=ending, size=size, heads=[clean(head)[:200] for head in heads], table=table,
        mapping=proposed(table, heads) if table else {},
    )  # fmt: skip
    path_of(file).parent.mkdir()
    draft.replace(path_of(file))
    return file


@permitted(Permission.KEEP_CLAIMS, on="load")
@transaction.atomic
def start(*, load: ClaimsLoad, readings: Mapping[int, Reading], keep_as: str, by: User, at: datetime) -> ClaimsLoad:
    """Say how each file is read, keep the mappings under a name when one is given, and have the files loaded.

    Raises:
        PermissionRefused, OutOfReach: the actor does not keep this plan's claims.
        LoadStarted: it was started.
        TableMissing: a file without a table, or without a needed column.
    """
    load = ClaimsLoad.objects.select_for_update(of=("self",)).select_related("plan").get(pk=load.pk)
    if load.state != LoadState.GIVEN:
        raise LoadStarted("This load was started. Reload the page to see how far it is.")
    for file in load.files.order_by("pk"):
        reading = readings[file.pk]
        check_reading(file, reading)
        file.table, file.mapping = reading.table, dict(reading.mapping)
        file.save(update_fields=["table", "mapping"])
        if keep_as.strip() and file.mapping:
            kept = HeaderMapping.objects.create(
                plan=load.plan, name=clean(keep_as.strip())[:100], table=file.table, heads=file.mapping, kept_by=by, kept_at=at
            )  # fmt: skip
            audit.record(events.HeaderMappingKept(mapping_id=kept.public_id), by=by, at=at)
    load.state = LoadState.LOADING
    load.save(update_fields=["state"])
    audit.record(events.ClaimsLoadStarted(load_id=load.public_id), by=by, at=at)
    enqueue("loading.next_file", {"load": str(load.public_id)}, run_at=at)
    return load


def check_reading(file: ClaimsFile, reading: Reading) -> None:
    """Check that a file has a table and its needed columns.

    Raises:
        TableMissing: naming them.
    """
    from openum.analytics.layout import TABLES

    if reading.table not in TABLES:
        raise TableMissing(f"{file.name}: choose the table that the file holds.")
    there = {head.strip().lower() for head in file.heads}
    mapped = list(reading.mapping.values())
    missing = [
        column.name
        for column in TABLES[reading.table]
        if column.needed and column.name not in there and column.name not in reading.mapping
    ]
    if missing:
        raise TableMissing(f"{file.name}: say which headers are {', '.join(missing)}. The table needs them.")
    if twice := sorted({head for head in mapped if mapped.count(head) > 1}):
        raise TableMissing(f"{file.name}: {', '.join(twice)} stands for several columns. Let it stand for one.")


def check_sees_rows(by: User, plan: Plan) -> None:
    """Refuse who does not see the members of a plan.

    Raises:
        OutOfReach: the rows do not exist for the actor.
    """
    if not queries.may_see_rows(by, plan):
        raise OutOfReach("Rows show members. Ask a colleague whose role includes the plan's cases.")


@permitted(Permission.KEEP_CLAIMS, on="file.load")
@transaction.atomic
def repair_row(*, file: ClaimsFile, row: int, values: Mapping[str, str], reason: str, by: User, at: datetime) -> None:
    """Give values of a row set aside anew; nothing is loaded until the rows are admitted.

    Raises:
        PermissionRefused, OutOfReach: the actor does not keep this plan's claims, or does not see its members.
        ReasonMissing: not said why.
        NothingAside: the row does not wait, or no value was changed.
    """
    check_sees_rows(by, file.load.plan)
    if not reason.strip():
        raise ReasonMissing("Say where the right value comes from. The trail keeps it.")
    found = next(iter(queries.aside(file, start=row - 1, count=1)), None) if row > 0 else None
    if found is None:
        raise NothingAside("This row does not wait any more. Reload the page.")
    now = dict(found.values) | queries.changes_of(file).get(row, {})
    changed = {name: clean(value.strip())[:500] for name, value in values.items() if name in now and value.strip() != now[name]}  # fmt: skip
    if not changed:
        raise NothingAside("No value was changed. Correct what the reason names.")
    for name, value in changed.items():
        RowRepair.objects.create(file=file, row=row, column=name, was=now[name][:500], value=value, reason=clean(reason.strip())[:500], by=by, at=at)  # fmt: skip
        audit.record(events.ClaimsRowRepaired(file_id=file.public_id, row=row, column=name[:100]), by=by, at=at)


@permitted(Permission.KEEP_CLAIMS, on="file.load")
def admit(*, file: ClaimsFile, by: User, at: datetime, upload: Upload | None = None) -> ClaimsLoad:
    """Have the rows set aside loaded again, with their repairs or as a repaired file; what still cannot be counted is set aside again.

    Raises:
        PermissionRefused, OutOfReach: the actor does not keep this plan's claims, or does not see its members.
        NothingAside: no row waits, or none was repaired.
        UploadWrong, FileStrange, FileUnreadable, TableMissing: the repaired file cannot be taken.
    """
    from openum.analytics.store.aside import repaired_copy

    check_sees_rows(by, file.load.plan)
    kept = queries.aside_file(file)
    if kept is None:
        raise NothingAside("No row of this file waits any more. Reload the page.")
    changes = queries.changes_of(file)
    if upload is None and not changes:
        raise NothingAside("Repair a row first. As they stand, the rows would be set aside again.")
    plan, load_id = file.load.plan, new_uuid7()
    folder = incoming(plan, load_id)
    folder.mkdir(parents=True)
    try:
        with transaction.atomic():
            load = ClaimsLoad.objects.create(
                public_id=load_id, plan=plan, source=file.load.source, state=LoadState.LOADING, given_by=by, given_at=at
            )  # fmt: skip
            if upload is None:
                draft = folder / "repaired.csv"
                repaired_copy(kept, changes, draft)
                upload = Upload(name=kept.name, chunks=blocks(draft))
            again = taken_to_disk(load, Upload(name=kept.name, chunks=upload.chunks), folder)
            again.name, again.table, again.repairs_of = kept.name, file.table, file
            again.mapping = {name: head for name, head in file.mapping.items() if head in again.heads}
            check_reading(again, Reading(table=again.table, mapping=again.mapping))
            again.save()
            audit.record(events.ClaimsUploaded(load_id=load.public_id, files=1), by=by, at=at)
            enqueue("loading.next_file", {"load": str(load.public_id)}, run_at=at)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return load


def blocks(file: Path) -> Iterator[bytes]:
    """Yield a file by chunks."""
    with file.open("rb") as stream:
        while block := stream.read(1 << 20):
            yield block


@permitted(Permission.KEEP_CLAIMS, on="file.load")
def take_back(*, file: ClaimsFile, reason: str, by: User, at: datetime) -> None:
    """Take a loaded file out of the store, with the rows of it that were repaired.

    Raises:
        PermissionRefused, OutOfReach: the actor does not keep this plan's claims.
        ReasonMissing: not said why.
        FileNotLoaded, FileHeld, StoreInUse: the store keeps it.
    """
    from openum.analytics.store.aside import take_back as out_of_store

    if not reason.strip():
        raise ReasonMissing("Say why the file is taken back. The trail keeps it.")
    with transaction.atomic():
        gone = {row.sha256 for row in out_of_store(store_of(file.load.plan), file.sha256)}
        files = ClaimsFile.objects.filter(load__plan=file.load.plan, sha256__in=gone, state__in=[FileState.LOADED, FileState.KNOWN])  # fmt: skip
        for each in files.select_related("load").order_by("pk"):
            each.state = FileState.TAKEN_BACK
            each.save(update_fields=["state"])
            audit.record(
                events.ClaimsFileTakenBack(load_id=each.load.public_id, file_id=each.public_id, cause=clean(reason.strip())[:500]),
                by=by, at=at,
            )  # fmt: skip


def note_rows_read(*, file: ClaimsFile, rows: int, page: str, by: User, at: datetime) -> None:
    """Record that a person was shown rows; nothing shown, nothing recorded."""
    if rows:
        audit.record(events.ClaimsRowsRead(file_id=file.public_id, rows=rows, cause=page), by=by, at=at)
