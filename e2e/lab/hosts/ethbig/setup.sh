#!/bin/sh
set -eu
systemctl enable openclaw-gateway takopi ollama beacon-node prometheus prometheus-node-exporter
# Collectors of hardware that a container has not.
systemctl mask prometheus-node-exporter-apt.timer prometheus-node-exporter-ipmitool-sensor.timer \
  prometheus-node-exporter-mellanox-hca-temp.timer prometheus-node-exporter-nvme.timer prometheus-node-exporter-smartmon.timer
install -d -m 700 /var/lib/lighthouse/validators
sqlite3 /var/lib/lighthouse/validators/slashing_protection.sqlite <<'SQL'
PRAGMA journal_mode = DELETE;
CREATE TABLE validators (id INTEGER PRIMARY KEY, public_key BLOB NOT NULL UNIQUE);
CREATE TABLE signed_blocks (validator_id INTEGER NOT NULL REFERENCES validators(id), slot INTEGER NOT NULL, signing_root BLOB NOT NULL, UNIQUE (validator_id, slot));
CREATE TABLE signed_attestations (validator_id INTEGER REFERENCES validators(id), source_epoch INTEGER NOT NULL, target_epoch INTEGER NOT NULL, signing_root BLOB NOT NULL, UNIQUE (validator_id, target_epoch));
INSERT INTO validators (public_key) VALUES (randomblob(48)), (randomblob(48)), (randomblob(48));
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)
  INSERT INTO signed_blocks SELECT v.id, 9000000 + n.i * 32, randomblob(32) FROM validators v, n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
  INSERT INTO signed_attestations SELECT v.id, 281249 + n.i, 281250 + n.i, randomblob(32) FROM validators v, n;
SQL
