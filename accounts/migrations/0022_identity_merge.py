"""Two records of one person become one, with a manifest of what moved.

Nullable, so that SQLite adds the column in place: triggers and keys name this table.
"""

import django.db.models.deletion
from django.db import migrations, models

import accounts.kernel.clock
import accounts.kernel.fields
import accounts.kernel.ids


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0021_mandates"),
    ]

    operations = [
        migrations.AddField(
            model_name="person",
            name="merged_into",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="absorbed", to="accounts.person"
            ),
        ),
        migrations.CreateModel(
            name="IdentityMerge",
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
                ("reason", accounts.kernel.fields.EncryptedTextField()),
                ("merged_at", models.DateTimeField()),
                ("parted_at", models.DateTimeField(null=True)),
                ("parted_reason", accounts.kernel.fields.EncryptedTextField(default="")),
                ("is_moving", models.BooleanField(default=False)),
                ("to_read", accounts.kernel.fields.EncryptedJSONField(default=list)),
                ("read_at", models.DateTimeField(null=True)),
                ("state", models.CharField(default="joined", max_length=8)),
                (
                    "merged",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.person"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
                    ),
                ),
                (
                    "professional",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.professional",
                    ),
                ),
                (
                    "survivor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.person"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="IdentityMove",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("table", models.CharField(max_length=60)),
                ("row", models.CharField(max_length=36)),
                ("column", models.CharField(max_length=40)),
                ("before", models.CharField(blank=True, max_length=40)),
                ("after", models.CharField(max_length=40)),
                (
                    "merge",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="moves", to="accounts.identitymerge"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="identitymerge",
            index=models.Index(fields=["survivor", "state"], name="identity_merge_survivor"),
        ),
        migrations.AddConstraint(
            model_name="identitymerge",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ("joined", "parted"))), name="identity_merge_state"
            ),
        ),
        migrations.AddConstraint(
            model_name="identitymerge",
            constraint=models.CheckConstraint(
                condition=models.Q(("merged", models.F("survivor")), _negated=True), name="identity_merge_of_two"
            ),
        ),
        migrations.AddConstraint(
            model_name="identitymerge",
            constraint=models.CheckConstraint(
                condition=models.Q(("state", "joined"), ("parted_at__isnull", False), _connector="XOR"),
                name="identity_merge_parted",
            ),
        ),
        migrations.AddConstraint(
            model_name="identitymerge",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "joined")), fields=("merged",), name="identity_merged_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="identitymove",
            constraint=models.UniqueConstraint(fields=("merge", "table", "row", "column"), name="identity_move_once"),
        ),
    ]
