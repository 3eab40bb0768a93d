"""The `accounts` app."""

from accounts.kernel.features import FeatureAppConfig


class AccountsConfig(FeatureAppConfig):
    """Registers the feature packages of `accounts`."""

    default = True
    name = "accounts"
    verbose_name = "Comptes et accès"
