"""What may be noted of the time after a death, and when relatives are called back."""

from datetime import date
from uuid import uuid4

import pytest

from accounts.kernel.errors import DomainError
from ppa.after_death.records import NoteContact, StateTellingWish
from ppa.after_death.rules import check_due, check_noting, check_wish
from ppa.after_death.states import CONTACT, OPEN, ContactState, Outcome
from ppa.after_death.timing import NEWS, contact_rules, foreseen_after, step_label

TODAY, DEATH, BORN = date(2026, 11, 22), date(2026, 11, 10), date(1955, 3, 12)


def wish(**fields):
    given = {"person_id": uuid4(), "by_whom": "Sa fille", "words": "Doucement", "stated_on": TODAY, **fields}
    return StateTellingWish(**given)


def noting(**fields):
    given = {
        "contact_id": uuid4(), "version": 1, "outcome": Outcome.DONE, "happened_on": TODAY, "by_whom": "Essai", **fields
    }  # fmt: skip
    return NoteContact(**given)


def test_each_step_has_its_day_and_says_that_the_delay_is_ours():
    foreseen = foreseen_after(DEATH)
    assert [(one.step, (one.due_on - DEATH).days) for one in foreseen] == [
        ("news", 0), ("two_weeks", 14), ("three_months", 91), ("one_year", 365),
    ]  # fmt: skip
    assert {rule.wording for rule in contact_rules()} == {"assumed"}
    assert all("hypothèse du projet" in rule.source for rule in contact_rules())
    assert step_label("by_hand") == "Appel convenu avec ce proche"


def test_a_contact_that_may_still_take_place_is_one_that_is_planned_or_was_missed():
    assert {state for state in ContactState if not CONTACT.is_terminal(state)} == OPEN


@pytest.mark.parametrize(
    ("fields", "died_on", "sentence"),
    [
        ({}, DEATH, "ses souhaits restent tels qu’elle les a dits"),
        ({"by_whom": " ", "words": ""}, None, "qui prévient les proches, ou avec quels mots"),
        ({"stated_on": date(2026, 11, 23)}, None, "Cette date est dans le futur"),
        ({"stated_on": date(1926, 11, 22)}, None, "précède la naissance"),
    ],
)
def test_a_wish_is_the_person_s_own_and_says_something(fields, died_on, sentence):
    with pytest.raises(DomainError) as refused:
        check_wish(wish(**fields), born_on=BORN, died_on=died_on, today=TODAY)
    assert sentence in refused.value.message
    check_wish(wish(words=""), born_on=BORN, died_on=None, today=TODAY)


@pytest.mark.parametrize(
    ("fields", "step", "is_told", "died_on", "sentence"),
    [
        ({}, NEWS, False, None, "Aucun décès n’est enregistré"),
        ({"happened_on": date(2026, 11, 9)}, NEWS, False, DEATH, "entre le décès et aujourd’hui"),
        ({"happened_on": date(2026, 11, 23)}, NEWS, False, DEATH, "entre le décès et aujourd’hui"),
        ({"by_whom": " "}, NEWS, False, DEATH, "Indiquez qui lui a parlé"),
        ({}, "two_weeks", False, DEATH, "Notez d’abord que ce proche a été prévenu"),
    ],
)
def test_what_cannot_be_noted_is_refused_with_a_sentence(fields, step, is_told, died_on, sentence):
    with pytest.raises(DomainError) as refused:
        check_noting(noting(**fields), step=step, is_told=is_told, died_on=died_on, today=TODAY)
    assert sentence in refused.value.message


@pytest.mark.parametrize("outcome", [Outcome.UNREACHABLE, Outcome.NOT_WISHED])
def test_not_answering_and_not_wishing_need_nobody_who_spoke(outcome):
    check_noting(noting(outcome=outcome, by_whom=""), step="two_weeks", is_told=False, died_on=DEATH, today=TODAY)


@pytest.mark.parametrize("due_on", [date(2026, 11, 21), date(2029, 11, 10)])
def test_a_contact_is_planned_from_today_within_three_years(due_on):
    with pytest.raises(DomainError, match="bereavement-due-wrong"):
        check_due(due_on, died_on=DEATH, today=TODAY)
    check_due(TODAY, died_on=DEATH, today=TODAY)
    with pytest.raises(DomainError, match="bereavement-before-death"):
        check_due(TODAY, died_on=None, today=TODAY)
