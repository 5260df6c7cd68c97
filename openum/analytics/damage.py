"""Files that cannot be read: which one, at which line, and what to do about it."""

import codecs
import csv
import gzip
import re
from collections.abc import Iterable
from pathlib import Path

from openum.vocabulary.errors import Invalid

CHUNK_BYTES = 1 << 20

SEPARATORS = (",", "|", "\t", ";")


class MemoryTooSmall(Invalid):
    """The work fits neither the memory limit nor the temporary folder."""

    code = "memory-too-small"


class FileUnreadable(Invalid):
    """A file that cannot be read as what its ending says; nothing of it is loaded."""

    code = "claims-file-unreadable"


def check_text(file: Path, encoding: str) -> None:
    """Check that a CSV file is text of one encoding.

    Raises:
        FileUnreadable: naming the row.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as stream:
            while block := stream.read(CHUNK_BYTES):
                try:
                    decoder.decode(block)
                except UnicodeDecodeError as error:
                    line += error.object[: error.start].count(b"\n")
                    likely = (
                        "utf-16" if error.object.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "cp1252"
                    )
                    raise FileUnreadable(
                        f"{file}, line {line}: the text is not {encoding.upper()} throughout. Save the file as UTF-8, or name its "
                        f"encoding: openum claims load --encoding {likely}."
                    ) from error
                line += block.count(b"\n")
            decoder.decode(b"", final=True)
    except (OSError, EOFError) as error:
        raise FileUnreadable(f"{file} cannot be read to its end. Fetch it again.") from error
    except UnicodeDecodeError as error:
        raise FileUnreadable(f"{file}, line {line}: the file ends within a character. Fetch it again.") from error


def unreadable(file: Path, said: str) -> str:
    """Turn what the reader said into file, row and cure."""
    line = re.search(r"Line: (\d+)", said)
    if file.suffix == ".parquet":
        return f"{file} is no complete Parquet file. Fetch it again; it may have been cut off."
    where = f"{file}, line {line.group(1)}" if line else str(file)
    return f"{where}: the row has not the columns of the header. Check quotes and separators there, or write the file anew."


def refusal_of(files: Iterable[Path], said: str) -> FileUnreadable | None:
    """Return the refusal for the file that an engine's error speaks of; None when it speaks of none of them."""
    file = next((file for file in files if str(file) in said), None)
    if file is None:
        return None
    if file.suffix == ".parquet":
        return FileUnreadable(unreadable(file, said))
    try:
        check_text(file, "utf-8")
        line = uneven_line(file)
    except FileUnreadable as refusal:
        return refusal
    except (csv.Error, OSError):
        line = None
    return FileUnreadable(unreadable(file, f"Line: {line}" if line else said))


def uneven_line(file: Path) -> int | None:
    """Return the number of the first line that has more or fewer values than the header."""
    with (
        gzip.open(file, "rt", encoding="utf-8-sig", newline="")
        if file.suffix == ".gz"
        else file.open(encoding="utf-8-sig", newline="") as stream
    ):
        first = stream.readline()
        separator = max(SEPARATORS, key=first.count)
        stream.seek(0)
        reader = csv.reader(stream, delimiter=separator)
        width = len(next(reader, []))
        return next((reader.line_num for row in reader if row and len(row) != width), None)
