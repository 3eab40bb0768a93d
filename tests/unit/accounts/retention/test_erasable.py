"""The history of a person goes with her: a new append-only table that would stay behind is seen at once."""

from accounts.audit.models import AuditRow
from accounts.kernel.models import ERASED_BY_TWO, AppendOnly
from accounts.kernel.wall import NoWall, Wall
from accounts.retention.erasure import tables


def test_every_append_only_table_of_a_person_lets_its_rows_go_on_an_order_of_two() -> None:
    histories = [
        model
        for model in tables()
        if issubclass(model, AppendOnly) and isinstance(getattr(model, "WALL", None), Wall | NoWall)
    ]
    assert len(histories) >= 12
    assert AuditRow not in histories
    assert [model.__name__ for model in histories if model.ERASABLE_WHEN != ERASED_BY_TWO] == []
