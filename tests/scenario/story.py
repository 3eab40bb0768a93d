"""The steps of the main job. Each does what a person or a system would do, and looks at what comes back."""

import json
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pypdfium2 import PdfDocument
from zxingcpp import read_barcodes

from tests.scenario.partner import Partner, resources
from tests.support.browser import Browser, first_uuid
from tests.support.installation import Installation

INPUTS = Path(__file__).parent / "inputs"
DAC = "DAC Côte-d’Or (fictif)"
ONCOLOGY = "Oncologie – Dijon (fictif)"
ASSOCIATION = "Association de bénévoles d’accompagnement Mains-Ouvertes (fictif)"
HOSPITAL = "Centre hospitalier des Trois-Sources (fictif)"
HOSPITAL_SCOPES = "system/Patient.crs system/Condition.crs system/Communication.crs system/Practitioner.crs system/Organization.crs system/Task.crs"
READER_SCOPES = "system/*.rs"
MAIL_TRIES, MAIL_SECONDS = 100, 0.2
READ = (
    "CarePlan", "Goal", "Consent", "RelatedPerson", "ServiceRequest", "Task", "Encounter", "DocumentReference",
    "Condition", "Communication", "EpisodeOfCare", "CareTeam", "MedicationRequest", "Observation", "QuestionnaireResponse",
)  # fmt: skip


class Story:
    """What the steps share: the installation, the people at work, what was made so far."""

    def __init__(self, place: Installation, out: Path) -> None:
        self.place, self.out = place, out
        self.input: dict[str, Any] = json.loads((INPUTS / "story.json").read_text("utf-8"))
        self.people: dict[str, Browser] = {}
        self.made: dict[str, Any] = {}
        self._accounts: dict[tuple[str, str], dict[str, str]] = {}

    def at_work(self, username: str, organisation: str) -> Browser:
        """Return the signed-in browser of somebody at one of his structures."""
        key = f"{username}@{organisation}"
        if key not in self.people:
            self._accounts = self._accounts or self.place.accounts()
            browser = Browser(self.place.base).sign_in(self._accounts[username, organisation])
            if browser.where == "/compte/situation/":
                form = next(f for f in browser.forms() if organisation in f.text)
                browser.submit(situation=form.fields["situation"][0])
            self.people[key] = browser
        return self.people[key].open("/")

    @property
    def coordinator(self) -> Browser:
        """The gestionnaire de parcours."""
        return self.at_work("gestionnaire1.dijon", DAC)

    @property
    def physician(self) -> Browser:
        """The oncologist who announced."""
        return self.at_work("medecin.dijon", ONCOLOGY)

    @property
    def person(self) -> str:
        """The address of the person's page."""
        return f"/personnes/{self.made['person']}/"

    def keep(self, name: str, content: bytes | dict[str, Any]) -> Path:
        """Leave an artefact for whoever looks."""
        path = self.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(
            content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False, indent=2).encode()
        )
        return path

    def mail_to(self, address: str) -> str:
        """Return the text of the e-mail that the worker has sent to an address; raise `AssertionError` when none comes."""
        for _ in range(MAIL_TRIES):
            for path in (self.out / "mails").glob("*"):
                sent = message_from_bytes(path.read_bytes(), policy=default)
                if sent["To"] == address and (body := sent.get_body()):
                    return f"{sent['Subject']}\n{body.get_content()}"
            time.sleep(MAIL_SECONDS)
        raise AssertionError(f"no e-mail to {address}")

    def partner(self, name: str, organisation: str, scopes: str) -> Partner:
        """Register a system of an organisation and sign it in."""
        partner = Partner(self.place.base, name)
        keys = partner.write_keys(self.out / f"{name}.jwks.json")
        partner.client_id = self.place.register(name, organisation=self.finess(organisation), scopes=scopes, keys=keys)
        partner.sign_in(scopes)
        return partner

    def bed_managers(self) -> list[tuple[str, str]]:
        """Return the (login, structure) of every bed manager."""
        self._accounts = self._accounts or self.place.accounts()
        return [key for key, row in self._accounts.items() if row["role"] == "cadre_structure"]

    def organisation_of(self, username: str) -> str:
        """Return the structure of somebody who has one only."""
        return next(organisation for name, organisation in self._accounts if name == username)

    def finess(self, organisation: str) -> str:
        """Return the number of a structure of the demo territory, as the list of the demo logins gives it."""
        self._accounts = self._accounts or self.place.accounts()
        return next(row["finess"] for (_, name), row in self._accounts.items() if name == organisation)

    def checks(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """Give what is verified once the processes have ended."""
        yield (
            "la vue FHIR est égale au domaine (rebuild_fhir --check)",
            lambda: _none(self.place.manage("rebuild_fhir", "--check")),
        )
        yield "le journal des accès tient (audit_verify)", lambda: _none(self.place.manage("audit_verify"))
        yield "aucun nom, téléphone ni INS en clair sur le disque", self._nothing_in_clear
        yield "les artefacts s’ouvrent", self._artefacts_open
        yield "une ligne altérée du journal est trouvée", self._tampering_is_found

    def _nothing_in_clear(self) -> None:
        """Search the database, its journal, the files and the logs for the identities of the input."""
        wanted = [*self.input["names"], *self.input["phones"], self.input["ins"]]
        needles = {form for text in wanted for form in (text.encode(), text.upper().encode(), text.encode("utf-16-le"))}
        held = [
            self.place.database,
            *self.out.glob("db.sqlite3-*"),
            *self.out.glob("*.log"),
            *(self.out / "files").rglob("*"),
            *(self.out / "mails").rglob("*"),
        ]
        found = [
            (path.name, needle) for path in held if path.is_file() for needle in needles if needle in path.read_bytes()
        ]
        assert not found, found

    def _artefacts_open(self) -> None:
        """Parse every FHIR artefact by the models of the standard and the PDF by its own library."""
        from fhir.resources.R4B import get_fhir_model_class
        from pikepdf import Pdf

        parsed = 0
        for path in sorted((self.out / "fhir").glob("*.json")):
            for entry in json.loads(path.read_text("utf-8"))["entry"]:
                get_fhir_model_class(entry["resource"]["resourceType"]).model_validate(entry["resource"])
                parsed += 1
        assert parsed >= len(READ), parsed
        with Pdf.open(self.out / "ppa-v1.pdf") as paper:
            assert len(paper.pages) >= 1
            assert "VALDORIANE" not in str(paper.docinfo.get("/Title", "")), "a name stands in the PDF's properties"

    def _tampering_is_found(self) -> None:
        """Alter one row of a copy of the database, as its superuser could."""
        copy = self.out / "tampered.sqlite3"
        with sqlite3.connect(self.place.database) as source, sqlite3.connect(copy) as target:
            source.backup(target)
            target.execute("DROP TRIGGER accounts_auditrow_no_update")
            target.execute(
                "UPDATE accounts_auditrow SET outcome = 'denied' WHERE id = (SELECT max(id) / 2 FROM accounts_auditrow)"
            )
        self.place.environment["DATABASE_URL"] = f"sqlite:///{copy}"
        self.place.manage("audit_verify", fails=True)
        self.place.environment["DATABASE_URL"] = f"sqlite:///{self.place.database}"
        copy.unlink()


def announce(story: Story) -> None:
    """A hospital's record system posts the announcement as one FHIR transaction."""
    hospital = story.partner("hospital", HOSPITAL, HOSPITAL_SCOPES)
    story.made["hospital"] = hospital
    text = (
        (INPUTS / "announcement.json")
        .read_text("utf-8")
        .replace("FINESS", story.finess(HOSPITAL))
        .replace("RPPS", "80000000013")
    )
    bundle = json.loads(text)
    answer = hospital.post("", bundle, expect=200, key="announcement-1")
    story.keep("announcement-request.json", bundle)
    story.keep("announcement-response.json", answer)
    locations = [entry["response"]["location"] for entry in answer["entry"]]
    story.made["person"] = first_uuid(next(one for one in locations if "Patient/" in one))
    again = hospital.post("", bundle, expect=200, key="announcement-1")
    assert [e["response"]["location"] for e in again["entry"]] == locations, "the same key made a second announcement"


def refuse_bad_announcements(story: Story) -> None:
    """A broken Bundle, a wrong key, a production number: refused with an OperationOutcome, and nothing is stored."""
    hospital: Partner = story.made["hospital"]
    good = json.loads((story.out / "announcement-request.json").read_text("utf-8"))
    for name, spoilt, status in (
        ("no JSON", b"{ceci n'est pas du JSON", 400),
        ("wrong key of the INS", _spoilt(good, story.input["ins"], story.input["ins"][:-2] + "00"), 422),
        ("production number in a demonstration", _spoilt(good, "1.2.250.1.213.1.4.11", "1.2.250.1.213.1.4.8"), 422),
        (
            "unknown subject",
            _spoilt(good, '"subject": {"reference": "urn:uuid:0b0e', '"subject": {"reference": "urn:uuid:ffff'),
            400,
        ),
    ):
        answer = hospital.post("", spoilt, expect=status)
        assert answer["resourceType"] == "OperationOutcome", name
    hospital.find("Patient", expect=400, favourite_colour="green")


def include(story: Story) -> None:
    """The coordinator finds the proposal on her desk, includes the person and becomes her référent."""
    me = story.coordinator
    me.must_say("VALDORIANE", "À inclure")
    me.open("/dossiers/?partie=a-inclure").follow("VALDORIANE")
    story.made["case"] = me.where
    _press(me, story.made["case"] + "inclure/")
    me.open(story.person).must_say("VALDORIANE Ysoline", "INS qualifiée")


def assess(story: Story) -> None:
    """Scales are noted, what does not hold is refused; they advise, and the level of gradation is said with its reason."""
    note, index = story.person + "evaluations/noter/", story.person + "evaluations/"
    me = story.physician
    me.open(note + "pallia-10/").submit(expect=422, to="pallia-10", q1="0", q5="1")
    yes: dict[str, Any] = dict.fromkeys(("q1", "q2", "q5", "q6"), "1")
    me.open(note + "pallia-10/").submit(to="pallia-10", **yes)
    me.must_say("Besoin repéré", "Une équipe mobile de soins palliatifs (EMSP) peut être sollicitée")
    for pain in ("8", "3"):
        me.open(note + "esas/").submit(to="esas", pain=pain, tiredness="4")
    worn_out: dict[str, Any] = {f"q{number}": "1" for number in range(1, 8)}
    me.open(note + "zarit-short/").submit(to="zarit-short", **worn_out)
    me.must_say("L’aidant paraît épuisé")
    coordinator = story.coordinator.open(index)
    coordinator.must_say("PALLIA-10", "Besoin repéré", "mal soulagé", "Charge sévère")
    coordinator.open(story.made["case"] + "niveau/").submit(level="3", reason=story.input["reason"])
    coordinator.open(story.person).must_say("Niveau 3")


def answer_proposal(story: Story) -> None:
    """The person would rather wait, which needs a day to speak of it again; then she accepts that a plan be made with her."""
    me = story.coordinator.open(story.person)
    me.follow("proposition").submit(expect=422, answer="defer", come_back_on="")
    me.submit(answer="defer", come_back_on=f"{datetime.now(tz=UTC).year + 1}-03-01").must_say("Pas maintenant")
    me.submit(answer="accept")
    me.open(story.person).must_say("acceptée")


def write_plan(story: Story) -> None:
    """Topics at her pace, a need with its goal and its first action, a conversation, where she wishes to be."""
    me = story.coordinator.open(story.person + "plan/")
    me.submit(to="commencer")
    for who, code in ((me, "what_matters"), (story.physician, "symptoms")):
        who.open(f"{story.person}plan/themes/{code}/").submit(to=f"themes/{code}", text=story.input["topics"][code])
    me.open(story.person + "plan/themes/accessibility/").submit(to="rythme", pace="not_now")
    carers = me.open(story.person + "plan/themes/carers/")
    carers.submit(to="rythme", expect=422, pace="with_someone").submit(pace="with_someone", with_whom="Avec son fils")
    me.open(story.person + "plan/besoins/nouveau/").submit(
        need=story.input["need"],
        goal=story.input["goal"],
        words="person",
        what=story.input["action"],
        who="Équipe mobile",
    )
    me.open(story.person + "plan/").must_say(story.input["need"], "Pas maintenant", story.input["drug"]["drug"])
    me.open(story.person + "plan/conversations/nouvelle/").submit(present="Son fils", said=story.input["conversation"])
    me.open(story.person + "plan/lieux/").submit(moment="care", place="home", words=story.input["place"])
    me.open(story.person + "plan/").must_say("Chez elle", story.input["conversation"])


def agree(story: Story) -> None:
    """The plan is read with her, and she agrees before a witness."""
    me = story.coordinator.open(story.person + "plan/")
    me.submit(to="partager")
    me.open(story.person + "plan/accord/").submit(means="spoken_with_witness", witness="Tancrède MERVANDOUX")
    me.open(story.person + "plan/").must_say("Accord")


def write_at_once(story: Story) -> None:
    """Two professionals write one topic at once: both texts are kept, and one of them brings them together."""
    topic, texts = story.person + "plan/themes/circumstances/", story.input["two_hands"]
    me, physician = story.coordinator.open(topic), story.physician.open(topic)
    me.submit(to="themes/circumstances", text=texts[0])
    physician.submit(to="themes/circumstances", text=texts[1]).must_say("les deux textes sont gardés", texts[1])
    held = ["".join(form.fields.get("text", [])).strip() for form in physician.forms()]
    assert texts[0] in held, "the first text is lost"
    me.open(topic).must_say("Un autre texte a été écrit en même temps")
    physician.submit(to="themes/circumstances", text=" ".join(texts))
    assert "Un autre texte" not in me.open(topic).text, "still two texts"


def foresee(story: Story) -> None:
    """The physician foresees a crisis with its drug; an impossible maximum is refused; the coordinator says what is at home."""
    me = story.physician.open(story.person + "conduites/nouvelle/")
    me.submit(**story.input["crisis"])
    crisis, drug = me.where, story.input["drug"]
    me.open(crisis + "prescrire/").submit(expect=422, **{**drug, "max_24h": "1"})
    me.submit(**drug)
    me.open(crisis).must_say(drug["drug"], "Personne n’a encore vérifié")
    coordinator = story.coordinator.open(crisis)
    checking = next(link for link in coordinator.links_to(crisis) if link.endswith("/domicile/"))
    coordinator.open(checking).submit(found="present")
    coordinator.open(story.person + "conduites/").must_say("Présent, en quantité suffisante")


def sign_plan(story: Story) -> None:
    """The physician signs; the version is immutable and prints."""
    me = story.physician
    me.must_say("Plans à signer", "VALDORIANE")
    _press(me, story.person + "plan/signer/")
    for paper, name in (("pdf", "ppa-v1"), ("facile-a-lire", "ppa-v1-falc"), ("ppcs", "ppcs-v1")):
        me.open(f"{story.person}plan/versions/1/{paper}/")
        assert me.page.content.startswith(b"%PDF-"), f"no {name}"
        story.keep(f"{name}.pdf", me.page.content)


def circulate_plan(story: Story) -> None:
    """A named person deposits the plan by hand, a paper is handed out, a day of review is chosen; nothing is sent."""
    me = story.coordinator
    me.open(story.person + "plan/depot/").submit(expect=422, place="Mon espace santé")
    me.submit(place="Mon espace santé", who="Dr Albane Bellelune")
    me.open(story.person + "plan/remise/").submit(holder="Enveloppe au domicile")
    spring = f"{datetime.now(tz=UTC).year + 1}-03-01"
    me.open(story.person + "plan/relecture/").submit(review_on=spring)
    me.open(story.person + "plan/").must_say(
        "Signé et déposé", "Déposé à la main", "Enveloppe au domicile", f"1er mars {spring[:4]}"
    )


def renew_plan(story: Story) -> None:
    """Back home she wants something else: a second version is agreed and signed, and what changed is shown beside what was."""
    me = story.coordinator.open(story.person + "plan/")
    me.submit(to="reviser")
    me.open(story.person + "plan/themes/what_matters/").submit(to="what_matters", text=story.input["changed"])
    me.open(story.person + "plan/").submit(to="partager")
    me.open(story.person + "plan/accord/").submit(means="signature")
    physician = story.physician
    _press(physician, story.person + "plan/signer/")
    physician.open(story.person + "plan/versions/1/comparer/2/")
    physician.must_say(story.input["topics"]["what_matters"], story.input["changed"])
    physician.open(story.person + "plan/versions/2/pdf/")
    story.keep("ppa-v2.pdf", physician.page.content)


def entrust(story: Story) -> None:
    """An action goes to a unit that reads nothing else of the plan; it answers from its own desk, and the plan says so."""
    me = story.coordinator.open(story.person + "plan/actions/")
    me.open(me.links_to("/suivi/")[0])
    me.open(me.links_to("/actions-confiees/confier/")[0])
    unit_id = re.findall(rf'value="([0-9a-f-]{{36}})"[^>]*>{re.escape(ONCOLOGY)}', me.page.text)[0]
    given = me.submit(organisation=unit_id, what=story.input["entrusted"]).must_say("Attend une réponse").where
    unit = story.at_work("cadre.dijon", ONCOLOGY).must_say(
        "Actions confiées à votre structure", story.input["entrusted"]
    )
    unit.open(story.person + "plan/", expect=404)
    unit.open(given).must_say("Données minimales").submit(answer="take", note=story.input["entrusted_answer"])
    story.coordinator.open(story.person + "plan/").must_say("En cours", story.input["entrusted_answer"])


def directives(story: Story) -> None:
    """A dated signed document with its file; undated or by a minor it is refused."""
    me = story.physician.open(story.person + "directives/nouvelles/")
    paper = {"file": ("directives.pdf", (INPUTS / "directives.pdf").read_bytes(), "application/pdf")}
    me.submit(files=paper, medium="paper_scan", has_signature="on", expect=422)
    me.submit(
        files=paper,
        medium="paper_scan",
        signed_on="2026-11-20",
        has_signature="on",
        wish_0="deny",
        text="Pas d’acharnement.",
    )
    story.made["directive"] = me.where
    me.open(story.person).must_say("20/11/2026")


def trusted_person(story: Story) -> None:
    """A designation counts with both signatures only: it is kept, and waits for that of her son."""
    me, son = story.coordinator, story.input["relative"]
    who = {
        "relative": "new", "family": son["family"], "given": son["given"], "relation": "SONC", "birth_date": son["birth_date"],
        "phone": son["phone"], "person_signed_on": "2026-11-20",
    }  # fmt: skip
    me.open(story.person + "confiance/designer/").submit(expect=422, **who)
    me.submit(awaits_signature="on", **who).must_say("En attente de signature")
    story.made["designation"] = me.where


def accept_by_link(story: Story) -> None:
    """Her son is written to without a name, opens the link once with the code he was told, reads the guide and accepts; then he signs."""
    page, son = story.made["designation"], story.input["relative"]
    me = story.coordinator.open(page + "inviter/").submit(email=son["email"], days="7")
    told = re.findall(r"Code à donner de vive voix ([\d\s]+)", me.text)
    assert told, me.text
    code = "".join(told[0].split())
    mail = story.mail_to(son["email"])
    assert son["family"] not in mail, "a name stands in the e-mail"
    assert "VALDORIANE" not in mail, "a name stands in the e-mail"
    link = re.findall(r"https?://\S+?(/confiance/reponse/\S+)", mail)[0]
    visitor = Browser(story.place.base).open(link)
    visitor.submit(expect=422, code=code[::-1] + "0").must_say("Ce code n’est pas le bon")
    visitor.submit(code=code).must_say("Être personne de confiance", son["given"])
    answer: dict[str, Any] = {"accepts": "yes", "name": f"{son['given']} {son['family']}"}
    visitor.submit(expect=422, **answer).must_say("Seule une personne majeure")
    visitor.submit(**answer, is_adult="on").must_say("Il reste à signer")
    Browser(story.place.base).open(link, expect=404).must_say("Ce lien ne s’ouvre plus")
    story.physician.open(page + "parcours/").must_say("Lien envoyé", "accepte")
    me.open(page).must_say("En attente de signature")
    me.open(page + "signatures/").submit(trusted_signed_on="2026-11-20")
    me.open(story.person).must_say("Personne de confiance", "Tancrède")


def former_directives(story: Story) -> None:
    """An older paper that turns up never prevails; what it says the other way round is settled by a person, and stays."""
    me = story.physician.open(story.person + "directives/")
    me.open(story.person + "directives/formulaire/a/")
    story.keep("directives-modele-a.pdf", me.page.content)
    me.open(story.person + "directives/nouvelles/").submit(
        medium="digital", signed_on="2019-05-04", has_signature="on", wish_0="permit", text="Tout tenter, à l’époque."
    )
    former = me.where
    me.must_say("Un document plus récent reste celui qui compte")
    me.open(story.person + "directives/nouvelles/").submit(
        medium="location_only", holder_name="Étude notariale (fictive)"
    )
    me.must_say("À vérifier").open(former).must_say("Remplacées")
    index = me.open(story.person + "contradictions/").must_say("deux documents disent le contraire")
    index.open(index.links_to("/lever/")[0]).must_say("20 novembre 2026", "4 mai 2019")
    settled: dict[str, Any] = {"settled_with": "person", "note": "Relu avec elle : elle a changé d’avis depuis."}
    me.submit(to="/lever/", expect=422, **{**settled, "note": " "}, outcome="first")
    me.submit(to="/lever/", **settled, outcome="first")
    me.open(former).must_say("Tout tenter, à l’époque.")
    current = story.made["directive"]
    me.open(current + "depot/").submit(place="dmp", deposited_by="Dr Albane Bellelune")
    me.must_say("Mon espace santé")
    me.open(current + "papier/")
    story.keep("directives.pdf", me.page.content)


def stand_beside(story: Story) -> None:
    """The son is given the guide, on paper and in the trail, and is delegate of Mon espace santé, a role of its own."""
    me = story.coordinator.open(story.person + "confiance/")
    page = _page_under(me, "confiance")
    for name, paper in (("papier", "designation"), ("guide", "guide"), ("revocation", "revocation")):
        me.open(f"{page}{name}/")
        assert me.page.content.startswith(b"%PDF-"), f"no {name}"
        story.keep(f"confiance-{paper}.pdf", me.page.content)
    given: dict[str, Any] = {"kind": "guide_given", "told_by": "Anselme Brinsonge, coordinateur"}
    me.open(page + "recu/").submit(expect=422, **{**given, "told_by": " "})
    me.submit(**given)
    story.physician.open(page + "parcours/").must_say("Guide remis en main propre", "Anselme Brinsonge")
    me.open(story.person + "proches/")
    me.open(_page_under(me, "proches"))
    me.submit(roles=["ECON", "ENSDEL"]).must_say("jamais les directives anticipées")


def protect(story: Story) -> None:
    """A protected person writes with the judge's leave and by another's hand, before witnesses; a child does not; she revokes."""
    me, signed = story.physician, "2026-11-20"
    child = _registered(me, {**story.input["protected"], "birth_date": "2012-02-02", "phone": ""})
    me.open(child + "directives/nouvelles/").submit(
        expect=422, medium="digital", signed_on=signed, has_signature="on", text="Rester chez mes parents."
    )
    person = _registered(me, story.input["protected"])
    me.open(person + "directives/nouvelles/")
    said: dict[str, Any] = {
        "medium": "digital", "signed_on": signed, "text": "Ne pas me transporter.", "is_protected": "on",
        "written_by": "Faustine LORNEVAUX, voisine", "witness_1_name": "Faustine LORNEVAUX", "witness_1_capacity": "voisine",
        "witness_2_name": "Aubin TERRECLAIRE", "witness_2_capacity": "infirmier",
        "witness_reason": "Aucune personne de confiance n’est désignée.",
    }  # fmt: skip
    me.submit(**said).must_say("À vérifier", "Faustine LORNEVAUX")
    page, kept = me.where, ("papier.pdf", (INPUTS / "directives.pdf").read_bytes(), "application/pdf")
    me.open(page + "confirmer/").submit(to="confirmer", expect=422, signed_on=signed)
    leave: dict[str, Any] = {
        "authority": "Juge des contentieux de la protection de Dijon",
        "authorised_on": "2026-10-02",
    }
    me.submit(to="confirmer", files=dict.fromkeys(("file", "authorisation_file"), kept), **leave).must_say(
        "Directives actuelles"
    )
    spoken: dict[str, Any] = {"means": "spoken", "received_by": "Dr Albane Bellelune"}
    me.open(page + "revoquer/").submit(expect=422, **spoken)
    me.submit(**spoken, witness="Aubin TERRECLAIRE").must_say("Révoquées")


def decide_together(story: Story) -> None:
    """A deep sedation at her request: what the law asks before it is asked here, then written down on paper."""
    me = story.physician.open(story.person + "decisions/ouvrir/deep_sedation/")
    about: dict[str, Any] = {"ground": "refractory", "about": "Douleur réfractaire malgré les traitements."}
    me.submit(expect=422, **about)
    me.submit(requested_on="2026-11-21", **about)
    page = me.where
    told = {"informed": "trusted_person", "informed_name": "Tancrède MERVANDOUX", "informed_on": "2026-11-22"}
    whole: dict[str, Any] = {
        "motives": "Souffrance réfractaire, décès proche.", "team": "Infirmière, aide-soignant", "place": "Domicile",
        "has_pain_relief": "on", "stops_life_support": "on", **told,
    }  # fmt: skip
    me.open(page + "decision/").submit(expect=422, **whole).must_say("Notez d’abord qui a été informé")
    me.open(page + "information/").submit(told="trusted_person", name="Tancrède MERVANDOUX")
    me.open(page + "avis/").submit(name="Dr Essai Consultant", is_independent="on", opinion="Favorable, motivé.")
    me.open(page + "decision/").submit(**whole)
    me.open(page).must_say("Décidée", "Dr Essai Consultant", "Tancrède MERVANDOUX")
    me.open(page + "pdf/")
    story.keep("decision-sedation.pdf", me.page.content)
    story.coordinator.open(page, expect=404)


def set_aside(story: Story) -> None:
    """Directives that do not fit what happened are not applied without another physician's opinion; the record goes on paper."""
    me, page, why = _procedure(
        story, "non_application", "not_matching", "Une fracture, que ses directives ne prévoyaient pas."
    )
    me.open(page + "decision/").submit(expect=422, **why)
    _hear_another(me, page)
    me.open(page + "decision/").submit(**why)
    me.open(page).must_say("Décidée")
    me.open(page + "pdf/")
    story.keep("decision-non-application.pdf", me.page.content)


def search_her_will(story: Story) -> None:
    """She can no longer say: before a treatment is limited, her will is looked for in the order of the law."""
    me, page, why = _procedure(story, "limitation", "obstinacy", "Arrêt de l’antibiotique par perfusion.")
    _hear_another(me, page)
    me.open(page + "decision/").submit(expect=422, **why).must_say("La recherche des volontés n’est pas finie")
    me.open(page + "recherche/").submit(expect=422, step="trusted_person", result="nothing").must_say("dans l’ordre")
    me.submit(step="own_file", result="found")
    me.open(page + "decision/").submit(**why)
    me.open(page).must_say("Décidée", "Le dossier de la personne ici")


def _procedure(story: Story, kind: str, ground: str, about: str) -> tuple[Browser, str, dict[str, Any]]:
    """Open a collegial procedure and tell the trusted person; return what the decision will say."""
    me = story.physician.open(f"{story.person}decisions/ouvrir/{kind}/")
    page = me.submit(ground=ground, about=about).where
    told = {"informed": "trusted_person", "informed_name": "Tancrède MERVANDOUX", "informed_on": "2026-11-22"}
    me.open(page + "information/").submit(told="trusted_person", name="Tancrède MERVANDOUX")
    return me, page, {"motives": "Ce qui est fait n’a plus d’utilité pour elle.", "team": "Infirmière", **told}


def _hear_another(me: Browser, page: str) -> None:
    me.open(page + "avis/").submit(name="Dr Essai Consultant", is_independent="on", opinion="Favorable, motivé.")


def emergency_sheet(story: Story) -> None:
    """The physician signs the emergency sheet, a nurse's colleague sends it to the SAMU; a drug that is gone makes it old."""
    sheet = story.person + "fiche-urgence/"
    me = story.physician.open(sheet + "rediger/")
    me.submit(**{**story.input["sheet"], "conduct": ""})
    me.open(sheet + "signer/").submit(expect=422, to=sheet + "signer/")
    me.must_say("Écrivez la conduite à tenir")
    me.open(sheet + "rediger/").submit(**story.input["sheet"])
    me.open(sheet + "signer/").must_say("Refusé par la personne", story.input["drug"]["drug"], "06 39 98 43 21")
    _press(me, sheet + "signer/")
    me.open(next(link for link in me.links_to(sheet + "versions/") if link.endswith("/pdf/")))
    assert me.page.content.startswith(b"%PDF-"), "no PDF"
    story.keep("fiche-urgence-v1.pdf", me.page.content)
    coordinator = story.coordinator.open(sheet + "retrouver/")
    coordinator.must_say("Pas sûr", "Aucun envoi au SAMU")
    sent: dict[str, Any] = {"kind": "samu", "departement": "21", "means": "secure_mail", "who": "Dr Albane Bellelune"}
    coordinator.open(sheet + "detenteurs/nouveau/").submit(expect=422, **{**sent, "departement": "Dijon"})
    coordinator.submit(**sent)
    coordinator.open(sheet).must_say("SAMU 21")
    index = coordinator.open(story.person + "conduites/")
    crisis = next(link for link in index.links_to(story.person + "conduites/") if len(link.split("/")) > 5)
    index.open(crisis)
    index.open(next(link for link in index.links_to(crisis) if link.endswith("/domicile/"))).submit(found="absent")
    coordinator.open(sheet).must_say("À mettre à jour", "médicaments prévus")
    _press(me, sheet + "signer/")
    coordinator.open("/").must_say("Détenteurs d’une fiche d’urgence à prévenir", "SAMU 21, version 1")
    coordinator.open(sheet).must_say("a la version 1 : la version 2 la remplace")
    renew = next(link for link in coordinator.links_to(sheet + "detenteurs/") if link.endswith("/remplacer/"))
    coordinator.open(renew).must_say("remplace la version 1").submit(to="/remplacer/")
    coordinator.open("/").must_say("Chaque détenteur a la dernière version")


def scan_the_sheet(story: Story) -> None:
    """A phone reads the code of the first paper: it holds nobody's name; who is entitled learns that another version replaced it."""
    code = _code_on(story.out / "fiche-urgence-v1.pdf")
    assert story.made["person"] not in code, "the code names the person"
    anybody = Browser(story.place.base).open("/fiche/verifier/")
    anybody.submit(code=code).must_say("Ce code a été fait ici", "Version 1")
    anybody.submit(expect=422, code=code[:-8] + "AAAAAAAA").must_say("Ce code n’est pas reconnu")
    opened = urlsplit(code).path
    story.physician.open(opened).must_say("Ce papier est remplacé", "version 2")
    story.at_work("gestionnaire1.lons-le-saunier", "DAC Jura (fictif)").open(opened, expect=404)


def refer(story: Story) -> None:
    """One request to three structures, with the person's agreement."""
    me = story.coordinator.open(f"/demandes/nouvelle/{story.made['person']}/")
    needed = dict.fromkeys(("reason", "question", "diagnosis"), story.input["reason"])
    me.submit(kind="usp", urgency="urgent", level="3", callback="03 53 01 00 01", **needed)
    story.made["request"] = first_uuid(me.where)
    me.open(f"/demandes/{story.made['request']}/structures/?type=usp&type=lisp")
    page = next(form for form in me.forms() if form.choices.get("offers"))
    offers = page.choices["offers"][:3]
    assert len(offers) == 3, f"only {len(offers)} structures proposed"
    me.submit(offers=offers)
    me.open(f"/demandes/{story.made['request']}/envoi/").submit(consent_means="spoken", informed="on")
    me.open(f"/demandes/{story.made['request']}/").must_say("Envoyée")
    units = {
        f"Unité de soins palliatifs – {town} (fictif)" for town in re.findall(r"USP de ([\w-]+) \(fictif\)", me.text)
    }
    asked = [account for account in story.bed_managers() if account[1] in units]
    assert len(asked) == 3, f"who answers? {asked} {me.text}"
    story.made["asked"] = asked


def answer(story: Story) -> None:
    """One structure declines with a reason, one agrees in principle, one proposes a place; nobody is closed yet."""
    declining, agreeing, offering = story.made["asked"]
    lines = {who: _received_line(story.at_work(*who)) for who in (declining, agreeing, offering)}
    story.made["lines"] = lines
    no = story.at_work(*declining).open(lines[declining])
    assert story.input["relative"]["family"] not in no.text, "more than the minimum set before an acceptance"
    _confirm(no, lines[declining] + "reponse/etude/")
    no.open(lines[declining] + "reponse/refus/").submit(
        reason="no-place", note="Une place est possible dans huit jours."
    )
    no.open(lines[declining], expect=404)
    yes = story.at_work(*agreeing)
    _confirm(yes, lines[agreeing] + "reponse/etude/")
    _confirm(yes, lines[agreeing] + "reponse/accord/")
    place = story.at_work(*offering)
    place.open("/places/")
    offer = next(form for form in place.forms() if "available" in form.fields or "available" in form.choices)
    place.submit(to=offer.action, available="2")
    _confirm(place, lines[offering] + "reponse/etude/")
    place.open(f"/sejours/demandes/{first_uuid(lines[offering])}/place/").submit(to="/place/")
    story.coordinator.open(f"/demandes/{story.made['request']}/").must_say(
        "Pas possible", "Accord de principe", "Place proposée"
    )


def admit(story: Story) -> None:
    """The admission becomes effective: the other lines close by themselves."""
    _, agreeing, offering = story.made["asked"]
    lines = story.made["lines"]
    place = story.at_work(*offering)
    place.open(f"/sejours/demandes/{first_uuid(lines[offering])}/arrivee/").submit(to="/arrivee/")
    story.made["stay"] = place.where
    story.coordinator.open(f"/demandes/{story.made['request']}/").must_say(
        "Admission faite", "Accueillie par une autre structure"
    )
    story.at_work(*agreeing).open(lines[agreeing], expect=409)


def ask_on_admission(story: Story) -> None:
    """The unit is reminded that it asks about directives and a trusted person at each admission, until it did."""
    waiting = "Directives et personne de confiance à demander"
    unit = story.at_work(*story.made["asked"][2]).must_say(waiting, "VALDORIANE")
    talk = story.made["stay"] + "directives-et-confiance/"
    said: dict[str, Any] = {"directives": "here", "trusted": "unable", "handed": ["trusted_person_notice"]}
    unit.open(talk).must_say("À demander")
    unit.open(talk + "noter/").submit(to="/noter/", expect=422, **said)
    unit.must_say("choisissez le jour où la question lui sera posée à nouveau")
    unit.submit(to="/noter/", **{**said, "trusted": "designated"}).must_say("Elle en a déjà désigné une")
    assert waiting not in unit.open("/").text, "still to be asked"
    story.coordinator.open(talk).must_say("Elles existent, et elles sont ici", "La notice d’information")
    story.coordinator.open("/plans-a-relire/?raison=hospitalisation").must_say("VALDORIANE", "hospitalisée ou admise")
    assert "VALDORIANE" not in story.coordinator.open("/plans-a-relire/?raison=date").text, "no day has come"


def call_rapid_response(story: Story) -> None:
    """An alert to the ERI-SP of the sector, and its clock."""
    me = story.coordinator.open(f"/alertes/appeler/{story.made['person']}/")
    me.submit(is_palliative="yes", reason=story.input["alert"], callback_phone="03 53 01 00 01")
    alert = me.where
    me.must_say("Équipe appelée", "Réponse de l’équipe")
    team = story.at_work("medecin.had.dijon", "ERI-SP Côte-d’Or (fictif)")
    for step in ("answer", "depart", "arrive", "stabilise"):
        team.open(alert)
        form = next(f for f in team.forms() if f.fields.get("action") == [step])
        team.submit(to="/etape/", action=step, version=form.fields["version"][0])
    team.open(alert).must_say("Situation stabilisée", "Relais dans les 72 heures")
    team.open(alert + "terminer/").submit(reason="no_relay_needed")


def discharge(story: Story) -> None:
    """Discharge home with HAD."""
    place = story.at_work(*story.made["asked"][2])
    place.open(story.made["stay"] + "sortie/").submit(destination="home_with_had")
    place.open(story.made["stay"]).must_say("Domicile")


def exchange(story: Story) -> None:
    """Another system finds the person by INS and by name, and the rest by `patient=`; everything from the store."""
    reader = story.partner("reader", DAC, READER_SCOPES)
    ins = f"urn:oid:1.2.250.1.213.1.4.11|{story.input['ins']}"
    found = resources(reader.find("Patient", identifier=ins))
    assert [one["id"] for one in found] == [story.made["person"]], "not found by INS"
    assert found == resources(reader.find("Patient", family=story.input["search"]["family"])), (
        "not found by name prefix"
    )
    bundles = {"Patient": found}
    for kind in READ:
        bundles[kind] = resources(reader.find(kind, patient=story.made["person"]))
        assert bundles[kind], f"no {kind}"
    for kind, held in bundles.items():
        story.keep(
            f"fhir/{kind}.json",
            {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in held]},
        )
    papers = {
        one["status"]: reader.download(one["content"][0]["attachment"]["url"].split("/fhir/")[-1])
        for one in bundles["DocumentReference"]
        if "18776-5" in json.dumps(one["type"])
    }
    kept = {"current": "ppa-v2.pdf", "superseded": "ppa-v1.pdf"}
    assert papers == {status: (story.out / name).read_bytes() for status, name in kept.items()}, (
        "the PDFs are others through FHIR"
    )
    statuses = sorted(task["status"] for task in bundles["Task"])
    assert {"cancelled", "completed", "rejected"} <= set(statuses), statuses
    reader.find("CarePlan", expect=400, patient=story.made["person"], unknown_parameter="1")
    reader.read(f"Patient?identifier={ins}", expect=400)
    _ask_the_latest(story)
    stranger = story.partner("stranger", "DAC Jura (fictif)", READER_SCOPES)
    stranger.read(f"Patient/{story.made['person']}", expect=404)
    assert resources(stranger.find("Patient", family=story.input["search"]["family"])) == []


def _ask_the_latest(story: Story) -> None:
    """The system of the hospital asks in one call which directives are the latest, and what became of a former one."""
    hospital = story.partner("hospital-reader", HOSPITAL, READER_SCOPES)
    document = "urn:ietf:rfc:3986"
    found = resources(
        hospital.find("Consent", patient=story.made["person"], status="active", identifier=f"{document}|", _include="Consent:source-reference")
    )  # fmt: skip
    assert [one["resourceType"] for one in found] == ["Consent", "DocumentReference"], found
    assert found[0]["dateTime"] == "2026-11-20", "not the latest by its own date"
    every = resources(hospital.find("Consent", patient=story.made["person"], identifier=f"{document}|"))
    assert sorted(one["status"] for one in every) == ["active", "draft", "inactive"], every
    for kind in ("Procedure", "DetectedIssue"):
        held = resources(hospital.find(kind, patient=story.made["person"]))
        assert held, f"no {kind}"
        story.keep(f"fhir/{kind}.json", {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in held]})  # fmt: skip


def timeline(story: Story) -> None:
    """One timeline tells all of it; a stranger and the technical administrator get 404."""
    me = story.coordinator.open(story.person)
    me.must_say("Fil du parcours", "Sortie", "Plan signé")
    story.keep("person.html", me.page.content)
    story.at_work("admin.technique", story.organisation_of("admin.technique")).open(story.person, expect=404)
    story.at_work("gestionnaire1.lons-le-saunier", "DAC Jura (fictif)").open(story.person, expect=404)


def stand_by(story: Story) -> None:
    """A volunteer enters the circle with the person's agreement, reads what she shares, writes a visit."""
    address = story.person + "cercle/accord/"
    me = story.coordinator.open(address)
    before_name = me.page.text[: me.page.text.index(ASSOCIATION)]
    association = re.findall(r'value="([0-9a-f-]{36})"', before_name)[-1]
    me.submit(to="/accord/", organisations=[association], categories=["what_matters"], means="spoken")
    volunteer = story.at_work("benevole.nevers", ASSOCIATION).open(story.person)
    volunteer.must_say("Où la trouver", "Ce qui compte pour elle")
    volunteer.open(story.person + "plan/", expect=404)
    volunteer.open(f"/visites/personnes/{story.made['person']}/").submit(presence="met")
    story.coordinator.open(story.person).must_say("Visites de bénévoles", "Clairsonge")


def say_how_to_tell(story: Story) -> None:
    """The person says how her relatives are to be told, in her words."""
    me = story.coordinator.open(story.person + "apres/souhaits/")
    me.submit(to="/souhaits/", by_whom="Mon fils", words_chosen=story.input["telling"]).must_say(story.input["telling"])


def tell_relatives(story: Story) -> None:
    """Her son is told in the words that she chose, and will be called back; the DAC sees whom to call."""
    me = story.coordinator.open("/proches-a-rappeler/").must_say("Prévenir du décès")
    me.open(me.links_to("/apres/contacts/")[0]).must_say(story.input["telling"])
    me.submit(outcome="done", by_whom="Anselme Brinsonge").must_say("Appel deux semaines après", "Fait")


def death(story: Story) -> None:
    """The death closes what is open, in gentle words."""
    me = story.physician.open(f"/sejours/personnes/{story.made['person']}/deces/")
    me.submit(to="/deces/", is_sure="on")
    story.coordinator.open(story.person).must_say("Personne décédée le")


STEPS: list[tuple[str, Callable[[Story], None]]] = [
    ("annonce d’une maladie grave, reçue en FHIR", announce),
    ("mauvaises annonces refusées, rien d’écrit", refuse_bad_announcements),
    ("signalement, inclusion, référent", include),
    ("échelles notées, conseils, niveau de gradation motivé", assess),
    ("proposition d’un plan acceptée", answer_proposal),
    ("conduite à tenir et prescription anticipée, vérifiée au domicile", foresee),
    ("plan écrit avec la personne, à son rythme", write_plan),
    ("un thème écrit à deux en même temps, rapproché", write_at_once),
    ("plan relu avec elle, accord recueilli", agree),
    ("plan signé par le médecin, version et PDF", sign_plan),
    ("plan déposé à la main, remis sur papier, relecture prévue", circulate_plan),
    ("une action confiée à une autre équipe, qui répond de son bureau", entrust),
    ("directives anticipées avec leur document", directives),
    ("un document plus ancien, une contradiction levée, un dépôt", former_directives),
    ("personne de confiance choisie, une signature attendue", trusted_person),
    ("son lien par courriel, le guide, son accord, puis sa signature", accept_by_link),
    ("guide remis, délégué de Mon espace santé", stand_beside),
    ("fiche d’urgence signée, envoyée au SAMU, à mettre à jour", emergency_sheet),
    ("le code du papier, lu par un téléphone", scan_the_sheet),
    ("sédation à la demande de la personne, décidée ensemble", decide_together),
    ("des directives qui ne correspondent pas, un second avis", set_aside),
    ("ses volontés cherchées dans l’ordre avant de limiter un traitement", search_her_will),
    ("une personne protégée, des témoins, une révocation", protect),
    ("une demande à trois structures", refer),
    ("un refus motivé, un accord de principe, une place proposée", answer),
    ("admission effective, les autres lignes se ferment", admit),
    ("directives et personne de confiance demandées à l’admission, plan à relire", ask_on_admission),
    ("appel à l’équipe rapide et son chronomètre", call_rapid_response),
    ("sortie au domicile avec HAD", discharge),
    ("une seconde version du plan, comparée à la première", renew_plan),
    ("un autre système lit tout en FHIR", exchange),
    ("un seul fil du parcours, fermé aux autres", timeline),
    ("un bénévole dans le cercle, avec sa vue à elle", stand_by),
    ("les mots pour prévenir ses proches", say_how_to_tell),
    ("décès, en un seul acte", death),
    ("ses proches prévenus avec ses mots", tell_relatives),
]


def _registered(who: Browser, identity: dict[str, Any]) -> str:
    """Register a person by the screen and return the address of her page."""
    who.open("/personnes/nouvelle/").submit(to="/nouvelle/", **identity)
    return f"/personnes/{first_uuid(who.where)}/"


def _code_on(paper: Path) -> str:
    """Return what a reader of two-dimensional codes sees on a printed paper, at the resolution of a screen's picture of it."""
    with PdfDocument(paper) as pages:
        found = [code.text for page in pages for code in read_barcodes(page.render(scale=2).to_pil())]
    assert len(found) == 1, found
    return found[0]


def _spoilt(bundle: dict[str, Any], old: str, new: str) -> bytes:
    text = json.dumps(bundle, ensure_ascii=False)
    assert old in text, f"{old!r} is not in the input"
    return text.replace(old, new).encode()


def _press(who: Browser, address: str) -> None:
    """Open a page of confirmation and press its button; confirm one's identity when the act asks for it."""
    who.open(address)
    who.submit(to=address)


def _confirm(who: Browser, address: str) -> None:
    """Press the button of one step, from the page that shows it or from its own page."""
    line = address.split("reponse/", maxsplit=1)[0]
    who.open(line)
    if not who.has_form(address):
        who.open(address)
    who.submit(to=address)


def _received_line(who: Browser) -> str:
    """Return the address of the newest request line that a structure received."""
    who.open("/demandes/recues/").must_say("VALDORIANE")
    return next(link for link in who.links_to("/demandes/lignes/"))


def _page_under(who: Browser, part: str) -> str:
    """Return the address of the first thing of one kind that the page links to."""
    return next(link for link in who.links_to(f"/{part}/") if re.search(rf"/{part}/[0-9a-f-]{{36}}/$", link))


def _none(_: object) -> None:
    """The command that ran has already failed when what it checks does not hold."""
