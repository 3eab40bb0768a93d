"""A request from its draft to its end, each step through its command."""

from datetime import timedelta

import pytest

from accounts.access.models import CircleMembership
from accounts.access.states import ConsentMeans
from accounts.kernel.actor import Role, system_actor
from accounts.kernel.clock import now, today
from accounts.kernel.errors import NotAllowed, NotFound, StaleVersion, TransitionRefused
from accounts.kernel.models import Transition
from accounts.people.queries import find_people
from pathway.capacity.models import Places
from pathway.referrals.commands import (
    acknowledge_line,
    agree_in_principle,
    choose_recipients,
    close_request,
    create_draft,
    decline_line,
    expire_line,
    remind_line,
    request_info,
    review_line,
    revoke_request,
    send_request,
    send_to_more_with_consent,
    send_with_consent,
    supply_info,
    update_draft,
    waitlist_line,
    withdraw_line,
)
from pathway.referrals.models import LineMessage, Request, RequestLine
from pathway.referrals.queries import lines_to_expire
from pathway.referrals.records import (
    ChooseRecipients,
    CloseRequest,
    DeclineLine,
    LineStep,
    RevokeRequest,
    SendRequest,
    SendToMoreWithConsent,
    UpdateDraft,
    WaitlistLine,
    WithdrawLine,
    WriteOnLine,
)
from pathway.referrals.rules import (
    AdmittedElsewhere,
    AlreadyAsked,
    AlreadyReminded,
    AnswerDatePast,
    KindTakesNoRequest,
    NoRecipient,
    OfferTakesNoRequest,
    PersonHasDied,
    RankWrong,
    RequestNotActive,
    SectionMissing,
    TextMissing,
)
from pathway.referrals.states import ClosingReason, DeclineReason, LineState, RequestState, Urgency, WithdrawReason
from pathway.referrals.tasks import expire_silent_lines, settle_in_admitted_lines
from pathway.stays.commands import admit_person, record_death
from pathway.stays.records import AdmitPerson, RecordDeath
from pathway.structures.states import OfferKind
from tests.factories import people, referrals

pytestmark = pytest.mark.django_db


def states(asked):
    return [asked.line(index).state for index in range(len(asked.structures))]


def test_a_request_goes_to_several_structures_and_each_sees_its_own_line():
    asked = referrals.sent(referrals.structure(), referrals.structure(OfferKind.LISP))
    assert asked.request.state == RequestState.ACTIVE
    assert states(asked) == [LineState.SENT, LineState.SENT]
    opened = CircleMembership.objects.filter(basis="addressed_referral", ends_at=None)
    assert set(opened.values_list("source_id", flat=True)) == {asked.line(0).id, asked.line(1).id}


def test_sending_without_the_persons_agreement_is_refused():
    asked = referrals.draft()
    with pytest.raises(NotAllowed):
        send_request(SendRequest(request_id=asked.request_id, version=asked.request.version), by=asked.sender)
    assert states(asked) == [LineState.DRAFT]


def test_a_stranger_can_neither_ask_for_the_person_nor_send_the_draft():
    asked = referrals.draft()
    stranger = people.actor(Role.PHYSICIAN)
    with pytest.raises(NotFound):
        create_draft(referrals.draft_record(asked.person_id), by=stranger)
    with pytest.raises(NotFound):
        send_with_consent(referrals.send_record(asked), by=stranger)


def test_a_draft_that_lacks_its_diagnosis_is_not_sent():
    asked = referrals.draft(dossier=referrals.dossier(diagnosis=" "))
    with pytest.raises(SectionMissing) as refusal:
        send_with_consent(referrals.send_record(asked), by=asked.sender)
    assert refusal.value.field == "diagnosis"
    assert "« Maladie et évolution »" in refusal.value.message
    assert Request.objects.get().state == RequestState.DRAFT


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"kind": OfferKind.EMERGENCY}, KindTakesNoRequest),
        ({"answer_wanted_by": now() - timedelta(hours=1)}, AnswerDatePast),
    ],
)
def test_a_draft_that_cannot_be_is_refused(fields, refusal):
    by = people.actor(Role.PHYSICIAN)
    with pytest.raises(refusal):
        create_draft(referrals.draft_record(people.person(by), **fields), by=by)


def test_a_draft_is_rewritten_on_the_version_that_was_read():
    asked = referrals.draft()
    record = UpdateDraft(
        request_id=asked.request_id, version=1, kind=OfferKind.LISP, urgency=Urgency.STAT, level=2,
        dossier=referrals.dossier(),
    )  # fmt: skip
    with pytest.raises(StaleVersion):
        update_draft(record, by=asked.sender)


def test_choosing_again_adds_and_removes_structures():
    asked = referrals.draft(referrals.structure())
    other = referrals.structure()
    record = ChooseRecipients(
        request_id=asked.request_id, version=asked.request.version, offer_ids=frozenset({other.offer.id})
    )
    choose_recipients(record, by=asked.sender)
    live = RequestLine.objects.filter(request=asked.request_id, state=LineState.DRAFT)
    assert [line.offer_id for line in live] == [other.offer.id]


@pytest.mark.parametrize(("kind", "refusal"), [(None, NoRecipient), (OfferKind.EMERGENCY, OfferTakesNoRequest)])
def test_a_choice_without_a_structure_that_receives_requests_is_refused(kind, refusal):
    asked = referrals.draft()
    offers = frozenset() if kind is None else frozenset({referrals.structure(kind, places=None).offer.id})
    record = ChooseRecipients(request_id=asked.request_id, version=asked.request.version, offer_ids=offers)
    with pytest.raises(refusal):
        choose_recipients(record, by=asked.sender)


def test_a_question_and_its_answer_lead_back_to_the_study():
    asked = referrals.sent()
    structure = asked.structures[0]
    referrals.studied(asked)
    line = asked.line()
    request_info(WriteOnLine(line_id=line.id, version=line.version, text="Quel est le poids ?"), by=structure.physician)
    line = asked.line()
    assert line.state == LineState.INFO_REQUESTED
    with pytest.raises(TextMissing):
        supply_info(WriteOnLine(line_id=line.id, version=line.version, text="  "), by=asked.sender)
    supply_info(WriteOnLine(line_id=line.id, version=line.version, text="52 kg"), by=asked.sender)
    review_line(referrals.step(asked), by=structure.manager)
    assert asked.line().state == LineState.UNDER_REVIEW
    assert [message.text for message in LineMessage.objects.order_by("created_at")] == ["Quel est le poids ?", "52 kg"]


def test_only_the_structure_asked_answers_and_only_the_sender_withdraws():
    asked = referrals.sent(referrals.structure(), referrals.structure())
    line = asked.line()
    other = asked.structures[1].manager
    with pytest.raises(NotAllowed):
        acknowledge_line(LineStep(line_id=line.id, version=line.version), by=other)
    with pytest.raises(NotAllowed):
        withdraw_line(
            WithdrawLine(line_id=line.id, version=line.version, reason=WithdrawReason.OTHER),
            by=people.actor(Role.PHYSICIAN, asked.structures[0].organisation),
        )
    with pytest.raises(NotFound):
        acknowledge_line(LineStep(line_id=line.id, version=line.version), by=people.actor(Role.BED_MANAGER))


def test_an_agreement_closes_no_other_line_and_opens_the_dossier():
    asked = referrals.sent(referrals.structure(), referrals.structure())
    referrals.agreed(asked)
    assert states(asked) == [LineState.AGREED_IN_PRINCIPLE, LineState.SENT]
    assert CircleMembership.objects.filter(basis="accepted_referral", source_id=asked.line().id, ends_at=None).exists()


def test_an_agreement_before_any_study_is_refused_by_the_table():
    asked = referrals.sent()
    with pytest.raises(TransitionRefused):
        agree_in_principle(referrals.step(asked), by=asked.structures[0].manager)


def test_a_waiting_list_begins_at_one():
    asked = referrals.sent()
    referrals.studied(asked)
    line = asked.line()
    for rank in (0, -1, 1000, 10**6):
        with pytest.raises(RankWrong):
            waitlist_line(
                WaitlistLine(line_id=line.id, version=line.version, rank=rank), by=asked.structures[0].manager
            )
    waitlist_line(WaitlistLine(line_id=line.id, version=line.version, rank=2), by=asked.structures[0].manager)
    assert asked.line().rank == 2


def declined(asked, index=0):
    referrals.studied(asked, index)
    line = asked.line(index)
    record = DeclineLine(
        line_id=line.id, version=line.version, reason=DeclineReason.NO_PLACE, note="Essayez l’HAD",
        alternative=OfferKind.HOME_HOSPITAL,
    )  # fmt: skip
    decline_line(record, by=asked.structures[index].manager)


def test_a_structure_that_declines_loses_sight_of_the_person_at_once():
    asked = referrals.sent()
    declined(asked)
    line = asked.line()
    assert (line.state, line.reason, line.note) == (LineState.DECLINED, "no-place", "Essayez l’HAD")
    with pytest.raises(NotFound):
        review_line(LineStep(line_id=line.id, version=line.version), by=asked.structures[0].manager)


def test_when_every_structure_has_declined_the_request_stays_active_and_goes_to_others():
    asked = referrals.sent()
    declined(asked)
    assert asked.request.state == RequestState.ACTIVE
    other = referrals.structure()
    record = SendToMoreWithConsent(
        request_id=asked.request_id,
        version=asked.request.version,
        offer_ids=frozenset({other.offer.id}),
        consent_given_on=today(),
        consent_means=ConsentMeans.SPOKEN,
    )
    send_to_more_with_consent(record, by=asked.sender)
    assert RequestLine.objects.get(offer=other.offer).state == LineState.SENT


def test_a_structure_is_not_asked_twice():
    asked = referrals.sent()
    record = SendToMoreWithConsent(
        request_id=asked.request_id,
        version=asked.request.version,
        offer_ids=frozenset({asked.structures[0].offer.id}),
        consent_given_on=today(),
        consent_means=ConsentMeans.SPOKEN,
    )
    with pytest.raises(AlreadyAsked):
        send_to_more_with_consent(record, by=asked.sender)


def test_a_withdrawn_request_withdraws_every_line_and_ends_every_sight():
    asked = referrals.sent(referrals.structure(), referrals.structure())
    referrals.proposed(asked)
    record = RevokeRequest(
        request_id=asked.request_id, version=asked.request.version, reason=WithdrawReason.PERSON_DISAGREES
    )
    revoke_request(record, by=asked.sender)
    assert asked.request.state == RequestState.REVOKED
    assert states(asked) == [LineState.WITHDRAWN, LineState.WITHDRAWN]
    assert not CircleMembership.objects.filter(ends_at=None, basis__contains="referral").exists()
    assert Places.objects.get(offer=asked.structures[0].offer).held == 0


def test_a_return_home_closes_the_request_and_says_why():
    asked = referrals.sent()
    record = CloseRequest(
        request_id=asked.request_id, version=asked.request.version, reason=ClosingReason.RETURNED_HOME
    )
    close_request(record, by=asked.sender)
    assert (asked.line().state, asked.line().reason) == (LineState.CLOSED_ELSEWHERE, "returned-home")


def test_the_first_admission_wins_and_the_second_is_told_so():
    asked = referrals.sent(referrals.structure(), referrals.structure())
    referrals.proposed(asked, 0)
    referrals.agreed(asked, 1)
    beaten = asked.line(0)
    referrals.admitted(asked, 1)
    assert states(asked) == [LineState.CLOSED_ELSEWHERE, LineState.ADMITTED]
    assert asked.request.admitted_line_id == asked.line(1).id
    assert Places.objects.get(offer=asked.structures[0].offer).held == 0
    with pytest.raises(AdmittedElsewhere) as refusal:
        admit_person(
            AdmitPerson(line_id=beaten.id, version=beaten.version, admitted_at=now()), by=asked.structures[0].manager
        )
    assert refusal.value.status == 409


def test_an_admitted_request_is_neither_withdrawn_nor_sent_further():
    asked = referrals.sent()
    referrals.agreed(asked)
    referrals.admitted(asked)
    record = RevokeRequest(request_id=asked.request_id, version=asked.request.version, reason=WithdrawReason.OTHER)
    with pytest.raises(RequestNotActive):
        revoke_request(record, by=asked.sender)


def test_a_silent_line_is_reminded_once_a_day_and_only_by_its_sender():
    asked = referrals.sent()
    record = WriteOnLine(line_id=asked.line().id, version=asked.line().version, text="Avez-vous pu regarder ?")
    with pytest.raises(NotAllowed):
        remind_line(record, by=asked.structures[0].manager)
    remind_line(record, by=asked.sender)
    with pytest.raises(AlreadyReminded):
        remind_line(WriteOnLine(line_id=asked.line().id, version=asked.line().version, text="Et ?"), by=asked.sender)


def test_silence_ends_a_line_and_leaves_the_request_to_its_sender(clock):
    asked = referrals.sent()
    assert expire_silent_lines() == 0
    clock.forward(days=17)
    assert expire_silent_lines() == 1
    assert asked.line().state == LineState.EXPIRED
    assert asked.request.state == RequestState.ACTIVE
    assert expire_silent_lines() == 0


def test_an_answer_given_while_the_clock_runs_is_never_taken_for_silence(clock):
    asked = referrals.sent()
    clock.forward(days=17)
    ((line_id, version),) = lines_to_expire()
    acknowledge_line(referrals.step(asked), by=asked.structures[0].manager)
    question = WriteOnLine(line_id=line_id, version=asked.line().version, text="Quel est le poids ?")
    request_info(question, by=asked.structures[0].manager)
    with pytest.raises(StaleVersion):
        expire_line(LineStep(line_id=line_id, version=version), by=system_actor("tests"))
    assert asked.line().state == LineState.INFO_REQUESTED
    assert expire_silent_lines() == 0


def test_an_admitted_person_is_said_to_be_in_care_a_day_later(clock):
    asked = referrals.sent()
    referrals.agreed(asked)
    referrals.admitted(asked)
    assert settle_in_admitted_lines() == 0
    clock.forward(hours=25)
    assert settle_in_admitted_lines() == 1
    assert asked.line().in_care


def test_nothing_is_asked_for_somebody_who_died():
    by = people.actor(Role.PHYSICIAN)
    person_id = people.person(by)
    record_death(RecordDeath(person_id=person_id, died_on=today()), by=by)
    with pytest.raises(PersonHasDied):
        create_draft(referrals.draft_record(person_id), by=by)


def test_no_text_of_a_request_lies_in_clear_and_its_reasons_are_codes():
    asked = referrals.sent()
    declined(asked)
    rows = [*Request.objects.values(), *RequestLine.objects.values()]
    raw = b"".join(bytes(v) for row in rows for v in row.values() if isinstance(v, bytes | memoryview))
    assert referrals.SECRET.encode() not in raw
    assert b"Essayez" not in raw
    assert Transition.objects.get(deed="decline").reason == "no-place"


def test_a_manager_of_a_structure_asked_does_not_find_the_person_by_name_before_she_is_accepted():
    asked = referrals.sent()
    from accounts.access.gate import open_trail

    with open_trail():
        assert find_people("philo", actor=asked.structures[0].physician) == []
