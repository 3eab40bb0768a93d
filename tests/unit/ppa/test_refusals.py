"""Each refusal about directives, the trusted person, what is decided together and an agreement that is taken back, with the French sentence that is shown.

The table is whole: a refusal that is not in it fails the last test. Source: domain.md §2.6, §3, §6.4; issue 4, bad input.
"""

import ast
import inspect
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from types import ModuleType
from uuid import uuid4

import pytest

from accounts.kernel.errors import DomainError
from ppa.acceptances import rules as acceptances
from ppa.acceptances.records import AnswerAcceptance, NoteReceipt
from ppa.acceptances.states import StepKind
from ppa.collegial_decisions import rules as decisions
from ppa.collegial_decisions.states import AskedBy, Ground, Kind
from ppa.contradictions import rules as contradictions
from ppa.contradictions.records import SettleContradiction
from ppa.contradictions.states import Kind as Between
from ppa.contradictions.states import Outcome, SettledWith
from ppa.directives import rules as directives
from ppa.directives.records import Authorisation, Holder, RecordDeposit, Wish, Witness
from ppa.directives.states import RESUSCITATION, Decision, Medium, Place
from ppa.plans import rules as plans
from ppa.plans.records import AgreementSnapshot, RecordAgreement, TakeAgreementBack
from ppa.plans.states import AgreementMeans, PlanState
from ppa.trusted_persons import rules as trusted
from ppa.trusted_persons.records import Leave, Signatures, WithdrawDesignation
from ppa.trusted_persons.states import Duration, State
from tests.factories.directives import scan, signed_directive
from tests.support import tree
from tests.unit.ppa.collegial_decisions import test_rules as of_decisions
from tests.unit.ppa.directives import test_rules as of_directives
from tests.unit.ppa.trusted_persons import test_rules as of_trusted

TODAY = of_directives.TODAY
TOMORROW = TODAY + timedelta(days=1)
TWO = of_directives.TWO
SIGNED = date(2026, 3, 12)


def directive(author=of_directives.AUTHOR, **fields):
    of_directives.check(author=author, **fields)


def valid(author=of_directives.AUTHOR, **fields):
    proof = directives.proof_of(signed_directive(uuid4(), **fields))
    directives.check_valid(proof, author=author, today=TODAY)


def deposit(**fields):
    values = {"place": Place.HEALTH_RECORD, "deposited_on": TODAY, "deposited_by": "Essai", **fields}
    record = RecordDeposit(directive_id=uuid4(), version=1, **values)
    directives.check_deposit(record, signed_on=SIGNED, today=TODAY)


def revocation(**fields):
    directives.check_revocation(of_directives.revocation(**fields), signed_on=SIGNED, today=TODAY)


def designation(**fields):
    trusted.check_active(replace(of_trusted.CASE, **fields), today=TODAY)


def end(**fields):
    trusted.check_end(of_trusted.ending(**fields), signatures=of_trusted.SIGNED, today=TODAY)


def taken_back(state=PlanState.AGREED, **fields):
    given = AgreementSnapshot(
        id=uuid4(), given_on=SIGNED, means=AgreementMeans.SIGNATURE, witness="", recorded_by="", digest=""
    )
    record = TakeAgreementBack(plan_id=uuid4(), version=1, **{"told_on": TODAY, "said": "Essai", **fields})
    plans.agreement_taken_back(record, given, state=state, today=TODAY)


def agreed_again(given_on):
    record = RecordAgreement(plan_id=uuid4(), version=1, given_on=given_on, means=AgreementMeans.SIGNATURE)
    plans.check_agreement(record, was_shared=True, born_on=date(1950, 1, 1), today=TODAY, taken_back_on=TODAY)


def invitation(days=7, **fields):
    values = {"state": State.ACTIVE, "names_somebody": True, "died_on": None, **fields}
    acceptances.check_invitation(days, **values)


def answer(**fields):
    values = {"accepts": True, "name": "Essai", "is_adult": True, **fields}
    acceptances.check_answer(AnswerAcceptance(access_id=uuid4(), **values))


def receipt(**fields):
    values = {"kind": StepKind.GUIDE_GIVEN, "happened_on": TODAY, "told_by": "Essai", **fields}
    acceptances.check_receipt(NoteReceipt(designation_id=uuid4(), version=1, **values), today=TODAY)


def settlement(kind=Between.WITHIN, *, has_trusted_person=False, **fields):
    values = {
        "outcome": Outcome.FIRST, "settled_with": SettledWith.PERSON, "settled_on": TODAY, "note": "Relu avec elle", **fields
    }  # fmt: skip
    passage = contradictions.Passage(source="", source_id=uuid4(), dated=None, words="")
    found = contradictions.Contradiction(key="", kind=kind, subject="", sentence="", first=passage, second=passage)
    record = SettleContradiction(person_id=uuid4(), key="", **values)
    contradictions.check_settlement(record, found, has_trusted_person=has_trusted_person, today=TODAY)


def search_out_of_order():
    steps = list(decisions.Step)
    record = decisions.NoteSearch(
        decision_id=uuid4(), version=1, step=steps[2], result=decisions.Result.NOTHING, searched_on=TODAY
    )
    decisions.check_search(record, done=steps[:1], today=TODAY)


def opinion(*, before=(), **fields):
    values = {
        "name": "Dr Essai", "structure": "", "is_independent": True, "opinion": "Oui", "given_on": TODAY, **fields
    }  # fmt: skip
    decisions.check_opinion(decisions.NoteOpinion(decision_id=uuid4(), version=1, **values), before=before, today=TODAY)


MINOR = replace(of_directives.AUTHOR, born_on=date(2010, 1, 1))
NO_PLACE = replace(of_directives.AUTHOR, birthplace="")
UNWRITTEN = {"medium": Medium.DIGITAL, "file": None, "text": "", "wishes": ()}
LEAVE = Authorisation(authority="Juge", given_on=SIGNED + timedelta(days=1))
BY_WITNESSES = {"has_signature": False, "witnesses": TWO}
KNOWN, REFUSED = of_decisions.KNOWN, replace(of_decisions.KNOWN, refuses_sedation=True)
SEDATION = {"kind": Kind.DEEP_SEDATION, "ground": Ground.REFRACTORY}
ALONE = {"kind": Kind.DEEP_SEDATION, "ground": Ground.CANNOT_EXPRESS}
UNSIGNED = Signatures(person_signed_on=SIGNED)
CASE = of_trusted.CASE

RULES: list[tuple[str, Callable[[], None], type[DomainError], str]] = [
    ("§2.6.1 dated", lambda: directive(signed_on=None), directives.DirectiveUndated, "Indiquez la date écrite sur le document."),
    ("§2.6.1 not tomorrow", lambda: directive(signed_on=TOMORROW), directives.DirectiveInFuture, "La date du document est dans le futur."),
    ("§2.6.1 an adult", lambda: directive(author=MINOR), directives.AuthorMinor, "La personne était mineure à la date du document"),
    ("§2.6.1 four items of identity", lambda: valid(author=NO_PLACE), directives.IdentityIncomplete, "Le lieu de naissance manque"),
    ("§2.6.1 signed, or two witnesses", lambda: valid(has_signature=False), directives.NotSigned, "indiquez le nom et la qualité de deux témoins"),
    ("§2.6.1 two witnesses", lambda: directive(has_signature=False, witnesses=(TWO[0], TWO[0])), directives.WitnessTwice, "Les deux témoins sont deux personnes différentes"),
    ("§2.6.1 their attestation", lambda: valid(**BY_WITNESSES, medium=Medium.DIGITAL, file=None), directives.AttestationMissing, "l’attestation des deux témoins"),
    ("§2.6.3 leave and its paper", lambda: valid(is_protected=True), directives.AuthorisationMissing, "ajoutez l’autorisation du juge ou du conseil de famille"),
    ("§2.6.3 leave comes first", lambda: valid(is_protected=True, authorisation=LEAVE, authorisation_file=scan()), directives.AuthorisationLate, "L’autorisation a été donnée après la date du document."),
    ("§2.6.4 a scan is there", lambda: directive(file=None), directives.FileMissing, "Joignez le document numérisé ou photographié"),
    ("§2.6.4 a digital one says something", lambda: directive(**UNWRITTEN), directives.ContentMissing, "recopiez son texte ou indiquez au moins un souhait"),
    ("§2.6.4 a recording is somewhere", lambda: directive(medium=Medium.VIDEO, file=None), directives.HolderMissing, "Indiquez qui conserve le document ou l’enregistrement"),
    ("§2.6.7 a place that can be found", lambda: directive(medium=Medium.LOCATION_ONLY, holder=Holder(name=" ")), directives.HolderMissing, "Indiquez qui conserve le document"),
    ("§2.2 each model its headings", lambda: directive(sections={"situations": "Un coma"}), directives.HeadingNotOfModel, "Une rubrique remplie n’existe pas dans le modèle choisi."),
    ("§2.2 the nine subjects, once", lambda: directive(wishes=(Wish(code=RESUSCITATION, decision=Decision.DENY),) * 2), directives.WishUnknown, "Un souhait n’a pas été reconnu, ou figure deux fois."),
    ("§2.4 a deposit has a day", lambda: deposit(deposited_on=TOMORROW), directives.DepositDateWrong, "La date du dépôt n’est pas possible"),
    ("§2.4 a deposit is somebody’s", lambda: deposit(deposited_by=" "), directives.DepositUnnamed, "Indiquez qui a fait le dépôt"),
    ("§2.6.6 a revocation has a day", lambda: revocation(revoked_on=TOMORROW), directives.RevocationDateWrong, "La date de révocation n’est pas possible"),
    ("§2.6.6 a spoken one has a witness", lambda: revocation(witness=""), directives.RevocationUnproven, "si elle n’est pas écrite, le nom d’un témoin"),
    ("§3 never one signature", lambda: designation(signatures=UNSIGNED), trusted.SignatureMissing, "La désignation ne compte qu’avec les deux signatures."),
    ("§3 no signature of tomorrow", lambda: designation(signatures=Signatures(person_signed_on=TOMORROW, trusted_signed_on=TOMORROW)), trusted.SignatureInFuture, "Une date de signature est dans le futur."),
    ("§3 accepted once it was given", lambda: designation(signatures=Signatures(person_signed_on=TODAY, trusted_signed_on=SIGNED)), trusted.SignatureTooEarly, "signe le même jour que la personne, ou après elle"),
    ("§3 a minor does not designate", lambda: designation(person=replace(CASE.person, born_on=date(2010, 1, 1))), trusted.DesignatorMinor, "seule une personne majeure désigne une personne de confiance"),
    ("§3 a minor is not designated", lambda: designation(trusted=replace(CASE.trusted, born_on=date(2010, 1, 1))), trusted.TrustedPersonMinor, "La personne choisie était mineure ce jour-là."),
    ("§3 of age, known or stated", lambda: designation(trusted=replace(CASE.trusted, born_on=None)), trusted.MajorityUnknown, "cochez qu’elle est majeure"),
    ("§3 somebody else", lambda: designation(trusted=CASE.person), trusted.SamePerson, "La personne de confiance est quelqu’un d’autre"),
    ("§3 leave of the judge", lambda: designation(is_protected=True), trusted.LeaveMissing, "indiquez l’autorisation du juge ou du conseil de famille"),
    ("§3 leave before she signs", lambda: designation(is_protected=True, was_represented=True, leave=Leave(authority="Juge", given_on=TODAY)), trusted.LeaveLate, "L’autorisation a été donnée après la signature de la personne"),
    ("§3 no leave of tomorrow", lambda: designation(leave=Leave(authority="Juge", given_on=TOMORROW)), trusted.DateNotPossible, "Cette date n’est pas possible"),
    ("§3 two witnesses when unable to write", lambda: designation(witnesses=TWO[:1]), trusted.WitnessesWrong, "le nom et la qualité de deux témoins : ni elle-même, ni la personne choisie"),
    ("§3 the one who is chosen is no witness", lambda: designation(witnesses=(TWO[0], Witness(name="Capucine Essai", capacity="fille"))), trusted.WitnessesWrong, "ni elle-même, ni la personne choisie"),
    ("§3 their attestation", lambda: designation(witnesses=of_trusted.TWO), trusted.AttestationMissing, "Joignez le document avec l’attestation des deux témoins"),
    ("§3 an end has a day", lambda: end(ended_on=TOMORROW), trusted.DateNotPossible, "Cette date n’est pas possible"),
    ("§3 somebody heard the end", lambda: end(received_by=" "), trusted.ReceiverMissing, "Indiquez qui a reçu cette décision."),
    ("§3 nobody after a death", lambda: trusted.check_alive(TODAY), trusted.PersonHasDied, "Cette personne est décédée"),
    ("§3 for a stay that is over", lambda: trusted.check_duration(Duration.STAY_ONLY), trusted.OnlyForAStay, "Une désignation faite pour un séjour a pris fin avec lui."),
    ("§3 a mistake is explained", lambda: trusted.check_mistake(WithdrawDesignation(designation_id=uuid4(), version=1, why=" ")), trusted.MistakeUnexplained, "pourquoi cette désignation est une erreur"),
    ("§3 nobody to ask", lambda: invitation(names_somebody=False), acceptances.NobodyToAsk, "il n’y a pas de réponse à demander"),
    ("§3 nobody is asked after a death", lambda: invitation(died_on=TODAY), acceptances.PersonHasDied, "plus rien n’est demandé à sa personne de confiance"),
    ("§3 a link lasts some days", lambda: invitation(days=90), acceptances.DurationNotOffered, "combien de jours le lien reste valable"),
    ("§3 an answer is somebody’s", lambda: answer(name=" "), acceptances.NameMissing, "Écrivez votre nom et votre prénom."),
    ("§3 an adult accepts", lambda: answer(is_adult=False), acceptances.NotAdult, "Seule une personne majeure peut accepter ce rôle."),
    ("§3 the receipt of a guide", lambda: receipt(happened_on=TOMORROW), acceptances.ReceiptWrong, "Indiquez ce qui a été fait, quel jour"),
    ("§2.3 the latest prevails", lambda: settlement(Between.VERSIONS, outcome=Outcome.SECOND), contradictions.OlderCannotPrevail, "Le document valide le plus récent l’emporte."),
    ("§2.3 directives over the plan", lambda: settlement(Between.PLAN, outcome=Outcome.SECOND), contradictions.PlanCannotPrevail, "Les directives l’emportent sur le plan."),
    ("§2.3 directives over the sheet", lambda: settlement(Between.SHEET, outcome=Outcome.SECOND), contradictions.SheetCannotPrevail, "Corrigez la fiche d’urgence ou la prescription"),
    ("§2.3 directives over a drug", lambda: settlement(Between.PRESCRIPTION, outcome=Outcome.SECOND), contradictions.SheetCannotPrevail, "Les directives l’emportent."),
    ("§3 her testimony prevails", lambda: settlement(has_trusted_person=True, settled_with=SettledWith.RELATIVES), contradictions.TestimonyPrevails, "son témoignage l’emporte sur celui de la famille et des proches"),
    ("§3 she asks for the procedure", lambda: of_decisions.opening(replace(KNOWN, has_trusted_person=True), asked_by=AskedBy.FAMILY), decisions.TrustedPersonAsks, "le médecin peut aussi l’engager de lui-même"),
    ("what was settled is explained", lambda: settlement(note=" "), contradictions.NoteMissing, "Dites en quelques mots ce qui a permis de trancher."),
    ("nothing is settled tomorrow", lambda: settlement(settled_on=TOMORROW), contradictions.SettledInFuture, "Cette date est dans le futur."),
    ("§2.6.9 its ground", lambda: of_decisions.opening(ground=Ground.EMERGENCY), decisions.GroundUnfit, "Ce motif ne correspond pas à cette décision."),
    ("§2.6.9 its object", lambda: of_decisions.opening(about=" "), decisions.AboutMissing, "Indiquez de quels traitements"),
    ("§2.6.9 directives there are", lambda: of_decisions.opening(replace(KNOWN, has_directives=False), kind=Kind.NON_APPLICATION, ground=Ground.INAPPROPRIATE), decisions.NoDirectives, "il n’y a rien à ne pas appliquer"),
    ("§6.4 at her request", lambda: of_decisions.opening(**SEDATION), decisions.RequestMissing, "indiquez le jour de sa demande"),
    ("§6.4 never against her directives", lambda: of_decisions.opening(REFUSED, **ALONE), decisions.SedationRefused, "Les directives de la personne refusent la sédation"),
    ("§6.4 not a request of tomorrow", lambda: of_decisions.opening(**SEDATION, requested_on=TOMORROW), decisions.DayInFuture, "Cette date est dans le futur."),
    ("§6.4 whole", lambda: of_decisions.deciding(ground=Ground.REFRACTORY), decisions.SedationIncomplete, "d’un traitement de la douleur et de l’arrêt du maintien en vie"),
    ("§2.4 order of R1111-20", search_out_of_order, decisions.OutOfOrder, "Les volontés se cherchent dans l’ordre"),
    ("§2.4 the search is done", lambda: of_decisions.deciding(results=()), decisions.SearchMissing, "La recherche des volontés n’est pas finie."),
    ("§2.3 no hierarchical link", lambda: opinion(is_independent=False), decisions.ConsultantNotIndependent, "n’a pas de lien hiérarchique"),
    ("§2.3 a reasoned opinion", lambda: opinion(opinion=" "), decisions.OpinionUnreasoned, "son avis motivé"),
    ("§2.3 who decides consults another", lambda: of_decisions.deciding(consultants=(of_decisions.PREPARED.decider,)), decisions.OpinionOfDecider, "n’est pas son propre consultant"),
    ("§2.3 two physicians, not one twice", lambda: opinion(is_another=True, before=(of_decisions.AVIS,), name="Dr Essai Avis"), decisions.SamePhysician, "a déjà donné son avis"),
    ("§2.3 at least one consultant", lambda: of_decisions.deciding(consultants=()), decisions.OpinionMissing, "l’avis motivé d’au moins un médecin consultant"),
    ("§2.3 a second one if wished", lambda: of_decisions.deciding(asks_second=True), decisions.SecondOpinionMissing, "Un second avis a été demandé."),
    ("§3 told that it is under way", lambda: of_decisions.deciding(is_told=False), decisions.OpeningUntold, "qui a été informé que la procédure est ouverte"),
    ("§2.3 parents or guardian", lambda: of_decisions.deciding(known=replace(KNOWN, is_represented=True)), decisions.GuardianUnheard, "l’avis de ses parents ou de la personne chargée de la mesure"),
    ("§2.6.9 team present", lambda: of_decisions.deciding(team=" "), decisions.TeamMissing, "Indiquez les membres de l’équipe de soins"),
    ("§2.6.9 motives", lambda: of_decisions.deciding(motives=" "), decisions.MotivesMissing, "Indiquez les motifs de la décision."),
    ("§2.6.9 the day somebody was told", lambda: of_decisions.deciding(informed_on=None), decisions.InformedMissing, "Indiquez qui a été informé de la décision, et quel jour."),
    ("§2.3 the trusted person first", lambda: of_decisions.deciding(known=replace(KNOWN, has_trusted_person=True)), decisions.TrustedPersonFirst, "c’est elle qui est informée d’abord"),
    ("§2.6.9 start and end", lambda: decisions.check_end(SIGNED, starts_on=TODAY, today=TODAY), decisions.EndTooEarly, "La fin ne peut pas précéder le début"),
    ("§1.4 a yes is taken back after it was given", lambda: taken_back(told_on=SIGNED - timedelta(days=1)), plans.TakenBackBeforeGiven, "Ce jour précède celui où la personne a donné son accord."),
    ("§1.4 a yes is not taken back tomorrow", lambda: taken_back(told_on=TOMORROW), plans.ToldInFuture, "Cette date est dans le futur."),
    ("§1.4 in her words, or why", lambda: taken_back(said=" "), plans.TextMissing, "Écrivez quelques mots"),
    ("§1.4 a signed version has its next one", lambda: taken_back(PlanState.PUBLISHED), plans.AgreedVersionSigned, "commencez une révision avec elle"),
    ("§1.4 no older yes outlives a no", lambda: agreed_again(SIGNED), plans.AgreementBeforeTakenBack, "Indiquez le jour où elle l’a donné de nouveau."),
]  # fmt: skip
"""Rule, what breaks it, the refusal, words of the sentence."""

NEEDS_OTHERS = {
    trusted.RelativeOfAnother: "tests/integration/ppa/trusted_persons/test_commands.py",
    trusted.AlreadyUnderWay: "tests/integration/ppa/trusted_persons/test_commands.py",
    trusted.DurationNotSaid: "tests/integration/ppa/trusted_persons/test_duration.py",
    acceptances.LinkOver: "tests/integration/ppa/acceptances/test_acceptances.py",
    contradictions.ContradictionGone: "tests/integration/ppa/contradictions/test_contradictions.py",
    contradictions.AlreadySettled: "tests/integration/ppa/contradictions/test_contradictions.py",
}
"""Refusals that look at other rows, and the file where they are raised on a database."""


@pytest.mark.parametrize(("rule", "broken", "refusal", "words"), RULES, ids=[one[0] for one in RULES])
def test_what_breaks_a_rule_is_refused_with_its_sentence(rule, broken, refusal, words):
    with pytest.raises(refusal) as refused:
        broken()
    assert words in refused.value.message, rule
    assert refused.value.message.endswith(".")


def refusals_of(module: ModuleType) -> set[type[DomainError]]:
    """Return the refusals that a module of rules defines."""
    kinds = (one for _, one in inspect.getmembers(module, inspect.isclass) if issubclass(one, DomainError))
    return {one for one in kinds if one.__module__ == module.__name__}


@pytest.mark.parametrize("module", [directives, trusted, acceptances, contradictions, decisions])
def test_no_refusal_is_left_out(module):
    told = {refusal for _, _, refusal, _ in RULES} | set(NEEDS_OTHERS)
    assert refusals_of(module) - told == set()


@pytest.mark.parametrize("refusal", NEEDS_OTHERS, ids=lambda one: one.__name__)
def test_a_refusal_that_looks_at_other_rows_has_its_test(refusal):
    assert refusal.__name__ in raised_in((tree.ROOT / NEEDS_OTHERS[refusal]).read_text("utf-8"))


def raised_in(text: str) -> set[str]:
    """Return the names that stand inside a `pytest.raises(...)`."""
    calls = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
    asked = [call for call in calls if ast.unparse(call.func) == "pytest.raises"]
    inside = (node for call in asked for node in ast.walk(call) if isinstance(node, ast.Attribute | ast.Name))
    return {node.attr if isinstance(node, ast.Attribute) else node.id for node in inside}


def test_a_refusal_that_is_named_and_never_raised_has_no_test():
    told = "from rules import Named, Raised\nprint(Named)\nwith pytest.raises(rules.Raised):\n    pass\n"
    assert {"Named", "Raised"} & raised_in(told) == {"Raised"}
