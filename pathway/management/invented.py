"""Invented persons for volume: the same number and seed always give the same person, whose name says that she is not real."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from faker import Faker

from accounts.people.records import Contact, Ins, RegisterPerson, Traits
from accounts.people.rules import OID_TEST
from accounts.people.states import IdentityStatus, Sex
from pathway.structures.communes import Commune, communes

MARK = "-Fictif"
IPP_SYSTEM = "urn:oid:1.2.250.1.213.1.4.10.1"
OLDEST, YOUNGEST = 98, 34
PROVISIONAL_SHARE = 0.1
_HEADS = (
    "Alou", "Bel", "Bru", "Cas", "Clair", "Cor", "Dor", "Fau", "Gri", "Haut", "Jon", "Lan", "Mar", "Mir", "Or", "Pas",
    "Ros", "Ser", "Tour", "Val",
)  # fmt: skip
_MIDDLES = ("", "a", "be", "di", "e", "gue", "i", "le", "mo", "ne", "pe", "ri", "se", "ta", "vi")
_TAILS = ("bois", "champ", "font", "lande", "lune", "mont", "neige", "pré", "rive", "roche", "songe", "vaux", "ville")


@dataclass(frozen=True, slots=True, kw_only=True)
class Illness:
    """What was announced."""

    code: str
    label: str


ILLNESSES = (
    Illness(code="C34.1", label="Tumeur maligne du poumon"),
    Illness(code="C25.9", label="Tumeur maligne du pancréas"),
    Illness(code="C50.9", label="Tumeur maligne du sein"),
    Illness(code="C18.7", label="Tumeur maligne du côlon"),
    Illness(code="I50.0", label="Insuffisance cardiaque"),
    Illness(code="J44.9", label="Bronchopneumopathie chronique obstructive"),
    Illness(code="G12.2", label="Sclérose latérale amyotrophique"),
    Illness(code="G20", label="Maladie de Parkinson"),
    Illness(code="F00.1", label="Maladie d’Alzheimer"),
    Illness(code="N18.5", label="Maladie rénale chronique au stade 5"),
)


def dice_of(number: int, *, seed: int, use: str) -> random.Random:
    """Return the dice of one use for one person."""
    return random.Random(f"{seed}|{number}|{use}")  # noqa: S311 (invented people, no secret)


def ipp_of(number: int, *, seed: int) -> str:
    """Return the number by which a person of the volume is found again."""
    return f"VOLUME-{seed}-{number}"


def registration(number: int, *, seed: int, departement: str, today: date) -> RegisterPerson:
    """Return the input that registers one invented adult living in a département."""
    dice = dice_of(number, seed=seed, use="person")
    sex = dice.choice((Sex.FEMALE, Sex.MALE))
    born_on = today - timedelta(days=dice.randint(YOUNGEST * 365, OLDEST * 365))
    birthplace = dice.choice(_communes_of(departement))
    is_qualified = dice.random() >= PROVISIONAL_SHARE
    return RegisterPerson(
        traits=Traits(
            birth_name=family_name(dice),
            birth_given_names=tuple(given_name(dice, sex) for _ in range(2)),
            birth_date=born_on,
            sex=sex,
            birthplace=birthplace.code,
        ),
        status=IdentityStatus.QUALIFIED if is_qualified else IdentityStatus.PROVISIONAL,
        ins=_ins(sex, born_on, birthplace.code, order=1 + number % 999) if is_qualified else None,
        contact=contact(dice, departement),
        ipp=ipp_of(number, seed=seed),
        ipp_system=IPP_SYSTEM,
    )


def family_name(dice: random.Random) -> str:
    """Return a family name that exists nowhere, and says so."""
    return f"{dice.choice(_HEADS)}{dice.choice(_MIDDLES)}{dice.choice(_TAILS)}{MARK}"


def given_name(dice: random.Random, sex: Sex) -> str:
    """Return a French given name."""
    women, men = _given_names()
    return dice.choice(women if sex == Sex.FEMALE else men)


def contact(dice: random.Random, departement: str) -> Contact:
    """Return where somebody of a département lives; phones are of the ranges kept for fiction."""
    home = dice.choice(_communes_of(departement))
    return Contact(
        phones=(f"06 39 98 {dice.randint(0, 99):02d} {dice.randint(0, 99):02d}",),
        street=f"{dice.randint(1, 120)} {dice.choice(_streets())}",
        postal_code=home.postal_code,
        city=home.name,
        commune=home.code,
    )


def _ins(sex: Sex, born_on: date, commune: str, *, order: int) -> Ins:
    body = f"{1 if sex == Sex.MALE else 2}{born_on:%y%m}{commune}{order:03d}"
    return Ins(value=f"{body}{97 - int(body) % 97:02d}", oid=OID_TEST)


@cache
def _communes_of(departement: str) -> tuple[Commune, ...]:
    return tuple(one for one in communes().values() if one.departement == departement and one.postal_code)


@cache
def _faker() -> Any:
    made = Faker("fr_FR")
    made.seed_instance(1)
    return made


@cache
def _given_names() -> tuple[tuple[str, ...], tuple[str, ...]]:
    fake = _faker()
    women = tuple(sorted({fake.first_name_female() for _ in range(400)}))
    return women, tuple(sorted({fake.first_name_male() for _ in range(400)}))


@cache
def _streets() -> tuple[str, ...]:
    fake = _faker()
    return tuple(sorted({f"{fake.street_prefix()} {fake.last_name()}" for _ in range(300)}))
