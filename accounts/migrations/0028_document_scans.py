"""What the antivirus says of each file: nothing yet of those that were handed in; ours need nobody's word."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

OURS = ("plan", "emergency_sheet", "export")


def tell_what_is_ours(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Mark the papers that we made."""
    apps.get_model("accounts", "Document").objects.filter(kind__in=OURS).update(scan="made_here")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0027_addendum_targets"),
    ]

    operations = [
        migrations.AddField(
            model_name="document",
            name="scan",
            field=models.CharField(default="not_scanned", max_length=12),
        ),
        migrations.AddField(
            model_name="document",
            name="scanned_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(tell_what_is_ours, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                condition=models.Q(("scan", "not_scanned")), fields=["scanned_at"], name="document_to_scan"
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(("scan__in", ["clean", "not_scanned", "made_here", "withheld"])),
                name="document_scan",
            ),
        ),
    ]
