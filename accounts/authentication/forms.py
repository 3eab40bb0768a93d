"""The forms of sign-in, in our words."""

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as mfa_base
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, AuthenticateWebAuthnForm, ReauthenticateWebAuthnForm
from django import forms
from django.core.validators import MaxLengthValidator

from accounts.authentication.second_factor import count_wrong_code, is_locked, use_code

LONGEST_KEY_ANSWER = 64 * 1024
CODE = {"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True}


class SignInForm(LoginForm):  # type: ignore[misc]  # (allauth is untyped)
    """Login and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _rename(self, login="Identifiant", password="Mot de passe")  # noqa: S106 (a label)
        self.fields["login"].widget.attrs |= {"autocapitalize": "none", "spellcheck": "false", "autofocus": True}

    def clean_login(self) -> str:
        """Return the login in lower case: one account has one count of failures."""
        return super().clean_login().lower()  # type: ignore[no-any-return]  # (allauth is untyped)


class _CodeOnce:
    """A code of the application, or a recovery code, taken once."""

    user: Any
    cleaned_data: dict[str, Any]
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["code"].label = "Code à six chiffres"
        self.fields["code"].help_text = "Celui que votre application affiche, ou l’un de vos codes de secours."
        self.fields["code"].widget.attrs = CODE

    def clean_code(self) -> str:
        """Use the code up, or refuse it in one same sentence whatever is wrong with it."""
        code: str = self.cleaned_data["code"].replace(" ", "")
        if not is_locked(context.request, self.user):
            self.authenticator = use_code(self.user, code)
            if self.authenticator is not None:
                self.authenticator.user = self.user
                return code
            count_wrong_code(context.request, self.user)
        raise get_adapter().validation_error("incorrect_code")


class SecondFactorForm(_CodeOnce, mfa_base.AuthenticateForm):  # type: ignore[misc]  # (allauth is untyped)
    """The second step of a sign-in."""


class ConfirmCodeForm(_CodeOnce, mfa_base.ReauthenticateForm):  # type: ignore[misc]  # (allauth is untyped)
    """Confirming that one is still oneself."""


class KeyAnswerField(forms.JSONField):
    """What a browser hands over for a security key; junk is refused like a wrong key."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        """Return the object that was sent."""
        try:
            if len(value or "") <= LONGEST_KEY_ANSWER and isinstance(read := super().to_python(value), dict):
                return read
        except (forms.ValidationError, ValueError, RecursionError):
            pass
        raise get_adapter().validation_error("incorrect_key")

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return nothing: an answer serves once and is never shown back."""
        return None


class _KeyForm:
    """What a security key signed; a wrong answer counts like a wrong code."""

    user: Any
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"] = KeyAnswerField()

    def clean_credential(self) -> Any:
        """Return the key that signed, or refuse in one same sentence."""
        if not is_locked(context.request, self.user):
            try:
                return super().clean_credential()  # type: ignore[misc]  # (of the form it is mixed into)
            except (forms.ValidationError, ValueError, TypeError, KeyError, AttributeError):
                count_wrong_code(context.request, self.user)
        raise get_adapter().validation_error("incorrect_key")


class SecondKeyForm(_KeyForm, AuthenticateWebAuthnForm):  # type: ignore[misc]  # (allauth is untyped)
    """The second step of a sign-in, by a security key."""


class ConfirmKeyForm(_KeyForm, ReauthenticateWebAuthnForm):  # type: ignore[misc]  # (allauth is untyped)
    """Confirming that one is still oneself, by a security key."""


class NewKeyForm(AddWebAuthnForm):  # type: ignore[misc]  # (allauth is untyped)
    """A security key, or the lock of a phone or computer, that joins the account."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _rename(self, name="Nom de cette clé")
        self.fields["credential"] = KeyAnswerField()
        self.fields["name"].help_text = "Pour la reconnaître dans la liste : « Téléphone », « Clé du service »…"
        self.fields["name"].max_length = 60
        self.fields["name"].validators.append(MaxLengthValidator(60))

    def clean(self) -> Any:
        """Check what the key signed; an answer that cannot be read is refused like a wrong one."""
        try:
            return super().clean()
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise get_adapter().validation_error("incorrect_key") from error


class EnrolForm(ActivateTOTPForm):  # type: ignore[misc]  # (allauth is untyped)
    """The first code of an application that was just set up."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["code"].label = "Code à six chiffres affiché par l’application"
        self.fields["code"].widget.attrs = CODE


class ConfirmPasswordForm(ReauthenticateForm):  # type: ignore[misc]  # (allauth is untyped)
    """Confirming by password, while there is no second factor yet."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _rename(self, password="Mot de passe")  # noqa: S106 (a label)


class NewPasswordForm(ChangePasswordForm):  # type: ignore[misc]  # (allauth is untyped)
    """Changing one's password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _rename(
            self,
            oldpassword="Mot de passe actuel",
            password1="Nouveau mot de passe",
            password2="Le même, une seconde fois",
        )
        self.fields["password1"].help_text = "Quinze caractères au moins : une courte phrase se retient mieux."


def _rename(form: forms.Form, **labels: str) -> None:
    form.label_suffix = ""
    for name, label in labels.items():
        field = form.fields[name]
        field.label, field.help_text = label, ""
        field.widget.attrs.pop("placeholder", None)
