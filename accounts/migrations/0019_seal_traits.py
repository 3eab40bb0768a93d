"""Seal the sex of persons, the digests of their documents and the reasons of transitions."""

from django.db import migrations

from accounts.kernel.sealing import sealed_column


class Migration(migrations.Migration):
    dependencies = [("accounts", "0018_retention_periods")]

    operations = [
        migrations.RemoveConstraint("person", "person_sex"),
        *sealed_column("accounts", "person", "sex", length=8),
        *sealed_column("accounts", "document", "sha256", length=64),
        *sealed_column("accounts", "document", "sha1", length=40),
        *sealed_column("accounts", "transition", "reason", length=40, null=True),
    ]
