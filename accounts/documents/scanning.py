"""What the antivirus says of a file: asked once, before it is kept."""

from dataclasses import replace

from accounts.documents import clamd
from accounts.documents.records import NewFile, Scan


def scanned(file: NewFile) -> NewFile:
    """Return a file that carries what the antivirus says of it."""
    return replace(file, scan=scan_of(file))


def scan_of(file: NewFile) -> Scan:
    """Return what the antivirus says of a file, or said before; care does not wait for one that is away."""
    if file.scan is not None:
        return file.scan
    if file.made_here:
        return Scan.MADE_HERE
    try:
        return told(file.content) if clamd.is_named() else Scan.NOT_SCANNED
    except (clamd.NoAnswer, clamd.NotJudged):
        return Scan.NOT_SCANNED


def told(content: bytes) -> Scan:
    """Return what the antivirus says of a content; raises as `clamd.is_infected` does."""
    return Scan.WITHHELD if clamd.is_infected(content) else Scan.CLEAN
