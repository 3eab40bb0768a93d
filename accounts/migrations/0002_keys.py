from django.db import migrations, models

import accounts.kernel.clock
import accounts.kernel.fields


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="KeyRotation",
            fields=[
                ("number", models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ("purpose", models.CharField(max_length=12)),
                ("table", models.CharField(blank=True, max_length=80)),
                ("cursor", models.CharField(blank=True, max_length=64)),
                ("done", models.PositiveBigIntegerField(default=0)),
                ("total", models.PositiveBigIntegerField(default=0)),
                ("started_at", models.DateTimeField(default=accounts.kernel.clock.now)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="datakey",
            name="retired_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="datakey",
            name="uses",
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="document",
            name="file_key",
            field=accounts.kernel.fields.EncryptedBytesField(null=True, purpose="files"),
        ),
    ]
