"""Keep the day of review of a drug prescribed ahead beside its sealed content, so that a desk finds what is past it."""

from datetime import date

from django.db import migrations, models


def tell_the_days(apps, schema_editor):
    """Give each prescription the day that its content says."""
    prescriptions = apps.get_model("ppa", "Prescription").objects.order_by("pk")
    for one in prescriptions.only("content").iterator():
        prescriptions.filter(pk=one.pk).update(review_by=date.fromisoformat(one.content["review_by"]))


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0026_sign_ins_told"),
        ("ppa", "0017_needs_and_goals_change"),
    ]

    operations = [
        migrations.AddField(
            model_name="prescription",
            name="review_by",
            field=models.DateField(null=True),
        ),
        migrations.AddIndex(
            model_name="prescription",
            index=models.Index(
                condition=models.Q(("stopped_at", None)), fields=["review_by"], name="prescription_review"
            ),
        ),
        migrations.AddIndex(
            model_name="topicoffer",
            index=models.Index(
                condition=models.Q(("come_back_on", None), _negated=True),
                fields=["come_back_on"],
                name="topic_offer_come_back",
            ),
        ),
        migrations.RunPython(tell_the_days, migrations.RunPython.noop),
    ]
