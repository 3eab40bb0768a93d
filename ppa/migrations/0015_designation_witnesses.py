from django.db import migrations

import accounts.kernel.fields


class Migration(migrations.Migration):
    dependencies = [("ppa", "0014_emergency_sheet_ends")]

    operations = [
        migrations.AddField(
            model_name="designation",
            name="witnesses",
            field=accounts.kernel.fields.EncryptedJSONField(null=True),
        ),
    ]
