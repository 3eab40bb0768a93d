"""Numbers as people read them."""

import pytest

from accounts.people.phones import phone


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("+33639981234", "06 39 98 12 34"),
        ("06.39.98.12.34", "06 39 98 12 34"),
        ("+41223456789", "+41 22 345 67 89"),
        ("poste 12", "poste 12"),
        ("15", "15"),
        ("", ""),
    ],
)
def test_a_number_is_shown_as_it_is_dialled(given, shown):
    assert phone(given) == shown
