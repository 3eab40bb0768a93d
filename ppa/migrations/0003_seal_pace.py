"""Seal how far a person wishes to go on a topic, and the digests of what she agreed to."""

from django.db import migrations

from accounts.kernel.sealing import sealed_column


class Migration(migrations.Migration):
    dependencies = [("ppa", "0002_assessments"), ("accounts", "0019_seal_traits")]

    operations = [
        migrations.RemoveConstraint("plantopic", "plan_topic_pace"),
        migrations.RemoveConstraint("topicoffer", "topic_offer_pace"),
        *sealed_column("ppa", "plantopic", "pace", length=12, default=""),
        *sealed_column("ppa", "topicoffer", "pace", length=12),
        *sealed_column("ppa", "planagreement", "digest", length=64),
        *sealed_column("ppa", "planversion", "digest", length=64),
    ]
