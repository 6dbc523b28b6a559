#!/bin/sh
# Copies Newsvane's database into a folder, verified, while the service runs, and keeps the newest copies there.
#
#   backup.sh [FOLDER [HOW_MANY]]     the default: /var/lib/newsvane/backups, 14
#
# NEWSVANE_DATABASE_URL (or _FILE) names the database, NEWSVANE the program. PostgreSQL needs pg_dump and pg_restore.
set -eu
umask 077
newsvane=${NEWSVANE:-/opt/newsvane/venv/bin/newsvane}
folder=${1:-/var/lib/newsvane/backups}
[ -d "$folder" ] || mkdir -p "$folder"
exec "$newsvane" db backup --keep "${2:-14}" "$folder"
