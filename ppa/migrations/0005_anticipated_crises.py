"""Keep anticipated crises, the drugs prescribed ahead for them, and what is found at home."""

import django.db.models.deletion
from django.db import migrations, models

import accounts.kernel.clock
import accounts.kernel.fields
import accounts.kernel.ids
import ppa.crises.states


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0020_purge_the_log"),
        ("ppa", "0004_directive_deposits"),
    ]

    operations = [
        migrations.CreateModel(
            name="Crisis",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=accounts.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(default=accounts.kernel.clock.now, editable=False)),
                ("version", models.PositiveIntegerField(default=0, editable=False)),
                ("updated_at", models.DateTimeField(default=accounts.kernel.clock.now, editable=False)),
                ("state", models.CharField(default=ppa.crises.states.CrisisState["ACTIVE"], max_length=10)),
                ("content", accounts.kernel.fields.EncryptedJSONField()),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.professional",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.person"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Prescription",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=accounts.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(default=accounts.kernel.clock.now, editable=False)),
                ("content", accounts.kernel.fields.EncryptedJSONField()),
                ("stopped_at", models.DateTimeField(null=True)),
                (
                    "crisis",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="prescriptions", to="ppa.crisis"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
                (
                    "prescriber",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.professional",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="HomeCheck",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=accounts.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(default=accounts.kernel.clock.now, editable=False)),
                ("checked_on", models.DateField()),
                ("found", accounts.kernel.fields.EncryptedTextField()),
                ("expires_on", models.DateField(null=True)),
                ("note", accounts.kernel.fields.EncryptedTextField(default="")),
                (
                    "checker",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.professional",
                    ),
                ),
                (
                    "prescription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="checks", to="ppa.prescription"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="crisis",
            index=models.Index(fields=["person", "state"], name="crisis_person"),
        ),
        migrations.AddConstraint(
            model_name="crisis",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ("active", "withdrawn"))), name="crisis_state"
            ),
        ),
        migrations.AddIndex(
            model_name="homecheck",
            index=models.Index(fields=["prescription", "-checked_on", "-created_at"], name="home_check_latest"),
        ),
    ]
