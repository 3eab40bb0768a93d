"""The steps of the main job. Each does what a person or a system would do, and looks at what comes back."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.scenario.installation import ROOT, Installation
from tests.scenario.partner import Partner, resources
from tests.support.browser import Browser, first_uuid

INPUTS = Path(__file__).parent / "inputs"
DAC = "DAC Côte-d’Or (fictif)"
ONCOLOGY = "Oncologie – Dijon (fictif)"
HOSPITAL = "Centre hospitalier des Trois-Sources (fictif)"
HOSPITAL_SCOPES = "system/Patient.crs system/Condition.crs system/Communication.crs system/Practitioner.crs system/Organization.crs system/Task.crs"
READER_SCOPES = "system/*.rs"


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
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False, indent=2).encode())
        return path

    def partner(self, name: str, organisation: str, scopes: str) -> Partner:
        """Register a system of an organisation and sign it in."""
        partner = Partner(self.place.base, name)
        keys = partner.write_keys(self.out / f"{name}.jwks.json")
        finess = self.finess(organisation)
        printed = self.place.manage("create_fhir_client", name, "--organisation", finess, "--scopes", scopes, "--jwks", str(keys))
        partner.client_id = first_uuid(printed)
        partner.sign_in(scopes)
        return partner

    def finess(self, organisation: str) -> str:
        """Return the number of a structure of the demo territory."""
        code = "from accounts.organisations.models import Organisation as O; print(O.objects.get(name={!r}).finess)"
        return self.place.manage("shell", "--no-imports", "-c", code.format(organisation)).strip()

    def checks(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """Give what is verified once the processes have ended."""
        return iter(())


def announce(story: Story) -> None:
    """A hospital's record system posts the announcement as one FHIR transaction."""
    hospital = story.partner("hospital", HOSPITAL, HOSPITAL_SCOPES)
    story.made["hospital"] = hospital
    text = (INPUTS / "announcement.json").read_text("utf-8").replace("FINESS", story.finess(HOSPITAL)).replace("RPPS", "80000000013")
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
        ("unknown subject", _spoilt(good, '"subject": {"reference": "urn:uuid:0b0e', '"subject": {"reference": "urn:uuid:ffff'), 400),
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
    me.open(story.made["case"] + "referent/")
    mine = next(value for form in me.forms() for value in form.choices.get("coordinator", []))
    me.submit(coordinator=mine)
    me.open(story.person).must_say("VALDORIANE Ysoline", "INS qualifiée")


def answer_proposal(story: Story) -> None:
    """The person accepts that a plan be made with her."""
    me = story.coordinator.open(story.person)
    me.follow("proposition").submit(answer="accept")
    me.open(story.person).must_say("acceptée")


def write_plan(story: Story) -> None:
    """Topics at her pace, a need with its goal and its first action, then the plan is read with her."""
    me = story.coordinator.open(story.person + "plan/")
    me.open(story.person + "plan/commencer/").submit(to="commencer")
    for code, words in story.input["topics"].items():
        me.open(f"{story.person}plan/themes/{code}/").submit(to=f"themes/{code}", text=words)
    me.open(story.person + "plan/themes/inner_life/").submit(to="rythme", pace="not_now")
    me.open(story.person + "plan/besoins/nouveau/").submit(
        need=story.input["need"], goal=story.input["goal"], words="person", what=story.input["action"], who="Équipe mobile"
    )
    me.open(story.person + "plan/").must_say(story.input["need"], "Pas maintenant")
    _press(me, story.person + "plan/partager/")
    me.open(story.person + "plan/accord/").submit(means="spoken_with_witness", witness="Tancrède MERVANDOUX")
    me.open(story.person + "plan/").must_say("Accord")


def sign_plan(story: Story) -> None:
    """The physician signs; the version is immutable and prints."""
    me = story.physician
    me.must_say("Plans à signer", "VALDORIANE")
    _press(me, story.person + "plan/signer/")
    me.open(story.person + "plan/versions/1/pdf/")
    assert me.page.content.startswith(b"%PDF-"), "no PDF"
    story.keep("ppa-v1.pdf", me.page.content)


def directives(story: Story) -> None:
    """A dated signed document with its file; undated or by a minor it is refused."""
    me = story.physician.open(story.person + "directives/nouvelles/")
    paper = {"file": ("directives.pdf", (INPUTS / "directives.pdf").read_bytes(), "application/pdf")}
    me.submit(files=paper, medium="paper_scan", has_signature="on", expect=422)
    me.submit(files=paper, medium="paper_scan", signed_on="2026-11-20", has_signature="on", wish_0="deny", text="Pas d’acharnement.")
    me.open(story.person).must_say("20/11/2026")


def trusted_person(story: Story) -> None:
    """A designation counts with both signatures only."""
    me, son = story.coordinator, story.input["relative"]
    who = {
        "relative": "new", "family": son["family"], "given": son["given"], "relation": "SONC", "birth_date": son["birth_date"],
        "phone": son["phone"], "person_signed_on": "2026-11-20",
    }  # fmt: skip
    me.open(story.person + "confiance/designer/").submit(expect=422, **who)
    me.submit(trusted_signed_on="2026-11-20", **who)
    me.open(story.person).must_say("Personne de confiance", "Tancrède")


def refer(story: Story) -> None:
    """One request to three structures, with the person's agreement."""
    me = story.coordinator.open(f"/demandes/nouvelle/{story.made['person']}/")
    needed = {name: story.input["reason"] for form in me.forms() for name in ("reason", "question", "callback", "summary", "wishes") if name in form.fields}
    me.submit(kind="usp", urgency="urgent", level="3", **needed)
    story.made["request"] = first_uuid(me.where)
    me.open(f"/demandes/{story.made['request']}/structures/?autres=1")
    page = next(form for form in me.forms() if form.choices.get("offers"))
    offers = page.choices["offers"][:3]
    assert len(offers) == 3, f"only {len(offers)} structures proposed"
    me.submit(offers=offers)
    me.open(f"/demandes/{story.made['request']}/envoi/").submit(consent_means="spoken", informed="on")
    me.open(f"/demandes/{story.made['request']}/")
    story.made["lines"] = list(dict.fromkeys(me.links_to("/demandes/lignes/")))


STEPS: list[tuple[str, Callable[[Story], None]]] = [
    ("annonce d’une maladie grave, reçue en FHIR", announce),
    ("mauvaises annonces refusées, rien d’écrit", refuse_bad_announcements),
    ("signalement, inclusion, référent", include),
    ("proposition d’un plan acceptée", answer_proposal),
    ("plan écrit avec la personne, accord recueilli", write_plan),
    ("plan signé par le médecin, version et PDF", sign_plan),
    ("directives anticipées avec leur document", directives),
    ("personne de confiance, deux signatures", trusted_person),
    ("une demande à trois structures", refer),
]


def _spoilt(bundle: dict[str, Any], old: str, new: str) -> bytes:
    text = json.dumps(bundle, ensure_ascii=False)
    assert old in text, f"{old!r} is not in the input"
    return text.replace(old, new).encode()


def _press(who: Browser, address: str) -> None:
    """Open a page of confirmation and press its button; confirm one's identity when the act asks for it."""
    who.open(address)
    who.submit(to=address)
