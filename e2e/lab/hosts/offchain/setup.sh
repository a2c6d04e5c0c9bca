#!/bin/sh
set -eu
chown -R ops: /srv/milo
su ops -c 'cd /srv/milo && pm2 start ecosystem.config.js && pm2 save && pm2 kill' </dev/null
rm -rf /home/ops/.pm2/logs/* /home/ops/.pm2/*.log
systemctl enable pm2-ops postgresql redis-server

pg_ctlcluster 15 main start
su postgres -c 'psql -v ON_ERROR_STOP=1 -q' <<'SQL'
CREATE ROLE offchain LOGIN PASSWORD 'offchain-lab';
GRANT pg_monitor TO offchain;
CREATE DATABASE offchain OWNER offchain;
\c offchain
SET ROLE offchain;
CREATE TABLE accounts (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, address text NOT NULL UNIQUE, balance numeric NOT NULL);
INSERT INTO accounts (address, balance) SELECT '0x' || md5(i::text), i * 100 FROM generate_series(1, 1000) i;
CREATE TABLE events (at timestamptz NOT NULL DEFAULT now(), what text NOT NULL);
INSERT INTO events (what) SELECT 'event ' || i FROM generate_series(1, 100) i;
SQL
pg_ctlcluster 15 main stop
