"""Load files of claims into a store: good rows into a Parquet part, bad rows aside with their reasons, a file all or nothing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import ibis

from openum.analytics.engines import Engine, Table, duckdb_engine
from openum.analytics.layout import TABLES, Kind
from openum.analytics.reading import in_layout
from openum.analytics.store.catalogue import QUARANTINE, Catalogue, Loaded, open_store
from openum.analytics.store.files import ROW, Plan, chosen, identity, in_utf8, raw_rows, renamed, table_of
from openum.analytics.store.progress import watched
from openum.analytics.usable import CHECKS
from openum.vocabulary.errors import Invalid, OpenUMError

REASON, NUMBER = "set_aside_because", "set_aside_row"
"""Columns of a file of rows set aside: why, and which row of the file it was."""

MEMORY = "2GB"
"""What a load uses at most unless told otherwise; larger work goes through a temporary folder."""


@dataclass(frozen=True)
class Outcome:
    """What became of one file: `loaded` when it is in the store, else why it is not."""

    file: Path
    loaded: Loaded | None
    said: str
    was_loaded_before: bool = False

    @property
    def is_refused(self) -> bool:
        """Say whether nothing of the file was taken."""
        return self.loaded is None


class NothingToAdmit(Invalid):
    """A file that holds no rows set aside by this store."""

    code = "nothing-to-admit"


CHECKING, READING, WRITING = "checking", "reading", "writing"
"""The stages of a file on its way into the store."""


def say_nothing(stage: str) -> None:
    """Hear of a stage and say nothing."""


def load(
    paths: list[Path],
    store: Path,
    plan: Plan,
    *,
    at: datetime,
    tell: Callable[[Outcome], None],
    memory: str = MEMORY,
    went: Callable[[Path, int], None] | None = None,
) -> list[Outcome]:
    """Load files one after the other; a refused one does not keep the others out. `tell` hears of each as it ends.

    `went` hears, every few seconds, how many percent of a file's stage are done.

    Raises:
        NoFiles: there is nothing to load.
        StoreInUse, StoreUnreadable: the store cannot be written.
    """
    outcomes = []
    with open_store(store) as catalogue:
        for file in chosen(paths):
            heard = None if went is None else partial(went, file)
            outcome = load_or_say_why(file, catalogue, plan, at=at, memory=memory, went=heard)
            outcomes.append(outcome)
            tell(outcome)
    return outcomes


def load_or_say_why(
    file: Path,
    catalogue: Catalogue,
    plan: Plan,
    *,
    at: datetime,
    memory: str,
    reach: Callable[[str], None] = say_nothing,
    went: Callable[[int], None] | None = None,
) -> Outcome:
    """Load one file, or return the sentence that says why nothing of it was taken.

    `reach` hears of each stage as it begins, `went` of its percent, in a thread of its own.
    """
    try:
        reach(CHECKING)
        sha256 = identity(file, plan.encoding)
        if before := catalogue.find(sha256):
            return Outcome(
                file, before, f"{file} was loaded before as {before.file}; nothing was done.", was_loaded_before=True
            )
        loaded = load_file(file, sha256, catalogue, plan, at=at, memory=memory, reach=reach, went=went)
    except OpenUMError as refusal:
        return Outcome(file, None, refusal.english)
    return Outcome(file, loaded, told(file, loaded))


def untaken(given: Table, table: str) -> list[str]:
    """Return the columns of a file that the layout has no place for."""
    known = {column.name for column in TABLES[table]} | {ROW, REASON, NUMBER}
    return sorted(head for head in given.columns if head.strip().lower() not in known)


def told(file: Path, loaded: Loaded) -> str:
    """Say what was done with a file."""
    parts = [f"{loaded.taken:,} of {loaded.rows:,} rows taken"]
    if loaded.already_there:
        parts.append(f"{loaded.already_there:,} already there")
    if loaded.columns_not_taken:
        parts.append(f"columns not taken: {', '.join(loaded.columns_not_taken)}")
    if loaded.set_aside:
        parts.append(f"{loaded.set_aside:,} set aside in {loaded.quarantine}")
    return f"{file}: {', '.join(parts)}."


def load_file(
    file: Path,
    sha256: str,
    catalogue: Catalogue,
    plan: Plan,
    *,
    at: datetime,
    memory: str,
    reach: Callable[[str], None],
    went: Callable[[int], None] | None,
) -> Loaded:
    """Write a file's part and quarantine, then enter it in the catalogue; only the last step makes it count.

    Raises:
        FileUnreadable, TableUnknown, MappingWrong, ColumnMissing: nothing of the file is taken.
    """
    table = table_of(file, plan)
    name = sha256[:16]
    part = catalogue.store / table / f"{name}.parquet"
    aside = catalogue.store / QUARANTINE / f"{table}-{name}.csv"
    for folder in (part.parent, aside.parent):
        folder.mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="openum-load-") as spare, duckdb_engine(memory_limit=memory, ordered=True) as engine:
        engine.database.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false")
        reach(READING)
        given = renamed(raw_rows(engine, in_utf8(file, plan.encoding, Path(spare)), file), table, plan, file)
        with watched(engine.database.query_progress, went):
            judged = engine.keep("judged", with_reasons(table, given, file, plan.source))
        counted = engine.fetch(judged.agg(rows=judged.count(), bad=judged[REASON].notnull().sum()))[0]
        reach(WRITING)
        good = stored(table, judged.filter(judged[REASON].isnull()).drop(ROW, REASON))
        existing = catalogue.parts(table)
        new = without_known(engine, good, existing)
        with watched(engine.database.query_progress, went):
            engine.connection.to_parquet(new, str(part), compression="zstd")
        taken = engine.fetch(engine.parquet([part]).agg(n=ibis._.count()))[0]["n"]
        bad = counted["bad"] or 0
        if bad:
            put_aside(engine, given, judged, table, aside)
    loaded = Loaded(
        file=file.name, sha256=sha256, table=table, source=plan.source, part=str(part.relative_to(catalogue.store)),
        loaded_at=at.isoformat(timespec="seconds"), rows=counted["rows"], taken=taken, set_aside=bad,
        already_there=counted["rows"] - bad - taken, quarantine=str(aside.relative_to(catalogue.store)) if bad else "",
        columns_not_taken=tuple(untaken(given, table)),
    )  # fmt: skip
    catalogue.add(loaded)
    return loaded


def with_reasons(table: str, given: Table, file: Path, source: str) -> Table:
    """Return typed rows with their number and the reason to set one aside, null for the good ones."""
    texts = [
        column.name
        for column in TABLES[table]
        if column.kind in {Kind.DATE, Kind.MONEY, Kind.NUMBER}
        and column.name in given.columns
        and given[column.name].type().is_string()
    ]
    raw = {f"raw {name}": given[name].strip() for name in texts}
    typed = in_layout(table, given.mutate(**raw), str(file), beside=[ROW, *raw])
    if source and "data_source" in typed.columns:
        typed = typed.mutate(data_source=ibis.coalesce(typed.data_source, source))
    unreadable = [
        ((typed[f"raw {name}"] != "").fill_null(False) & typed[name].isnull(), f"unreadable {name}") for name in texts
    ]
    checked = [(check.fails(typed).fill_null(False), check.id) for check in CHECKS[table]]
    return typed.mutate(**{REASON: ibis.cases(*unreadable, *checked, else_=ibis.null("string"))}).drop(*raw)


def stored(table: str, rows: Table) -> Table:
    """Return rows as they are kept: money as dollars again, so that other programs read the parts as they do the input."""
    money = {column.name for column in TABLES[table] if column.kind is Kind.MONEY}
    return rows.mutate(**{name: (rows[name] / 100).cast("decimal(18, 2)") for name in money & set(rows.columns)})


def without_known(engine: Engine, rows: Table, parts: Iterable[Path]) -> Table:
    """Leave out rows that a part of the store holds exactly so; files of a feed overlap."""
    parts = list(parts)
    if not parts:
        return rows
    known = engine.parquet(parts)
    filled = {name: ibis.null().cast(rows[name].type()) for name in rows.columns if name not in known.columns}
    extra = {name: ibis.null().cast(known[name].type()) for name in known.columns if name not in rows.columns}
    columns = [*rows.columns, *extra]
    return rows.mutate(**extra).select(*columns).difference(known.mutate(**filled).select(*columns))


def put_aside(engine: Engine, given: Table, judged: Table, table: str, aside: Path) -> None:
    """Write the bad rows as they stood in the file, with number, reason and cure, to be repaired and admitted again."""
    bad = judged.filter(judged[REASON].notnull()).select(number=judged[ROW], reason=judged[REASON])
    cures = {check.id: f"{check.reason} {check.cure}" for check in CHECKS[table]}
    unread = bad.reason.replace("unreadable ", "")
    text = ibis.cases(
        *((bad.reason == id_, sentence) for id_, sentence in cures.items()),
        else_=ibis.literal("The value of ")
        + unread
        + " cannot be read. Write dates as YYYY-MM-DD and amounts as 1234.56.",
    )
    explained = bad.select("number", **{REASON: text})
    if {NUMBER, REASON} <= set(given.columns):
        given = given.drop(NUMBER, REASON)
    rows = (
        given.inner_join(explained, given[ROW] == explained.number).drop("number").order_by(ROW).rename({NUMBER: ROW})
    )
    engine.connection.to_csv(rows, str(aside), header=True)


def admit(file: Path, store: Path, plan: Plan, *, at: datetime, memory: str = MEMORY) -> Outcome:
    """Load a repaired file of rows set aside; what still cannot be counted is set aside again.

    Raises:
        NothingToAdmit: this store set no rows aside in a file of that name.
    """
    with open_store(store) as catalogue:
        origin = next(
            (row for row in catalogue.loaded if row.quarantine and Path(row.quarantine).name == file.name), None
        )
        if origin is None:
            raise NothingToAdmit(f"{store} set no rows aside as {file.name}. Give a file from its folder {QUARANTINE}.")
        again = Plan(plan.mapping, origin.table, origin.source, plan.encoding)
        outcome = load_or_say_why(file, catalogue, again, at=at, memory=memory)
        if not outcome.is_refused and not outcome.was_loaded_before:
            catalogue.settle(origin)
        return outcome
