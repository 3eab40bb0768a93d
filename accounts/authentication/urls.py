"""Sign-in routes: exactly what is offered, nothing else of allauth."""

from allauth.account import views as account
from allauth.mfa.base import views as second_factor
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.webauthn import views as keys
from django.urls import path

from accounts.authentication import prosante_flow, views

urlpatterns = [
    path("connexion/", account.login, name="account_login"),
    path("connexion/code/", second_factor.authenticate, name="mfa_authenticate"),
    path("compte/deconnexion/", views.sign_out, name="account_logout"),
    path("compte/inactif/", account.account_inactive, name="account_inactive"),
    path("connexion/pro-sante-connect/", prosante_flow.psc_login, name="psc_login"),
    path("connexion/pro-sante-connect/retour/", prosante_flow.psc_callback, name="psc_callback"),
    path("compte/presence/", views.presence, name="presence"),
    path("compte/sessions/", views.sessions, name="sessions"),
    path("compte/situation/", views.situation, name="situation"),
    path("compte/confirmer/", views.step_up, name="step_up"),
    path("compte/confirmer/code/", views.confirm, name="mfa_reauthenticate"),
    path("compte/confirmer/mot-de-passe/", account.reauthenticate, name="account_reauthenticate"),
    path("compte/mot-de-passe/", account.password_change, name="account_change_password"),
    path("compte/securite/", second_factor.index, name="mfa_index"),
    path("compte/securite/application/", views.enrol, name="mfa_activate_totp"),
    path("compte/securite/changer/", views.change_device, name="mfa_deactivate_totp"),
    path("compte/confirmer/cle/", views.confirm_key, name="mfa_reauthenticate_webauthn"),
    path("compte/securite/cles/", keys.list_webauthn, name="mfa_list_webauthn"),
    path("compte/securite/cles/nouvelle/", views.add_key, name="mfa_add_webauthn"),
    path("compte/securite/cles/<int:pk>/retirer/", views.remove_key, name="mfa_remove_webauthn"),
    path("compte/securite/codes/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("compte/securite/codes/nouveaux/", recovery.generate_recovery_codes, name="mfa_generate_recovery_codes"),
]
