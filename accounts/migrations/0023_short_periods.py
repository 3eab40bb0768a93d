"""What is no part of a file may be kept for some days only: a text that was begun and never saved.

Nullable, so that SQLite adds the column in place.
"""

from django.db import migrations, models

TEXT_DRAFT = (
    "Limitation de la conservation (RGPD, art. 5, 1, e) : un texte jamais enregistré n’est pas une pièce du dossier, "
    "il n’est gardé que pour son auteur"
)


def write_rule(apps, schema_editor):
    """Thirty days after the last word that was typed."""
    apps.get_model("accounts", "RetentionRule").objects.create(
        object="text_draft", trigger="last_activity", years=0, days=30, basis=TEXT_DRAFT
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0022_identity_merge")]

    operations = [
        migrations.AddField("retentionrule", "days", models.PositiveSmallIntegerField(null=True)),
        migrations.RunPython(write_rule, migrations.RunPython.noop),
    ]
