"""What the law wants said to people, where a professional has it before her eyes."""

from uuid import uuid4

import pytest

from ppa.directives.forms import ConfirmForm, RecordDirectiveForm
from ppa.plans.outline import outline
from ppa.trusted_persons.forms import DesignateForm, SignForm


@pytest.mark.parametrize(
    "form",
    [
        RecordDirectiveForm(person_id=uuid4()),
        ConfirmForm(directive_id=uuid4()),
        DesignateForm(person_id=uuid4(), relatives=()),
        SignForm(designation_id=uuid4()),
    ],
    ids=["directives", "confirmed", "designation", "signatures"],
)
def test_who_names_witnesses_is_reminded_to_tell_them(form):
    assert "Dites aux deux témoins que leurs noms sont notés dans ce dossier." in str(form["witness_1_name"].help_text)


def test_who_notes_the_chosen_one_is_reminded_to_tell_her():
    told = DesignateForm(person_id=uuid4(), relatives=())["relative"].help_text
    assert "Dites à la personne choisie que son nom et ses coordonnées sont notés dans ce dossier." in told


def test_the_plan_asks_about_directives_the_trusted_person_the_carers_and_their_rights():
    asked = {one.code: one for one in outline()}
    assert "personne de confiance" in asked["directives"].title
    assert "répit" in asked["carers"].title
    assert "droits ouverts ou à demander" in asked["rights"].prompt
