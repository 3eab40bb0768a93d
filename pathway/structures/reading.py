"""Reading directory files: CSV text in, records or a French list of problems out. Nothing is written here."""

import csv
import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from io import StringIO

from accounts.kernel.actor import Role
from accounts.organisations.records import DirectoryOrganisation, DirectoryProfessional, DirectoryTerritory
from accounts.organisations.states import OrganisationKind, TerritoryKind
from pathway.structures.communes import communes
from pathway.structures.records import (
    Criteria,
    ImportStaff,
    ImportStructures,
    ImportTerritories,
    LineProblem,
    OfferRow,
    StructureRow,
    WorkRow,
)
from pathway.structures.rules import LEVELS, OLDEST, StructureFileRefused, is_finess, is_phone
from pathway.structures.states import Exclusion, OfferKind

COLUMNS = (
    "finess", "structure", "type", "commune", "telephone", "territoire", "equipe", "code_offre", "offre", "nom_offre",
    "zones", "niveaux", "age_min", "age_max", "places", "exclusions", "criteres", "horaires", "telephone_offre",
    "telephone_nuit", "referent_medical", "referent_soignant",
)  # fmt: skip
MOST_PLACES = 9999
MOST_ROWS = 20_000


def read_structures(text: str) -> ImportStructures:
    """Return a directory file as the input of its import; raise `StructureFileRefused` with every bad line."""
    problems: list[LineProblem] = []
    rows: list[StructureRow] = []
    seen: set[tuple[str, str]] = set()
    for number, cells in _lines(text, COLUMNS):
        line = _Line(number, cells)
        row = _structure(line)
        key = (line.cell("finess"), line.cell("code_offre"))
        if key in seen:
            line.wrong("cette offre figure déjà plus haut dans le fichier.")
        seen.add(key)
        problems += line.problems
        rows.append(row)
    if not rows and not problems:
        problems.append(LineProblem(1, "le fichier ne contient aucune ligne."))
    if problems:
        raise StructureFileRefused(problems)
    return ImportStructures(rows=tuple(rows), digest=digest(text))


def read_territories(text: str) -> ImportTerritories:
    """Return a file of territories (code;type;nom;parties) as the input of its import."""
    rows = _lines(text, ("code", "type", "nom", "parties"))
    return ImportTerritories(
        territories=tuple(
            DirectoryTerritory(
                code=row["code"],
                kind=TerritoryKind(row["type"]),
                name=row["nom"],
                parts=frozenset(row["parties"].split()),
            )
            for _, row in rows
        ),
        digest=digest(text),
    )


def read_staff(text: str) -> ImportStaff:
    """Return a file of professionals and their functions as the input of its import."""
    columns = ("rpps", "titre", "nom", "prenom", "profession", "telephone", "role", "finess", "equipe")
    return ImportStaff(
        rows=tuple(
            WorkRow(
                professional=DirectoryProfessional(
                    rpps=row["rpps"],
                    title=row["titre"],
                    family=row["nom"],
                    given=row["prenom"],
                    profession=row["profession"],
                    phone=row["telephone"],
                ),
                role=Role(row["role"]),
                finess=row["finess"],
                unit=row["equipe"],
            )
            for _, row in _lines(text, columns)
        ),
        digest=digest(text),
    )


def read_usernames(text: str) -> Mapping[str, str]:
    """Return which demo account belongs to which RPPS number, from the file of professionals."""
    rows = _lines(text, ("identifiant", "rpps"))
    return {row["identifiant"]: row["rpps"] for _, row in rows if row["identifiant"]}


def digest(text: str) -> str:
    """Return the fingerprint by which the same file is known again."""
    return hashlib.sha256(text.encode()).hexdigest()


def _lines(text: str, columns: Collection[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line number, cells by column); raise when the heading lacks a column or the file cannot be read."""
    reader = csv.DictReader(StringIO(text.removeprefix("\ufeff")), delimiter=";", strict=True)
    try:
        _check_heading(reader.fieldnames or (), columns)
        for count, row in enumerate(reader, start=1):
            if count > MOST_ROWS:
                raise StructureFileRefused([LineProblem(reader.line_num, f"plus de {MOST_ROWS} lignes.")])
            yield reader.line_num, {column: (row[column] or "").strip() for column in columns}
    except csv.Error as error:
        raise StructureFileRefused([LineProblem(max(1, reader.line_num), "cette ligne n’est pas lisible.")]) from error


def _check_heading(found: Collection[str], wanted: Collection[str]) -> None:
    missing = [column for column in wanted if column not in found]
    if missing:
        named = ", ".join(missing)
        raise StructureFileRefused([LineProblem(1, f"colonnes absentes : {named}. Séparez les colonnes par « ; ».")])


class _Line:
    """One line under reading, and what is wrong with it."""

    def __init__(self, number: int, cells: dict[str, str]) -> None:
        self.number = number
        self.cells = cells
        self.problems: list[LineProblem] = []

    def cell(self, column: str) -> str:
        return self.cells[column]

    def wrong(self, text: str) -> None:
        self.problems.append(LineProblem(self.number, text))

    def number_in(self, column: str, most: int) -> int | None:
        text = self.cell(column)
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and int(text[:9]) <= most and len(text) < 9):  # noqa: PLR2004 (no long number)
            self.wrong(f"« {column} » doit être un nombre entre 0 et {most}.")
            return None
        return int(text)

    def phone(self, column: str) -> str:
        text = self.cell(column)
        if text and not is_phone(text):
            self.wrong(f"« {column} » n’est pas un numéro de téléphone français.")
        return text

    def words(self, column: str, known: Callable[[str], object], label: str) -> list[str]:
        found = self.cell(column).split()
        for word in found:
            try:
                known(word)
            except ValueError:
                self.wrong(f"{label} « {word} » inconnu dans « {column} ».")
        return found


def _structure(line: _Line) -> StructureRow:
    finess = line.cell("finess")
    if not is_finess(finess):
        line.wrong("le numéro FINESS doit avoir neuf caractères et une clé juste.")
    organisation = _organisation(line) if line.cell("structure") else None
    offer = _offer(line) if line.cell("offre") else None
    if organisation is None and offer is None:
        line.wrong("indiquez une structure, une offre, ou les deux.")
    return StructureRow(
        line=line.number, finess=finess, organisation=organisation, unit=line.cell("equipe")[:200], offer=offer
    )


def _organisation(line: _Line) -> DirectoryOrganisation | None:
    kind = line.cell("type")
    if kind not in set(OrganisationKind):
        line.wrong(f"type de structure « {kind} » inconnu. Types possibles : {', '.join(OrganisationKind)}.")
        return None
    commune = communes().get(line.cell("commune"))
    if line.cell("commune") and commune is None:
        line.wrong(f"commune « {line.cell('commune')} » inconnue : indiquez son code INSEE.")
    return DirectoryOrganisation(
        finess=line.cell("finess"),
        name=line.cell("structure")[:200],
        kind=OrganisationKind(kind),
        commune=commune.code if commune else "",
        city=commune.name if commune else "",
        departement=commune.departement if commune else "",
        territory=line.cell("territoire"),
        phone=line.phone("telephone"),
    )


def _offer(line: _Line) -> OfferRow | None:
    kind = line.cell("offre")
    if kind not in set(OfferKind):
        line.wrong(f"type d’offre « {kind} » inconnu. Types possibles : {', '.join(OfferKind)}.")
        return None
    for column in ("code_offre", "nom_offre"):
        if not line.cell(column):
            line.wrong(f"« {column} » est vide.")
    return OfferRow(
        code=line.cell("code_offre")[:40],
        kind=OfferKind(kind),
        name=line.cell("nom_offre")[:200],
        areas=tuple(dict.fromkeys(line.cell("zones").split())),
        criteria=_criteria(line),
        installed=line.number_in("places", MOST_PLACES) or 0,
        hours=line.cell("horaires")[:200],
        phone=line.phone("telephone_offre"),
        night_phone=line.phone("telephone_nuit"),
        medical_referent=line.cell("referent_medical"),
        nursing_referent=line.cell("referent_soignant"),
    )


def _criteria(line: _Line) -> Criteria:
    levels = line.cell("niveaux")
    if set(levels) - {str(level) for level in LEVELS}:
        line.wrong("« niveaux » s’écrit avec les chiffres 1, 2 et 3, par exemple « 23 ».")
        levels = ""
    least, most = line.number_in("age_min", OLDEST), line.number_in("age_max", OLDEST)
    if least is not None and most is not None and least > most:
        line.wrong("l’âge minimal dépasse l’âge maximal.")
    known = [word for word in line.words("exclusions", Exclusion, "critère") if word in set(Exclusion)]
    return Criteria(
        levels=frozenset(int(level) for level in levels),
        min_age=least,
        max_age=most,
        excludes=frozenset(Exclusion(word) for word in known),
        text=line.cell("criteres"),
    )
