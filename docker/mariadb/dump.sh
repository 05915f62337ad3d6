#!/bin/sh
# Writes all five databases to standard output as they stood at one moment, without stopping anybody. Its head names the
# place in the binary log from which a restore can go on.
set -eu

folder=${SECRETS_FOLDER:-/run/secrets}

# mariadb://user:password@host:port/database
names=''
for domain in identity tenancy ai compliance analytics; do
  url=$(cat "$folder/database-url-$domain")
  names="$names ${url##*/}"
done

MYSQL_PWD=$(cat "$folder/mariadb-root-password")
export MYSQL_PWD
# Unquoted: five names. They hold no spaces.
exec mariadb-dump --user=root --single-transaction --master-data=2 --flush-logs --hex-blob \
  --default-character-set=utf8mb4 --databases $names
