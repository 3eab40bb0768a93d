"""How an app finds the models and the checks of its feature packages."""

from importlib import import_module
from pkgutil import iter_modules

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.module_loading import module_has_submodule


class FeatureAppConfig(AppConfig):
    """An app made of feature packages, each with the same floors.

    A feature's models carry the app's label, so a model can move from one
    feature to another without a migration.
    """

    def import_models(self) -> None:
        """Register the models of every feature beside those of the app."""
        super().import_models()
        self.models_module = self.module  # an app without this is taken for one without tables
        self._import_from_features("models")

    def ready(self) -> None:
        """Load what registers itself, and see to keys, append-only tables and walls after each migration."""
        from accounts.kernel.guards import guard_append_only_tables, lift_guards
        from accounts.kernel.keyring import ensure_data_keys
        from accounts.kernel.wall import raise_walls, watch_connection

        if self.label == "accounts":
            post_migrate.connect(ensure_data_keys, sender=self)
            connection_created.connect(watch_connection)
        pre_migrate.connect(lift_guards, sender=self)
        post_migrate.connect(guard_append_only_tables, sender=self)
        post_migrate.connect(raise_walls, sender=self)
        self._import_from_features("tasks")
        self._import_from_features("panels")

    def _import_from_features(self, floor: str) -> None:
        for found in iter_modules([self.path]):
            if not found.ispkg:
                continue
            feature = import_module(f"{self.name}.{found.name}")
            if module_has_submodule(feature, floor):
                import_module(f"{feature.__name__}.{floor}")
