"""An order of two persons may be about rows of the access log.

Nullable, so that SQLite adds the column in place: triggers name this table, which must not go even for a moment.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0019_seal_traits")]

    operations = [migrations.AddField("purgeorder", "segments", models.JSONField(null=True))]
