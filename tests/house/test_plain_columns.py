"""Each column whose text lies in clear, with the reason why it may: a new one is a decision, never a habit.

Names, contacts, codes of care and free text of a person are sealed (`accounts.kernel.fields`).
"""

from collections.abc import Mapping

from django.apps import apps
from django.db import models

from accounts.kernel.fields import EncryptedField

OURS = frozenset({"accounts", "ppa", "pathway", "fhir_bridge"})

PLAIN: Mapping[str, str] = {
    "a state of a life cycle: filtered, constrained, in every index": """
        accounts.DataKey.state accounts.Work.state accounts.IdentityAlert.state accounts.IdentityMerge.state accounts.Person.status
        accounts.TreatingClaim.state accounts.Document.scan
        ppa.PlanProposal.state ppa.Assessment.state ppa.Crisis.state ppa.EmergencySheet.state ppa.Settlement.state ppa.CollegialDecision.state ppa.BereavementContact.state pathway.Opinion.state ppa.Directive.state ppa.Plan.state ppa.Designation.state ppa.Goal.status ppa.PlannedAction.status ppa.EntrustedAction.state
        pathway.Hold.state pathway.Case.state pathway.WorklistCount.state pathway.Alert.state pathway.Request.state
        pathway.RequestLine.state pathway.Stay.state accounts.BreakGlass.state accounts.EmergencyAccessNotice.state
    """,
    "the history of states: names of aggregates, deeds and states": """
        accounts.Transition.aggregate_type accounts.Transition.deed accounts.Transition.source
        accounts.Transition.target accounts.Transition.actor_role
    """,
    "why somebody stands in a circle and how the person said so: what the gate and its audit rest on": """
        accounts.CircleMembership.basis accounts.SharingConsent.means accounts.SharingConsent.notice_version
        accounts.SharingConsent.withdrawn_means accounts.Opposition.means accounts.Opposition.lifted_means
        accounts.CircleMembership.category accounts.SharingConsent.categories accounts.Opposition.category
    """,
    "the manifest of a merge of two records: tables, keys, columns, and the ids or instants they held": """
        accounts.IdentityMove.table accounts.IdentityMove.row accounts.IdentityMove.column accounts.IdentityMove.before
        accounts.IdentityMove.after
    """,
    "the audit and the queues: who did what when, by ids and codes, without any content": """
        accounts.AuditRow.chain accounts.AuditRow.role accounts.AuditRow.channel accounts.AuditRow.session
        accounts.AuditRow.action accounts.AuditRow.object_type accounts.AuditRow.outcome accounts.AuditRow.rule
        accounts.AuditRow.ip accounts.AuditRow.purpose accounts.AuditRow.query accounts.ChainHead.chain
        accounts.AuditCheckpoint.chain accounts.AuditCheckpoint.hash accounts.AuditCheckpoint.signature
        accounts.AuditSegment.chain accounts.AuditSegment.start accounts.AuditSegment.digest
        accounts.AuditSegment.signature accounts.WitnessCursor.name accounts.WitnessCursor.error accounts.StoredEvent.type accounts.StoredEvent.aggregate_type
        accounts.StoredEvent.origin accounts.Work.consumer accounts.Work.error_class accounts.JobRun.name
        accounts.JobRun.last_error accounts.IdempotencyKey.key accounts.IdempotencyKey.answer
        accounts.ReserveBook.hash accounts.ReadOnlySpell.reason fhir_bridge.ReceivedMessage.became accounts.DataKey.purpose accounts.KeyRotation.purpose
        accounts.KeyRotation.table accounts.KeyRotation.cursor
    """,
    "accounts and systems: professionals at work; secrets are hashed or public keys": """
        accounts.User.password accounts.User.username accounts.User.email accounts.FhirClient.name
        accounts.FhirClient.scopes accounts.FhirClient.jwks accounts.FhirClient.jwks_url accounts.FetchedKeys.jwks
        accounts.ScopeAsk.scopes accounts.ScopeAsk.state accounts.ScopeAsk.asked_by_name accounts.AccessToken.digest
        accounts.AccessToken.scopes accounts.AccessToken.certificate
        accounts.UsedAssertion.jti
    """,
    "where and how a professional’s account is open, shown to its holder for a day; what the provider gave is sealed": """
        accounts.OpenSession.key accounts.OpenSession.way accounts.OpenSession.device accounts.OpenSession.address
        accounts.OpenSession.ending accounts.GuestAccess.role accounts.GuestAccess.link_digest ppa.AcceptanceLink.link_digest
    """,
    "the directory of structures and professionals, which is public": """
        accounts.Territory.code accounts.Territory.kind accounts.Territory.name accounts.TerritoryPart.code
        accounts.Organisation.finess accounts.Organisation.name accounts.Organisation.kind
        accounts.Organisation.commune accounts.Organisation.city accounts.Organisation.departement
        accounts.Organisation.phone accounts.Organisation.email accounts.Professional.rpps
        accounts.Professional.title accounts.Professional.family accounts.Professional.given
        accounts.Professional.profession accounts.Professional.phone accounts.Professional.email
        accounts.Membership.role pathway.CareOffer.code pathway.CareOffer.kind pathway.CareOffer.name
        pathway.CareOffer.levels pathway.CareOffer.excludes pathway.CareOffer.criteria_text pathway.CareOffer.hours
        pathway.CareOffer.phone pathway.CareOffer.night_phone pathway.CareOffer.email pathway.CareOffer.search_text
        pathway.OfferArea.code pathway.DirectoryImport.kind pathway.DirectoryImport.digest
    """,
    "how long what is kept, and orders to erase by reference: digests and counts, nobody's name": """
        accounts.RetentionRule.object accounts.RetentionRule.trigger accounts.RetentionRule.basis
        accounts.PurgeOrder.state accounts.PurgeOrder.digest accounts.PurgeOrder.segments accounts.PurgeOrder.certificate
        accounts.PurgeSubject.rows accounts.PurgeSubject.digest
    """,
    "what a person asked of her file: states, kinds, the text of the law; her words are sealed": """
        accounts.AccessExport.state accounts.Addendum.target_type accounts.ErasureAnswer.basis
    """,
    "published figures, which name nobody": """
        pathway.PublishedFigure.cube pathway.PublishedFigure.place pathway.PublishedFigure.kind
        pathway.PublishedFigure.shown
    """,
    "places, counted without anybody's name": """
        pathway.Places.source pathway.CapacityObservation.nature pathway.CapacityObservation.status
        pathway.CapacityObservation.horizon pathway.CapacityObservation.gender pathway.CapacityObservation.source
    """,
    "where a person lives down to the commune: what matching and figures need, and no more": """
        accounts.Person.commune accounts.Person.departement
    """,
    "which kind of number, token, role or alert a row holds; the value itself is sealed or a keyed token": """
        accounts.Person.ins_oid accounts.PersonToken.kind accounts.OrganisationLink.ipp_system
        accounts.RelativeRoleRow.role accounts.IdentityAlert.kind fhir_bridge.Resource.rtype fhir_bridge.Resource.fid
        fhir_bridge.Resource.source_type fhir_bridge.Resource.right fhir_bridge.TokenRow.rtype
        fhir_bridge.TokenRow.param fhir_bridge.RefRow.rtype fhir_bridge.RefRow.param fhir_bridge.RefRow.target
        fhir_bridge.DateRow.rtype fhir_bridge.DateRow.param
    """,
    "the form of a file or a content": """
        accounts.Document.kind accounts.Document.content_type ppa.PlanVersion.outline ppa.Plan.outline
        ppa.Directive.medium ppa.Directive.model ppa.Directive.legal_version
    """,
    "why and how a file was opened in an emergency, by codes; the words are sealed, the reference says nothing": """
        accounts.BreakGlass.reference accounts.BreakGlass.reason accounts.BreakGlass.found_by
        accounts.BreakGlass.verdict accounts.EmergencyAccessNotice.means
    """,
    "how a wish was told, not what it is": """
        accounts.HandedList.asked_by ppa.ProposalAnswer.answer ppa.DirectiveRevocation.means ppa.PlanAgreement.means ppa.Goal.words
        ppa.Designation.scope ppa.Designation.end_means ppa.Designation.duration
    """,
    "which chapter of the plan a row belongs to; its words and how far she wishes to go are sealed": """
        ppa.PlanTopic.code ppa.TextDraft.code ppa.Need.topic ppa.PlanEntry.kind ppa.SheetHolding.deed
    """,
    "which call to a relative a dated rule foresees, by its code": """
        ppa.BereavementContact.step
    """,
    "the workflow of a request, a stay, a file or a call: filtered, counted, timed": """
        ppa.Plan.closed_for ppa.EmergencySheet.withdrawn_for pathway.Case.origin pathway.Case.urgency pathway.AlertPause.reason pathway.Request.kind
        pathway.Request.urgency pathway.RequestLine.alternative
        pathway.RequestLine.destination pathway.LineMessage.kind pathway.Stay.kind pathway.Stay.destination
    """,
}


def plain_columns() -> set[str]:
    """Return every column of ours that holds text as it is."""
    texts = models.CharField | models.TextField | models.JSONField
    return {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model._meta.app_label in OURS
        for field in model._meta.local_fields
        if isinstance(field, texts) and not isinstance(field, EncryptedField)
    }


def test_each_plain_column_has_its_reason() -> None:
    listed = [column for columns in PLAIN.values() for column in columns.split()]
    assert len(listed) == len(set(listed))
    assert plain_columns() == set(listed)


def test_no_plain_column_is_named_as_what_must_be_sealed() -> None:
    told = {"note", "text", "street", "comment", "diagnosis", "birth_name", "usual_name", "ins", "ipp", "contact"}
    assert {column for column in plain_columns() if column.rpartition(".")[2] in told} == set()
