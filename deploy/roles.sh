#!/bin/bash
# Run by the postgres image when its volume is new: the role of the application, with the password of its secret file.
set -euo pipefail
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --file /usr/local/share/roles.sql
psql --set ON_ERROR_STOP=1 --set password="$(cat /run/secrets/app_password)" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    <<< "ALTER ROLE pathway_app PASSWORD :'password'"
