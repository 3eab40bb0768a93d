"""Seal why a line of a request ended."""

from django.db import migrations

from accounts.kernel.sealing import sealed_column


class Migration(migrations.Migration):
    dependencies = [("pathway", "0002_published_figures"), ("accounts", "0019_seal_traits")]

    operations = sealed_column("pathway", "requestline", "reason", length=30, default="")
