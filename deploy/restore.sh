#!/bin/sh
# Makes Newsvane's database of a copy. Nothing is overwritten: a SQLite file that is there is moved aside, a PostgreSQL
# database has to be new and empty.
#
#   restore.sh FILE
#
# NEWSVANE_DATABASE_URL (or _FILE) names the database, NEWSVANE the program. To be run as the user of the service.
set -eu
umask 077
newsvane=${NEWSVANE:-/opt/newsvane/venv/bin/newsvane}
url=${NEWSVANE_DATABASE_URL:-}
[ $# -eq 1 ] || { echo "usage: restore.sh FILE" >&2; exit 2; }
[ -r "$1" ] || { echo "$1 cannot be read" >&2; exit 1; }
if command -v systemctl >/dev/null && systemctl --quiet is-active newsvane 2>/dev/null; then
	echo "the service runs: systemctl stop newsvane" >&2
	exit 1
fi
case $url in
sqlite:///*)
	database=${url#sqlite:///}
	aside=$database.before-$(date -u +%Y%m%dT%H%M%SZ)
	moved=
	for ending in "" -wal -shm; do
		if [ -e "$database$ending" ]; then
			mv "$database$ending" "$aside$ending"
			moved=yes
		fi
	done
	if "$newsvane" db restore "$1"; then
		[ -z "$moved" ] || echo "the database before is now $aside"
		exit 0
	fi
	for ending in "" -wal -shm; do # what was there is worth more than nothing
		if [ -e "$aside$ending" ] && [ ! -e "$database$ending" ]; then mv "$aside$ending" "$database$ending"; fi
	done
	exit 1
	;;
*) exec "$newsvane" db restore "$1" ;;
esac
