"""A structure changes its answer while the plan is being written: the plan says the last one."""

from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep

import pytest
from django.db import connection, connections, transaction

from accounts.kernel.actor import system_actor
from ppa.entrusted_actions.commands import answer_entrusted, follow_entrusted
from ppa.entrusted_actions.models import EntrustedAction
from ppa.entrusted_actions.records import AnswerEntrusted, FollowEntrusted
from ppa.entrusted_actions.states import EntrustedMove, EntrustedState
from ppa.plans.models import Plan, PlannedAction
from ppa.plans.states import ActionStatus
from tests.factories import entrusted_actions

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


def somebody_waits():
    until = monotonic() + 10
    while monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return True
        sleep(0.02)
    return False


@pytest.mark.postgresql
@pytest.mark.commits
@pytest.mark.django_db(transaction=True)
def test_what_waited_for_the_plan_writes_the_last_answer():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time: the race is PostgreSQL's")
    given = entrusted_actions.given()
    taken = AnswerEntrusted(entrusted_id=given.entrusted_id, version=1, answer=EntrustedMove.TAKE)
    answer_entrusted(taken, by=given.manager)

    def follow():
        try:
            follow_entrusted(FollowEntrusted(entrusted_id=given.entrusted_id), by=system_actor("entrusted-answers"))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=1) as pool:
        with transaction.atomic():
            Plan.objects.select_for_update().get(pk=given.plan.id)
            late = pool.submit(follow)
            assert somebody_waits()
            EntrustedAction.objects.filter(pk=given.entrusted_id).update(state=EntrustedState.DECLINED)
        late.result(timeout=10)
    action = PlannedAction.objects.get(pk=given.action_id)
    assert (action.status, action.outcome) == (ActionStatus.PLANNED, f"{given.structure.name} : pas possible")
