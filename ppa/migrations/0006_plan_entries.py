"""Keep conversations, wished places, deposits and hand-outs; days of review; the last look at each drug."""

import django.db.models.deletion
from django.db import migrations, models

import accounts.kernel.clock
import accounts.kernel.fields
import accounts.kernel.ids
import ppa.plans.states


def keep_last_checks(apps, schema_editor):
    """Give each prescription the last look at it, which was found by its date until now."""
    for check in apps.get_model("ppa", "HomeCheck").objects.order_by("checked_on", "created_at", "id").iterator():
        apps.get_model("ppa", "Prescription").objects.filter(pk=check.prescription_id).update(last_check_id=check.pk)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0020_purge_the_log"),
        ("ppa", "0005_anticipated_crises"),
    ]

    operations = [
        migrations.CreateModel(
            name="PlanEntry",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=accounts.kernel.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(default=accounts.kernel.clock.now, editable=False)),
                ("kind", models.CharField(max_length=12)),
                ("happened_on", models.DateField()),
                ("number", models.PositiveSmallIntegerField(default=0)),
                ("content", accounts.kernel.fields.EncryptedJSONField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="plan",
            name="plan_state",
        ),
        migrations.AddField(
            model_name="plan",
            name="review_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="prescription",
            name="last_check",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ppa.homecheck"
            ),
        ),
        migrations.AddField(
            model_name="topicoffer",
            name="come_back_on",
            field=models.DateField(null=True),
        ),
        migrations.AlterField(
            model_name="plan",
            name="state",
            field=models.CharField(default=ppa.plans.states.PlanState["DRAFTING"], max_length=20),
        ),
        migrations.AddIndex(
            model_name="plan",
            index=models.Index(fields=["review_on"], name="plan_review"),
        ),
        migrations.AddConstraint(
            model_name="plan",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        (
                            "drafting",
                            "shared",
                            "agreed",
                            "signed",
                            "published",
                            "publication_refused",
                            "under_review",
                            "closed",
                        ),
                    )
                ),
                name="plan_state",
            ),
        ),
        migrations.AddField(
            model_name="planentry",
            name="author",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.professional"
            ),
        ),
        migrations.AddField(
            model_name="planentry",
            name="plan",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="ppa.plan"),
        ),
        migrations.AddIndex(
            model_name="planentry",
            index=models.Index(fields=["plan", "-happened_on", "-created_at"], name="plan_entry_latest"),
        ),
        migrations.AddConstraint(
            model_name="planentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["conversation", "place", "deposit", "refusal", "hand_out"])),
                name="plan_entry_kind",
            ),
        ),
        migrations.RunPython(keep_last_checks, migrations.RunPython.noop),
    ]
