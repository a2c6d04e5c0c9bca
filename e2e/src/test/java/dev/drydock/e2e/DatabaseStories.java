package dev.drydock.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.AlertState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.Phase;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.State;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is wrong with a PostgreSQL or a Redis that listens on its host's localhost alone. */
class DatabaseStories extends Story {
  private static final LabHost HOST = LabHost.OFFCHAIN;
  private static final String CLOSE =
      "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name ="
          + " 'story-idle';";

  private String table = "";
  private String path = "";

  @BeforeEach
  void watch() {
    table = "story_" + Long.toString(System.nanoTime() & 0xffffffL, 36);
    declare(HOST);
    path = webhook("web");
    secret("db", "Opaque", OffchainDatabase.SECRET);
    // One table of the lab's own has no primary key.
    apply(
        """
        apiVersion: drydock.dev/v1alpha1
        kind: HostHealthPolicy
        metadata: {name: database}
        spec:
          hosts: {names: [offchain]}
          interval: 5s
          notify: {channels: [web]}
          checks:
          - {name: connections, severity: Warning, postgresql: {secretName: db, viaHost: true, connectionsPercentAbove: 80}}
          - {name: keys, severity: Warning, postgresql: {secretName: db, viaHost: true, tablesWithoutPrimaryKey: 1}}
          - {name: dead-rows, severity: Warning, postgresql: {secretName: db, viaHost: true, deadRowsPercentAbove: 20}}
          - {name: redis, severity: Critical, redis: {url: "redis://localhost:6379", viaHost: true, clientsPercentAbove: 80}}
        """);
    awaitPolicy("database", PATIENCE, host -> host.state() == State.Healthy);
  }

  @AfterEach
  void mend() {
    HOST.on("sudo systemctl start redis-server");
    OffchainDatabase.sql(CLOSE + " DROP TABLE IF EXISTS " + table + ";");
  }

  @Test
  void connectionsThatRunOutAreToldAndClear() {
    HOST.on(
        "for i in $(seq 82); do "
            + OffchainDatabase.psql("story-idle")
            + " -c 'SELECT pg_sleep(300)' >/dev/null 2>&1 </dev/null & done");
    assertThat(told("connections").message())
        .containsPattern("(8[2-9]|9[0-7]) of 97 connections are taken; the limit is 80 %");
    OffchainDatabase.sql(CLOSE);
    cleared("connections");
  }

  @Test
  void aTableWithoutPrimaryKeyIsToldAndClears() {
    OffchainDatabase.sql("CREATE TABLE " + table + " (id int NOT NULL, what text);");
    assertThat(told("keys").message())
        .contains("2 tables have no primary key: ", "public." + table, "; the limit is 1");
    OffchainDatabase.sql("ALTER TABLE " + table + " ADD PRIMARY KEY (id);");
    cleared("keys");
  }

  @Test
  void deadRowsAreToldAndClear() {
    OffchainDatabase.sql(
        """
        CREATE TABLE %1$s (id int PRIMARY KEY, what text) WITH (autovacuum_enabled = false);
        INSERT INTO %1$s SELECT i, 'event ' || i FROM generate_series(1, 10000) i;
        DELETE FROM %1$s WHERE id <= 4000;
        """
            .formatted(table));
    assertThat(told("dead-rows").message())
        .contains(
            "dead rows: public." + table + " 40 % (4000 of 10000", "never vacuumed", "VACUUM");
    OffchainDatabase.sql("VACUUM " + table + ";");
    cleared("dead-rows");
  }

  @Test
  void aRedisThatIsDownIsToldAndClears() {
    HOST.on("sudo systemctl stop redis-server");
    assertThat(told("redis").message()).contains("localhost:6379");
    HOST.on("sudo systemctl start redis-server");
    cleared("redis");
  }

  /** Waits until the check's alert, and no other, is in status and at the receiver. */
  private AlertState told(String check) {
    awaitPolicy(
        "database",
        PATIENCE,
        _ -> alert("database", check).filter(a -> a.phase() == Phase.Firing).isPresent());
    soon("the message").until(() -> checks("firing").equals(List.of(check)));
    return alert("database", check).orElseThrow();
  }

  private void cleared(String check) {
    awaitPolicy(
        "database", PATIENCE, host -> host.state() == State.Healthy && host.alerts().isEmpty());
    soon("its end").until(() -> checks("resolved").equals(List.of(check)));
    assertThat(checks("firing")).containsExactly(check);
  }

  /** Of which checks the receiver has heard that. */
  private List<String> checks(String status) {
    return Receivers.alertsAt(path, status).stream()
        .map(alert -> alert.at("/labels/check").asText())
        .toList();
  }
}
