#!/bin/sh
# Five databases, and for each a user who serves and one who migrates (docs/operating.md: rights). The image runs it
# once, on an empty volume. Names and passwords are those of the URLs that the services read.
set -eu

folder=${SECRETS_FOLDER:-/run/secrets}
serves='SELECT, INSERT, UPDATE, DELETE'
migrates="$serves, CREATE, ALTER, INDEX, TRIGGER"

# mariadb://user:password@host:port/database, as `npm run make-secrets` writes it: nothing in it is quoted.
statements() {
  url=$(cat "$folder/$1")
  rest=${url#*://}
  user=${rest%%:*}
  password=${rest#*:}
  password=${password%%@*}
  database=${rest##*/}
  # In a GRANT an underscore stands for any character.
  pattern=$(printf '%s' "$database" | sed 's/_/\\_/g')
  cat <<SQL
CREATE DATABASE IF NOT EXISTS \`$database\` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE USER IF NOT EXISTS '$user'@'%' IDENTIFIED BY '$password';
GRANT $2 ON \`$pattern\`.* TO '$user'@'%';
SQL
}

all=''
for domain in identity tenancy ai compliance analytics; do
  serving=$(statements "database-url-$domain" "$serves")
  migrating=$(statements "database-url-$domain-migrate" "$migrates")
  all="$all
$serving
$migrating"
done
printf '%s\n' "$all" | MYSQL_PWD="${MARIADB_ROOT_PASSWORD:-}" mariadb --user=root
