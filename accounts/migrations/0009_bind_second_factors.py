"""Seal each second factor again, bound to its account: a secret copied to another row no longer opens."""

import base64

from django.db import migrations

SECRETS = ("secret", "seed")


def bind(apps, schema_editor):
    from accounts.kernel.keyring import seal, unseal

    for row in apps.get_model("mfa", "Authenticator").objects.order_by("pk").iterator():
        held = [name for name in SECRETS if name in row.data]
        for name in held:
            secret = unseal(base64.b64decode(row.data[name]), bound_to=b"second-factor")
            sealed = seal(secret, bound_to=f"second-factor|{row.user_id}".encode())
            row.data[name] = base64.b64encode(sealed).decode()
        if held:
            row.save(update_fields=["data"])


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_break_glass"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [migrations.RunPython(bind, migrations.RunPython.noop, elidable=True)]
