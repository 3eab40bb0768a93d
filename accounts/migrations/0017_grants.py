"""An account's right to act in a function for an organisation: rows of django-guardian, given for what is held today."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

from accounts.kernel.clock import today

ROLES = (
    "gestionnaire_dac", "medecin", "infirmier", "cadre_structure", "travailleur_social", "samu_regulateur",
    "ars_lecteur", "admin_technique", "gestionnaire_habilitations", "referent_confidentialite",
)  # fmt: skip


def grant_what_is_held(apps, schema_editor):
    """Let each account go on acting in the functions that its professional holds."""
    held = apps.get_model("accounts", "Membership").objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=today()), ended_at=None, professional__user__isnull=False
    )
    wanted = list(held.order_by("pk").values_list("professional__user__pk", "organisation_id", "role"))
    if not wanted:
        return
    kind, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="accounts", model="organisation"
    )
    permissions = apps.get_model("auth", "Permission").objects
    rights = {
        role: permissions.get_or_create(content_type=kind, codename=role, defaults={"name": f"act as {role}"})[0]
        for role in ROLES
    }
    grants = apps.get_model("accounts", "OrganisationGrant")
    grants.objects.bulk_create(
        [
            grants(user_id=account, content_object_id=organisation, permission=rights[role])
            for account, organisation, role in wanted
        ],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0016_rights"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="organisation",
            options={"default_permissions": (), "permissions": [(role, f"act as {role}") for role in ROLES]},
        ),
        migrations.CreateModel(
            name="OrganisationGrant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "content_object",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="grants", to="accounts.organisation"
                    ),
                ),
                (
                    "permission",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="auth.permission"),
                ),
                (
                    "user",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL),
                ),
            ],
            options={
                "abstract": False,
                "unique_together": {("user", "permission", "content_object")},
            },
        ),
        migrations.RunPython(grant_what_is_held, migrations.RunPython.noop),
    ]
