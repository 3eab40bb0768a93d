"""A mandate of identity vigilance is given beside a function, with the same two rows."""

from django.db import migrations

DUTIES = (
    "gestionnaire_dac", "medecin", "infirmier", "cadre_structure", "travailleur_social", "samu_regulateur",
    "ars_lecteur", "admin_technique", "gestionnaire_habilitations", "referent_confidentialite", "identitovigilance",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("accounts", "0020_purge_the_log")]

    operations = [
        migrations.AlterModelOptions(
            name="organisation",
            options={"default_permissions": (), "permissions": [(code, f"act as {code}") for code in DUTIES]},
        )
    ]
