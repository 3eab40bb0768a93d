"""Rows of the matrix that need a story of their own: the test that walks each, which fails unless the gate gave the right in it."""

from collections.abc import Iterable, Mapping

from accounts.audit.records import AuditEntry, Outcome

BREAK_GLASS = "tests/integration/test_walks.py::test_who_stands_in_an_emergency_service_finds_opens_reads_and_ends"
TOLD = "tests/integration/test_walks.py::test_her_own_team_tells_her_that_her_file_was_opened"
CONFIRMED = "tests/integration/test_walks.py::test_a_declared_relation_is_confirmed_by_somebody_of_the_circle"
OPINION = "tests/integration/test_walks.py::test_who_was_asked_gives_an_opinion"
PAPER = "tests/integration/test_walks.py::test_a_signed_designation_is_downloaded_by_the_circle"
FIGURES = (
    "tests/integration/pathway/indicators/test_figures.py::test_each_function_with_figures_takes_them_away_as_a_file"
)
STAFF = "tests/integration/accounts/staff/test_staff.py"
MACHINE = f"{STAFF}::test_who_runs_the_machine_resets_and_closes_an_account_too"
PAGES_OF_STAFF = f"{STAFF}::test_the_pages_from_opening_an_account_to_its_reset"
SYSTEMS = "tests/integration/accounts/systems/test_screens.py"
PURGE = "tests/integration/accounts/retention/test_purge.py"
COPY = "tests/integration/accounts/rights/test_rights.py::test_the_officer_reads_no_name_and_the_copy_is_handed_over_by_a_name"
DIRECTIVES = (
    "tests/integration/ppa/directives/test_commands.py::test_the_coordinator_reads_only_what_the_person_agreed_to_share"
)

WALKED: Mapping[str, str] = {
    "advance_directive.read_content-gestionnaire_dac": f"{DIRECTIVES}[True]",
    "advance_directive.read_existence-client_fhir": "tests/integration/fhir_bridge/test_wishes.py::test_a_place_known_only_is_a_document_without_bytes",
    **{
        f"break_glass.{act}-{role}": f"{BREAK_GLASS}[{role}]"
        for act in ("end", "list_own", "open")
        for role in ("medecin", "samu_regulateur")
    },
    "break_glass.find-medecin": f"{BREAK_GLASS}[medecin]",
    "break_glass.tell_person-gestionnaire_dac": "tests/integration/accounts/break_glass/test_commands.py::test_the_dac_that_follows_her_tells_her_within_a_day",
    "break_glass.tell_person-infirmier": f"{TOLD}[infirmier]",
    "break_glass.tell_person-medecin": f"{TOLD}[medecin]",
    "circle_membership.review_claim-gestionnaire_dac": f"{CONFIRMED}[gestionnaire_dac]",
    "circle_membership.review_claim-medecin": f"{CONFIRMED}[medecin]",
    **{f"document.download-{role}": f"{PAPER}[{role}]" for role in ("gestionnaire_dac", "infirmier", "medecin")},
    "fhir_client.rotate_key-client_fhir": "tests/integration/accounts/systems/test_keys.py::test_a_system_changes_its_own_keys_with_the_present_one",
    "fhir_client.register-admin_technique": f"{SYSTEMS}::test_a_system_opens_when_a_second_person_confirms",
    "fhir_client.widen_scope-admin_technique": f"{SYSTEMS}::test_scopes_are_widened_by_two_persons",
    "opinion.give-infirmier": f"{OPINION}[infirmier]",
    "opinion.give-medecin": f"{OPINION}[medecin]",
    "retention_purge.execute-admin_technique": f"{PURGE}::test_two_persons_do_it_on_screen_and_read_no_name",
    "retention_purge.execute-systeme": f"{PURGE}::test_two_persons_do_it_on_screen_and_read_no_name",
    "retention_purge.preview-systeme": f"{PURGE}::test_the_console_looks_and_carries_out_only_what_two_persons_gave",
    "retention_purge.set_legal_hold-referent_confidentialite": f"{PURGE}::test_a_claim_keeps_the_file_even_after_the_order",
    "rgpd_request.hand_over-gestionnaire_dac": COPY,
    "rgpd_request.produce_export-referent_confidentialite": COPY,
    **{
        f"statistics.export_csv_aggregate-{role}": f"{FIGURES}[{role}]"
        for role in ("ars_lecteur", "cadre_structure", "gestionnaire_dac")
    },
    "statistics.read_aggregate_own_org-cadre_structure": f"{FIGURES}[cadre_structure]",
    "statistics.read_aggregate_own_org-gestionnaire_dac": f"{FIGURES}[gestionnaire_dac]",
    "statistics.read_aggregate_region-ars_lecteur": f"{FIGURES}[ars_lecteur]",
    "trusted_person_link.note_sent-systeme": "tests/integration/ppa/acceptances/test_acceptances.py::test_a_link_opens_once_with_its_code_and_a_new_one_ends_the_former",
    **{f"user_account.{act}-admin_technique": MACHINE for act in ("ask_reset", "disable", "reset_mfa")},
    **{
        f"user_account.{act}-gestionnaire_habilitations": PAGES_OF_STAFF
        for act in ("allow_sessions", "ask_reset", "disable", "grant_role_own_org", "reset_mfa")
    },
    "user_account.open_console-systeme": "tests/integration/accounts/authentication/test_accounts.py::test_a_new_account_signs_in_and_must_enrol",
}
"""The right and the function of a row, and its test, with its parameters where they choose the function."""


def not_walked(meant: Iterable[str], entries: Iterable[AuditEntry]) -> list[str]:
    """Return the rows whose right was not given to their function in what was noted."""
    given = {f"{one.action}-{one.actor.role}" for one in entries if one.outcome == Outcome.ALLOWED}
    return sorted(set(meant) - given)
