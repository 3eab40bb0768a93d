"""Recomputing the audit: rows, heads, signatures, and what the places outside say."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from accounts.audit.chain import GENESIS, link
from accounts.audit.checkpoints import checkpoint_of
from accounts.audit.journal import head_holds
from accounts.audit.models import AuditCheckpoint, AuditRow, AuditSegment, ChainHead, WitnessCursor
from accounts.audit.reading import links
from accounts.audit.records import Checkpoint, Fault, Segment
from accounts.audit.rules import read_line
from accounts.audit.signing import is_signed
from accounts.audit.witnesses import witnesses
from accounts.kernel.wall import Reason, seeing_everything

OWN = "checkpoints"


@dataclass
class Verification:
    """What one verification read and found; `first` of each chain is the first row that does not hold."""

    rows: int = 0
    chains: int = 0
    checkpoints: int = 0
    outside: int = 0
    faults: list[Fault] = field(default_factory=list)


@seeing_everything(Reason.AUDIT)
def verify(*, after: int = 0, files: Sequence[Path] = ()) -> Verification:
    """Recompute the whole audit and return what was read, with the first fault of each chain and of each file.

    `after`: trust the first rows of each chain up to this number. `files` are checkpoint
    files from elsewhere, read beside those that this installation writes.
    """
    found = Verification()
    known, found.faults = _known_checkpoints()
    told = _told(files)
    found.checkpoints = len(known)
    for checkpoints, faults in told:
        found.outside += len(checkpoints)
        found.faults += faults
    found.faults += _untold(known, told)
    claims: dict[str, dict[int, str]] = defaultdict(dict)
    for one in (*known, *(one for checkpoints, _ in told for one in checkpoints)):
        if claims[one.chain].setdefault(one.number, one.hash) != one.hash:
            found.faults.append(
                Fault(one.chain, one.number, "two checkpoints disagree: rolled back, then written anew")
            )
    chains = set(AuditRow.objects.order_by().values_list("chain", flat=True).distinct()) | set(claims)
    for chain in sorted(chains | set(ChainHead.objects.values_list("chain", flat=True).order_by("chain"))):
        walk = _Walk(chain, claims[chain])
        fault = walk.first_fault(after=after)
        found.chains, found.rows = found.chains + 1, found.rows + walk.read
        if fault:
            found.faults.append(fault)
    return found


@dataclass
class _Walk:
    """One chain being recomputed: `number` and `previous` are the last row that holds, `sure` the last one vouched for."""

    chain: str
    claims: dict[int, str]
    number: int = 0
    previous: bytes = GENESIS
    sure: int = 0
    read: int = 0

    def first_fault(self, *, after: int) -> Fault | None:
        """Walk to the end, past rows that are written meanwhile, and return the first thing that does not hold."""
        fault = self._start(after)
        while fault is None:
            fault = self._fault_of_rows()
            head = ChainHead.objects.filter(chain=self.chain).first()
            if fault is None and (head is None or head.number <= self.number or not self._grew()):
                return self._fault_of_end(head)
        return fault

    def _start(self, after: int) -> Fault | None:
        segments, fault = _segments(self.chain)
        if segments:
            self.number, self.previous = segments[-1].last, bytes.fromhex(segments[-1].digest)
        trusted = AuditRow.objects.filter(chain=self.chain, number=after).first() if after > self.number else None
        if trusted:
            self.number, self.previous = trusted.number, bytes(trusted.hash)
        self.sure = self.number
        return fault

    def _grew(self) -> bool:
        return AuditRow.objects.filter(chain=self.chain, number__gt=self.number).exists()

    def _fault_of_rows(self) -> Fault | None:
        for place, row_body, before, own in links(self.chain, after=self.number):
            expected = self.number + 1
            if place != expected:
                return Fault(self.chain, expected, "missing row")
            if before != self.previous or own != link(self.previous, row_body):
                return Fault(self.chain, expected, "altered row")
            claim = self.claims.get(expected)
            if claim not in (None, own.hex()):
                return Fault(self.chain, self.sure + 1, f"rewritten row, between this one and {expected}")
            self.sure = expected if claim else self.sure
            self.number, self.previous, self.read = expected, own, self.read + 1
        return None

    def _fault_of_end(self, head: ChainHead | None) -> Fault | None:
        furthest = max(self.claims, default=0)
        if furthest > self.number:
            return Fault(self.chain, self.number + 1, f"missing row: a checkpoint knows {furthest} rows")
        if head is None or head.number != self.number or bytes(head.hash) != self.previous:
            return Fault(self.chain, self.number + 1, "cut or forged end")
        if not head_holds(head):
            return Fault(self.chain, self.sure + 1, "forged seal: rewritten row")
        return None


def _segments(chain: str) -> tuple[list[Segment], Fault | None]:
    """Return the erased segments of a chain in order, and the first fault among them."""
    segments = [segment_of(row) for row in AuditSegment.objects.filter(chain=chain).order_by("first")]
    expected, previous = 1, GENESIS.hex()
    for one in segments:
        if one.first != expected or one.start != previous or one.last < one.first:
            return segments, Fault(chain, expected, "missing segment")
        if not is_signed(one):
            return segments, Fault(chain, one.first, "forged segment")
        expected, previous = one.last + 1, one.digest
    return segments, None


def segment_of(row: AuditSegment) -> Segment:
    """Return a stored segment as its record."""
    return Segment(
        chain=row.chain, first=row.first, last=row.last, start=row.start, digest=row.digest, begun_at=row.begun_at,
        ended_at=row.ended_at, at=row.at, signature=row.signature,
    )  # fmt: skip


def _known_checkpoints() -> tuple[list[Checkpoint], list[Fault]]:
    rows = AuditCheckpoint.objects.order_by("serial").iterator(chunk_size=5000)
    return _signed_ones(OWN, enumerate((checkpoint_of(row) for row in rows), 1))


def _untold(known: Sequence[Checkpoint], told: Sequence[tuple[list[Checkpoint], list[Fault]]]) -> list[Fault]:
    """Return the fault of a database that no longer holds a checkpoint which left the machine."""
    last = known[-1].serial if known else 0
    taken = WitnessCursor.objects.order_by("-serial").values_list("serial", flat=True).first() or 0
    furthest = max([taken, *(one.serial for checkpoints, _ in told for one in checkpoints)])
    return [Fault(OWN, last + 1, f"missing checkpoint: {furthest} have left")] if furthest > last else []


def _told(files: Sequence[Path]) -> list[tuple[list[Checkpoint], list[Fault]]]:
    """Read back each file given, and each file of our own places, which must be as long as what it took."""
    cursors = dict(WitnessCursor.objects.order_by("name").values_list("name", "serial"))
    told = [_read(str(path), path, taken=0) for path in files]
    return told + [
        _read(one.name, one.path, taken=cursors.get(one.name, 0))
        for one in witnesses()
        if one.path is not None and (one.name in cursors or one.path.is_file())
    ]


def _read(name: str, path: Path, *, taken: int) -> tuple[list[Checkpoint], list[Fault]]:
    try:
        lines = path.read_bytes().splitlines()
    except OSError:
        return [], [Fault(name, 1, "checkpoint file missing")] if taken or name == str(path) else []
    checkpoints: list[Checkpoint] = []
    for number, text in enumerate(lines, 1):
        try:
            checkpoints.append(read_line(text))
        except ValueError:
            return checkpoints, [Fault(name, number, "altered checkpoint")]
    signed, faults = _signed_ones(name, enumerate(checkpoints, 1))
    if not faults and (checkpoints[-1].serial if checkpoints else 0) < taken:
        faults = [Fault(name, len(checkpoints) + 1, "checkpoint file cut")]
    return signed, faults


def _signed_ones(name: str, numbered: Iterator[tuple[int, Checkpoint]]) -> tuple[list[Checkpoint], list[Fault]]:
    """Return the checkpoints up to the first that does not hold: forged, or out of the order of serials."""
    kept: list[Checkpoint] = []
    for number, one in numbered:
        if not is_signed(one):
            return kept, [Fault(name, number, f"forged checkpoint of chain {one.chain}, row {one.number}")]
        expected = kept[-1].serial + 1 if kept else number if name == OWN else one.serial
        if one.serial > expected:
            return kept, [Fault(name, number, f"missing checkpoint {expected}")]
        kept.append(one)
    return kept, []
