#!/bin/sh
# The password is that of the URL which the services read; it stands on no command line.
set -eu

url=$(cat "$REDIS_URL_FILE")
# redis://default:password@host:port/0
password=${url#*://*:}
password=${password%%@*}
own=${TMPDIR:-/tmp}/redis-password.conf

umask 077
printf 'requirepass %s\n' "$password" >"$own"
exec redis-server "$own" "$@"
