#!/bin/bash
# As the official image: an empty volume gets a superuser, and the scripts of /docker-entrypoint-initdb.d.
set -euo pipefail
export PGDATA=/var/lib/postgresql/18/docker
as_postgres() { setpriv --reuid postgres --regid postgres --clear-groups "$@"; }
if [ ! -f "$PGDATA/PG_VERSION" ]; then
    mkdir -p "$PGDATA"
    chown -R postgres:postgres /var/lib/postgresql
    chmod 700 "$PGDATA"
    install -m 400 -o postgres /dev/stdin /tmp/password <<<"$POSTGRES_PASSWORD"
    as_postgres initdb --username="$POSTGRES_USER" --pwfile=/tmp/password --auth-host=scram-sha-256 --auth-local=trust \
        --encoding=UTF8 --locale=C.UTF-8 >/dev/null
    rm /tmp/password
    echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
    as_postgres pg_ctl --wait --options="-c listen_addresses=''" start >/dev/null
    for script in /docker-entrypoint-initdb.d/*.sh; do
        as_postgres env "PATH=$PATH" "POSTGRES_USER=$POSTGRES_USER" "$script"
    done
    as_postgres pg_ctl --wait --mode=fast stop >/dev/null
fi
exec setpriv --reuid postgres --regid postgres --clear-groups "$@" -c listen_addresses='*'
