"""The pages of the life cycles say what the tables say."""

import pytest
from django.core.management import CommandError, call_command

from pathway.management.commands.document_states import lifecycles, page_of
from pathway.referrals.states import LINE


def test_every_page_is_as_its_table_says() -> None:
    call_command("document_states", check=True)


def test_a_page_that_differs_is_told(settings, tmp_path) -> None:
    settings.BASE_DIR = tmp_path
    with pytest.raises(CommandError, match=r"referral_line\.md"):
        call_command("document_states", check=True)
    call_command("document_states")
    call_command("document_states", check=True)


def test_the_page_of_the_lines_holds_their_fhir_status() -> None:
    assert "| `declined` | Pas possible | recipient | rejected | reason |" in page_of(LINE)
    assert len({cycle.name for cycle in lifecycles()}) == len(lifecycles())
