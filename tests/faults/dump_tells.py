"""What a stolen dump still tells to somebody without the keys, measured: plain columns, uniqueness, frequencies, sizes, counts.

People are seeded with their history (`seed_volume`), and as many again whose family names follow a public law (the r-th
name is 1/r as frequent as the first), which the attacker knows exactly. Nothing here opens a value but to count how often
the attacker was right. The figures are those of `docs/security.md`; two must hold: no plain column of a person holds a name,
and ranks of tokens name hardly more people than calling everybody by the commonest name.
"""

import argparse
import json
import math
import os
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.chdir(ROOT)

from tests.support.installation import installation  # noqa: E402 (the tree is found just above)
from tests.support.pace import IN_CI  # noqa: E402 (as above)

PERSONS = 20 if IN_CI else 80
NAMES = 200
MOST_NAMED = 0.2
"""How much larger the share of people named by ranks may be than that of the commonest name: among few people it varies."""
WHOLE = 6
"""A guess of so many letters of a family name is taken for the name."""
SEED = 7


def known_names() -> list[str]:
    """Return the family names of the public law, the most frequent one first."""
    from pathway.management.invented import dice_of, family_name

    found = (family_name(dice_of(number, seed=SEED, use="law")) for number in range(100 * NAMES))
    return list(islice(dict.fromkeys(found), NAMES))


def register(persons: int) -> dict[Any, str]:
    """Register people whose family names follow the law; return the true name of each."""
    from accounts.people.commands import register_person
    from accounts.people.records import Traits
    from pathway.management.invented import given_name
    from tests.factories import people

    dice, weights = random.Random(SEED), [1 / rank for rank in range(1, NAMES + 1)]
    nurse, true = people.actor(people.Role.NURSE), {}
    for name in dice.choices(known_names(), weights, k=persons):
        traits = Traits(
            birth_name=name,
            birth_given_names=(given_name(dice, people.Sex.FEMALE),),
            birth_date=date(dice.randint(1930, 1990), 1 + dice.randrange(12), 9),
            sex=people.Sex.FEMALE,
            birthplace="21231",
        )
        true[register_person(people.registration(traits=traits), by=nurse).id] = name
    return true


def share_alone(groups: Iterable[Hashable]) -> float:
    """Return the share of members that are alone in their group."""
    counts = Counter(groups)
    return sum(size == 1 for size in counts.values()) / max(sum(counts.values()), 1)


def columns(true: Iterable[str]) -> dict[str, Any]:
    """Return how many plain columns of text there are, those of a person's rows that hold the most values, or a true name."""
    from django.apps import apps

    from accounts.kernel.wall import NoWall
    from tests.house.test_plain_columns import plain_columns

    told, wanted, naming = {}, {name.casefold() for name in true}, []
    for name in sorted(plain_columns()):
        label, _, column = name.rpartition(".")
        model = apps.get_model(label)
        wall = getattr(model, "WALL", None)
        if wall is None or isinstance(wall, NoWall) or label == "accounts.AuditRow":
            continue
        values = {str(value).casefold() for value in model._default_manager.values_list(column, flat=True)}
        told[name] = len(values)
        naming += [name] * any(one in value for value in values for one in wanted)
    return {
        "all": len(plain_columns()),
        "of persons": len(told),
        "with a name": len(naming),
        "values": dict(Counter(told).most_common(8)),
    }


def uniqueness() -> dict[str, float]:
    """Return the share of people who are alone with their plain traits, and as it would be if the sex were plain too."""
    from accounts.people.models import Person

    rows = list(Person.objects.order_by("pk"))
    return {
        "year, commune": share_alone((row.birth_year, row.commune) for row in rows),
        "year, département": share_alone((row.birth_year, row.departement) for row in rows),
        "year, commune and sex, were it plain": share_alone((row.birth_year, row.commune, row.sex) for row in rows),
    }


def names(true: dict[Any, str]) -> dict[str, float]:
    """Return how often the ranks of tokens, put beside the ranks of a law that is known exactly, tell the truth.

    The attacker sees who has which token, counts, and takes the n-th token for the n-th beginning of the law.
    """
    from accounts.people.models import Person, PersonToken
    from accounts.people.rules import prefixes

    law: Counter[str] = Counter()
    for rank, name in enumerate(known_names(), 1):
        law.update(dict.fromkeys(prefixes(name), 1 / rank))
    everybodys = max(law.values())
    begins = {
        person.pk: set(prefixes(person.birth_name))
        | {one for given in person.birth_given_names for one in prefixes(given)}
        for person in Person.objects.filter(pk__in=true)
    }
    holders = defaultdict(set)
    for person, token in PersonToken.objects.filter(kind="name", person_id__in=true).values_list("person_id", "token"):
        holders[bytes(token)].add(person)
    tokens = sorted((one for one in holders if len(holders[one]) < len(true)), key=lambda one: -len(holders[one]))
    guesses = [prefix for prefix, weight in law.most_common() if weight < everybodys]
    told = [(person, guess) for token, guess in zip(tokens, guesses, strict=False) for person in holders[token]]
    longest: dict[Any, str] = {}
    for person, guess in told:
        longest[person] = max(longest.get(person, ""), guess, key=len)
    named = [
        person for person, guess in longest.items() if len(guess) >= WHOLE and guess in set(prefixes(true[person]))
    ]
    commonest = Counter(true.values()).most_common(1)[0][1]
    return {
        "beginnings guessed right": sum(guess in begins[person] for person, guess in told) / max(len(told), 1),
        "people named": len(named) / len(true),
        "people named by taking everybody for the commonest name": commonest / len(true),
    }


def diagnoses() -> dict[str, float]:
    """Return what tokens of diagnoses tell: how many there are, and the share whose count is like no other's."""
    from ppa.announcements.models import Announcement

    counts = Counter(Announcement.objects.exclude(diagnosis_token=None).values_list("diagnosis_token", flat=True))
    alone = Counter(counts.values())
    told = sum(count for count in counts.values() if alone[count] == 1)
    return {"tokens": len(counts), "told to who knows the exact mix": told / max(sum(counts.values()), 1)}


def sizes() -> dict[str, Any]:
    """Return how many sizes the sealed values of each column have, and what a size tells of it, in bits."""
    from django.apps import apps

    from accounts.kernel.crypto import Purpose
    from accounts.kernel.fields import SealedColumn
    from accounts.safekeeping.tables import SealedTable

    told: dict[str, tuple[int, int, float]] = {}
    for model in apps.get_models():
        for column in model._meta.local_concrete_fields:
            if isinstance(column, SealedColumn) and column.purpose == Purpose.FIELDS:
                table = SealedTable(model, [column])
                found = Counter(
                    len(sealed)
                    for _, values in table._values(model._default_manager.all(), chunk=1000)
                    for _, sealed, _ in values
                )
                if found:
                    told[str(column)] = (found.total(), len(found), entropy(found.values()))
    one = [name for name, (_, number, _) in told.items() if number == 1]
    most = sorted(told.items(), key=lambda item: -item[1][2])[:6]
    return {
        "columns": len(told),
        "with one size only": len(one),
        "most": {name: f"{number} sizes, {bits:.1f} bits" for name, (_, number, bits) in most},
    }


def entropy(counts: Iterable[int]) -> float:
    """Return how many bits one value of a distribution tells."""
    numbers = list(counts)
    total = sum(numbers)
    return -sum(count / total * math.log2(count / total) for count in numbers)


def counts() -> dict[str, Any]:
    """Return the share of people whose numbers of rows, by table, are nobody else's."""
    from django.apps import apps

    profiles: dict[Any, list[tuple[str, int]]] = defaultdict(list)
    for model in apps.get_models():
        if model._meta.label != "accounts.AuditRow" and any(
            field.attname == "person_id" for field in model._meta.concrete_fields
        ):
            rows = model._default_manager.exclude(person_id=None).order_by().values_list("person_id", flat=True)
            for person, number in Counter(rows).items():
                profiles[person].append((model._meta.label, number))
    known = [tuple(sorted(one)) for one in profiles.values()]
    return {"people": len(known), "alone with their numbers of rows": share_alone(known)}


def main() -> int:
    """Measure, print a table, keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL of our own")
    parser.add_argument("--persons", type=int, default=PERSONS)
    chosen = parser.parse_args()
    with installation(on_postgresql=chosen.postgres) as site:
        site.manage("seed_volume", "--patients", str(chosen.persons), "--seed", str(SEED))
        figures: dict[str, dict[str, Any]] = {"rows per person": counts(), "diagnoses": diagnoses()}
        figures["alone with their plain traits"] = uniqueness()
        true = register(chosen.persons)
        figures |= {"names": names(true), "plain columns": columns(true.values()), "sizes of sealed values": sizes()}
    report = ROOT / "var" / "faults" / "dump_tells.json"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n")
    table = Table("what", "figure", "value", title=f"What a dump of {chosen.persons} people tells without the keys")
    for what, told in figures.items():
        for name, value in told.items():
            for line, shown in value.items() if isinstance(value, dict) else [(name, value)]:
                table.add_row(what, line, f"{shown:.0%}" if isinstance(shown, float) else str(shown))
    Console(width=110).print(table)
    wrong = failures(figures)
    print(*wrong, sep="\n")
    return 1 if wrong else 0


def failures(figures: dict[str, dict[str, Any]]) -> list[str]:
    """Return what does not hold."""
    named = figures["names"]
    by_chance = named["people named by taking everybody for the commonest name"]
    return ["a plain column holds a name"] * bool(figures["plain columns"]["with a name"]) + [
        "ranks of tokens name people"
    ] * (named["people named"] > by_chance + MOST_NAMED)


if __name__ == "__main__":
    sys.exit(main())
