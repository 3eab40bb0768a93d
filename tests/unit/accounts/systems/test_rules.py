"""Scopes and lifetimes of tokens, without a database."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.access.rules import scope_grants
from accounts.systems.rules import LifetimeRefused, ScopeRefused, check_lifetime, narrowed, parse_scope

scopes = st.builds(
    lambda name, letters: f"system/{name}." + "".join(x for x in "cruds" if x in letters),
    st.sampled_from(["Patient", "Task", "CarePlan", "*"]),
    st.sets(st.sampled_from("cruds"), min_size=1),
)


@pytest.mark.parametrize("scope", ["system/Patient.sr", "system/Patient.", "patient/Patient.r", "system/*.rs?a=b", ""])
def test_a_scope_that_cannot_be_read(scope):
    with pytest.raises(ScopeRefused):
        parse_scope(scope)


def test_nothing_asked_is_nothing_given():
    with pytest.raises(ScopeRefused):
        narrowed([], ["system/*.cruds"])


@given(asked=st.lists(scopes, min_size=1), allowed=st.lists(scopes))
def test_scopes_never_widen(asked, allowed):
    try:
        granted = narrowed(asked, allowed)
    except ScopeRefused:
        return
    for name in ("Patient", "Task", "CarePlan", "Bundle"):
        for letter in "cruds":
            if scope_grants(frozenset(granted), f"{name}.{letter}"):
                assert scope_grants(frozenset(allowed), f"{name}.{letter}")
                assert scope_grants(frozenset(asked), f"{name}.{letter}")


@pytest.mark.parametrize(("seconds", "from_console"), [(0, False), (301, False), (-1, True), (24 * 3600 + 1, True)])
def test_a_token_is_never_long(seconds, from_console):
    with pytest.raises(LifetimeRefused):
        check_lifetime(timedelta(seconds=seconds), from_console=from_console)
