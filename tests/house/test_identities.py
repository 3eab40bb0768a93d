"""A new table that names a person is thought of where two records of hers are merged (`accounts.vigilance`)."""

from django.apps import apps

from accounts.kernel.models import AppendOnly
from accounts.vigilance import belongings
from accounts.vigilance.belongings import STAYS, TWINS_END, TWINS_STAY, person_columns, singles


def test_what_there_is_one_of_is_settled_by_a_person_or_stays_or_ends() -> None:
    """A new unique constraint with the person in it: say in French what to settle first (`held`), or what becomes of the second."""
    known = {*belongings._names.single, *TWINS_STAY, *TWINS_END}
    assert {one.name for one in singles()} == known


def test_a_history_may_be_filed_anew_exactly_where_it_moves() -> None:
    moving = {model for model, _ in person_columns() if issubclass(model, AppendOnly)}
    assert {model._meta.label for model in AppendOnly.__subclasses__() + _deeper() if model.FILED_UNDER} == {
        model._meta.label for model in moving
    }


def test_what_stays_is_named_once_and_exists() -> None:
    assert {apps.get_model(label)._meta.label for label in STAYS} == set(STAYS)
    assert {model._meta.label for model, _ in person_columns()} & set(STAYS) == set()


def _deeper() -> list[type[AppendOnly]]:
    return [two for one in AppendOnly.__subclasses__() for two in one.__subclasses__()]
