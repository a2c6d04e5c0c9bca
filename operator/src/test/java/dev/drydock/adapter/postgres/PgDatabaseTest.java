package dev.drydock.adapter.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.drydock.port.Database;
import dev.drydock.port.Database.Busy;
import dev.drydock.port.Database.Examined;
import dev.drydock.port.Database.LeftOut;
import dev.drydock.port.Database.NotReached;
import dev.drydock.port.Database.Own;
import dev.drydock.port.Database.Problem;
import dev.drydock.port.Database.Replication;
import dev.drydock.port.Database.SchemaSize;
import dev.drydock.port.Database.TableRows;
import dev.drydock.port.Database.VacuumOrder;
import dev.drydock.port.Database.Vacuumed;
import dev.drydock.port.Database.VacuumedDatabase;
import dev.drydock.port.Database.VacuumedTable;
import dev.drydock.port.Database.Vacuuming;
import dev.drydock.port.DatabaseAccess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Against a real server. */
class PgDatabaseTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final VacuumOrder ORDER = order(Duration.ofSeconds(2));

  @SuppressWarnings("NullAway.Init")
  private static Postgres server;

  private final Database database = new PgDatabase();

  @BeforeAll
  static void start() {
    server = Postgres.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void empty() {
    server.execute(
        "DROP SCHEMA public CASCADE",
        "CREATE SCHEMA public",
        "DROP SCHEMA IF EXISTS \"Odd; --\" CASCADE",
        "DROP DATABASE IF EXISTS other WITH (FORCE)",
        "DROP DATABASE IF EXISTS \"Odd; --\" WITH (FORCE)");
  }

  private static VacuumOrder order(Duration lockTimeout, String... databases) {
    return new VacuumOrder(List.of(databases), true, lockTimeout, 5);
  }

  private Vacuumed vacuum(DatabaseAccess access, VacuumOrder order) {
    return (Vacuumed) database.vacuum(access, order, _ -> {}, LONG);
  }

  /** What was done where it was done in one database. */
  private static VacuumedDatabase only(Vacuuming ended) {
    var vacuumed = (Vacuumed) ended;
    assertThat(vacuumed.databases()).hasSize(1);
    return vacuumed.databases().getFirst();
  }

  private Examined examine() {
    return (Examined) database.examine(server.access(), true, LONG);
  }

  private NotReached notReached(DatabaseAccess access, Duration deadline) {
    return (NotReached) database.examine(access, true, deadline);
  }

  private void fill(String table, int rows, int dead) {
    fill("shop", table, rows, dead);
  }

  private void fill(String in, String table, int rows, int dead) {
    server.run(
        in,
        "CREATE TABLE "
            + table
            + " (id int PRIMARY KEY, text text)"
            // An analysis amid the deletion would count what is gone already.
            + " WITH (autovacuum_enabled = false)");
    server.run(
        in,
        "INSERT INTO "
            + table
            + " SELECT i, repeat('x', 100) FROM generate_series(1, "
            + rows
            + ") i");
    // What one session counts, and what the next one does, may come in either order.
    awaitCounted(in, table, "n_live_tup", rows);
    server.run(in, "DELETE FROM " + table + " WHERE id <= " + dead);
    awaitCounted(in, table, "n_dead_tup", dead);
  }

  private static void awaitCounted(String in, String table, String what, int count) {
    await()
        .untilAsserted(
            () ->
                assertThat(
                        server.ask(
                            in,
                            "SELECT "
                                + what
                                + " FROM pg_stat_all_tables WHERE relid = '"
                                + table
                                + "'::regclass"))
                    .isEqualTo("" + count));
  }

  @Test
  void countsConnections() throws SQLException {
    int before = examine().connections().used();
    var open = new ArrayList<Connection>();
    try {
      for (int i = 0; i < 5; i++) {
        open.add(server.connect());
      }
      Database.Connections connections = examine().connections();
      assertThat(connections.used()).isBetween(before + 4, before + 6);
      assertThat(connections.most()).as("three are kept for superusers").isEqualTo(17);
    } finally {
      for (Connection connection : open) {
        connection.close();
      }
    }
  }

  @Test
  void saysThatNoConnectionIsLeft() throws SQLException {
    DatabaseAccess guest = server.access(Postgres.GUEST, Postgres.PASSWORD);
    var open = new ArrayList<Connection>();
    try {
      for (int i = 0; i < 17; i++) {
        open.add(server.connect());
      }
      NotReached refused = notReached(guest, LONG);
      assertThat(refused.problem()).isEqualTo(Problem.NO_CONNECTION_LEFT);
    } finally {
      for (Connection connection : open) {
        connection.close();
      }
    }
  }

  @Test
  void findsTablesWithoutPrimaryKey() {
    server.execute(
        "CREATE TABLE fine (id int PRIMARY KEY)",
        "CREATE TABLE bare (id int)",
        "CREATE SCHEMA \"Odd; --\"",
        "CREATE TABLE \"Odd; --\".\"Ta\"\"ble\" (id int)",
        "CREATE TABLE parts (id int) PARTITION BY RANGE (id)",
        "CREATE TABLE part PARTITION OF parts FOR VALUES FROM (0) TO (9)");
    Database.WithoutPrimaryKey without = examine().withoutPrimaryKey();
    assertThat(without.count()).isEqualTo(3);
    assertThat(without.some())
        .containsExactlyInAnyOrder("\"Odd; --\".\"Ta\"\"ble\"", "public.bare", "public.parts");
  }

  @Test
  void findsDeadRowsButNotAFew() {
    fill("big", 10_000, 6000);
    fill("small", 500, 400);
    assertThat(examine().tables())
        .singleElement()
        .satisfies(
            table -> {
              assertThat(table.name()).isEqualTo("public.big");
              assertThat(table.dead()).isEqualTo(6000);
              assertThat(table.deadPercent()).isEqualTo(60.0);
            });
  }

  /** Tables of different rows, each with its columns, and what fills one with number i. */
  private static Stream<Arguments> tables() {
    return Stream.of(
        arguments("id bigint PRIMARY KEY, of int NOT NULL", "i, i % 7", "", 300_000),
        arguments(
            "id int PRIMARY KEY, flag bool, at timestamptz, amount numeric, who uuid, what text",
            "i, i % 2 = 0, now(), i / 100.0, gen_random_uuid(), repeat('x', i % 90)",
            "",
            150_000),
        arguments(
            "id int PRIMARY KEY, what text, of bigint", "i, repeat('y', 1600), i", "", 15_000),
        arguments("id int PRIMARY KEY, doc jsonb", "i, json", "WITH (fillfactor = 70)", 100_000),
        arguments(
            "id int PRIMARY KEY, a bigint, b bigint, c bigint, d bigint, e bigint, f bigint,"
                + " g bigint, h text, i int",
            "i, i, CASE i % 3 WHEN 0 THEN i END, NULL, NULL, i, NULL, i,"
                + " CASE WHEN i % 5 > 0 THEN md5(i::text) END, i",
            "",
            150_000));
  }

  @ParameterizedTest
  @MethodSource("tables")
  void estimatesHowMuchOfATableIsUnused(String columns, String values, String options, int rows) {
    server.execute(
        "CREATE TABLE used (" + columns + ") " + options,
        "INSERT INTO used SELECT "
            + values.replace("json", "jsonb_build_object('n', i, 'text', repeat('z', i % 60))")
            + " FROM generate_series(1, "
            + rows
            + ") i",
        "VACUUM ANALYZE used");
    assertThat(examine().bloat().worst())
        .singleElement()
        .satisfies(full -> assertThat(full.percent()).isLessThan(10));

    server.execute("DELETE FROM used WHERE id % 10 < 7", "VACUUM ANALYZE used");
    Database.TableBloat seen = examine().bloat().worst().getFirst();
    long before = size("used");
    assertThat(seen.name()).isEqualTo("public.used");
    assertThat(seen.size()).isEqualTo(before).isGreaterThan(10 << 20);

    server.execute("VACUUM FULL used");
    assertThat(seen.percent())
        .isCloseTo(100.0 * (before - size("used")) / before, within(5.0))
        .isBetween(55.0, 80.0);
  }

  private static long size(String table) {
    return Long.parseLong(server.ask("SELECT pg_relation_size('" + table + "')"));
  }

  @Test
  void estimatesWhatDroppedColumnsAndDeletedRowsLeave() {
    server.execute(
        "CREATE TABLE dropped (id int PRIMARY KEY, old text, what text)",
        "INSERT INTO dropped SELECT i, repeat('o', 100), 'w' FROM generate_series(1, 90000) i",
        "ALTER TABLE dropped DROP COLUMN old",
        "CREATE MATERIALIZED VIEW \"Em;pty\" AS SELECT repeat('x', 1000)"
            + " FROM generate_series(1, 12000)",
        "VACUUM ANALYZE dropped",
        // As all its rows deleted and vacuumed would leave it.
        "ANALYZE \"Em;pty\"",
        "UPDATE pg_class SET reltuples = 0 WHERE relname = 'Em;pty'",
        "CREATE TABLE small AS SELECT i FROM generate_series(1, 90000) i",
        "DELETE FROM small",
        "VACUUM (TRUNCATE FALSE, ANALYZE) small");
    List<Database.TableBloat> seen = examine().bloat().worst();
    assertThat(seen)
        .extracting(Database.TableBloat::name)
        .as("small ones don't count")
        .containsExactly("public.\"Em;pty\"", "public.dropped");
    assertThat(seen.getFirst().percent()).isEqualTo(100);
    assertThat(only(vacuum(server.access(), ORDER)).contents().bloat().worst())
        .as("VACUUM does not give it back")
        .extracting(Database.TableBloat::name)
        .first()
        .isEqualTo("public.dropped");
    long before = size("dropped");
    server.execute("VACUUM FULL dropped");
    assertThat(seen.getLast().percent())
        .isCloseTo(100.0 * (before - size("dropped")) / before, within(5.0));
  }

  @Test
  void namesTablesWhoseUnusedSpaceNobodyKnows() throws SQLException {
    server.execute(
        "CREATE TABLE loaded AS SELECT i, repeat('x', 1000) AS x FROM generate_series(1, 12000) i",
        "CREATE TABLE vacuumed AS SELECT * FROM loaded",
        "VACUUM vacuumed",
        "CREATE TABLE secret AS SELECT * FROM loaded",
        "VACUUM ANALYZE secret",
        // All is known of rows that are all of one length.
        "CREATE TABLE plain (id bigint PRIMARY KEY)",
        "INSERT INTO plain SELECT generate_series(1, 400000)",
        "VACUUM plain",
        "GRANT USAGE ON SCHEMA public TO " + Postgres.GUEST,
        "GRANT SELECT ON vacuumed, loaded TO " + Postgres.GUEST);
    Database.Bloat seen = examine().bloat();
    assertThat(seen.worst())
        .extracting(Database.TableBloat::name)
        .containsExactlyInAnyOrder("public.secret", "public.plain");
    assertThat(seen.worst()).allSatisfy(full -> assertThat(full.percent()).isLessThan(5));
    assertThat(seen.notAnalyzed()).containsExactly("public.vacuumed", "public.loaded");
    assertThat(seen.hidden()).isEmpty();

    Database.Bloat guest =
        ((Examined) database.examine(server.access(Postgres.GUEST, Postgres.PASSWORD), true, LONG))
            .bloat();
    assertThat(guest.worst()).extracting(Database.TableBloat::name).containsExactly("public.plain");
    assertThat(guest.notAnalyzed()).containsExactly("public.vacuumed", "public.loaded");
    assertThat(guest.hidden()).containsExactly("public.secret");

    try (Connection client = server.connect();
        Statement statement = client.createStatement()) {
      client.setAutoCommit(false);
      statement.execute("LOCK TABLE loaded, secret IN ACCESS EXCLUSIVE MODE");
      Database.Bloat locked = examine().bloat();
      assertThat(locked.notAnalyzed())
          .as("it waits for no lock")
          .containsExactly("public.vacuumed");
      assertThat(locked.worst()).hasSize(2);
      client.rollback();
    }
  }

  @Test
  void anEstimateThatFailsSpoilsNothingElse() {
    server.execute(
        "CREATE TABLE much AS SELECT i, repeat('x', 1000) AS x FROM generate_series(1, 12000) i",
        "VACUUM ANALYZE much");
    assertThat(((Examined) database.examine(server.access(), false, LONG)).bloat())
        .as("nobody asked")
        .isEqualTo(Database.Bloat.NONE);
    DatabaseAccess guest = server.access(Postgres.GUEST, Postgres.PASSWORD);
    server.execute("REVOKE EXECUTE ON FUNCTION pg_options_to_table(text[]) FROM PUBLIC");
    try {
      var seen = (Examined) database.examine(guest, true, LONG);
      assertThat(seen.connections().most()).isPositive();
      assertThat(seen.bloat().failure()).contains("permission denied");
      VacuumedDatabase vacuumed = only(vacuum(guest, ORDER));
      assertThat(vacuumed.wrong()).isEmpty();
      assertThat(vacuumed.contents().largest()).isNotEmpty();
      assertThat(vacuumed.contents().bloat().failure()).contains("permission denied");
    } finally {
      server.execute("GRANT EXECUTE ON FUNCTION pg_options_to_table(text[]) TO PUBLIC");
    }
  }

  @Test
  void givesUpAnEstimateThatTakesTooLong() throws SQLException {
    server.execute(
        "CREATE TABLE many AS SELECT i, repeat('x', 1000) AS x FROM generate_series(1, 12000) i",
        "VACUUM ANALYZE many");
    try (Connection connection = server.connect()) {
      for (boolean transaction : new boolean[] {false, true}) {
        connection.setAutoCommit(!transaction);
        try (Statement slow = connection.createStatement()) {
          slow.execute("CREATE SCHEMA IF NOT EXISTS slow");
          slow.execute(
              "CREATE OR REPLACE FUNCTION slow.current_setting(text) RETURNS text LANGUAGE sql"
                  + " AS 'SELECT pg_sleep(9)::text'");
          slow.execute("SET search_path = slow, pg_catalog");
        }
        assertThat(BloatEstimate.ask(connection, server.access(), Duration.ofMillis(300)).failure())
            .isEqualTo("no answer in time");
        try (Statement next = connection.createStatement()) {
          next.execute("SELECT 1");
        }
      }
    } finally {
      server.execute("DROP SCHEMA IF EXISTS slow CASCADE");
    }
  }

  @Test
  void waitsForNoLockThatSomebodyHolds() throws SQLException {
    fill("locked", 2000, 1500);
    try (Connection client = server.connect();
        Statement statement = client.createStatement()) {
      client.setAutoCommit(false);
      statement.execute("LOCK TABLE locked IN ACCESS EXCLUSIVE MODE");
      assertThat(examine().tables()).extracting(TableRows::name).containsExactly("public.locked");
      client.rollback();
    }
  }

  @Test
  void tellsOfNoReplicationWhereThereIsNone() {
    Examined seen = examine();
    assertThat(seen.replication()).isEqualTo(Replication.NONE);
    assertThat(seen.standby()).isFalse();
    assertThat(seen.size()).isGreaterThan(1_000_000);
    assertThat(seen.version()).isNotEmpty();
  }

  @Test
  void tellsOfASlotWhoseReplicaIsGone() {
    server.execute("SELECT pg_create_physical_replication_slot('gone', true)");
    try {
      assertThat(examine().replication().lostSlots())
          .extracting(Database.Lost::slot)
          .containsExactly("gone");
    } finally {
      server.execute("SELECT pg_drop_replication_slot('gone')");
    }
  }

  @Test
  void tellsHowFarAReplicaIsBehind() {
    try (Postgres standby = server.startStandby()) {
      await().until(() -> examine().replication().replicas().size() == 1);
      assertThat(examine().replication().hidden()).isFalse();
      var guest =
          (Examined) database.examine(server.access(Postgres.GUEST, Postgres.PASSWORD), true, LONG);
      assertThat(guest.replication().hidden()).isTrue();
      await().untilAsserted(() -> assertThat(own(standby)).isEqualTo(new Own(true, Duration.ZERO)));

      String ahead = "SELECT pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn()";
      // Half a record is there only until the server's background writer flushes the rest.
      await()
          .untilAsserted(
              () -> {
                server.execute("SELECT pg_logical_emit_message(false, 'half', repeat('.', 9000))");
                assertThat(standby.ask(ahead)).isEqualTo("t");
                assertThat(own(standby).lag()).isEqualTo(Duration.ZERO);
                assertThat(standby.ask(ahead)).isEqualTo("t");
              });

      server.execute("CREATE TABLE replayed (id int)");
      await().until(() -> standby.ask("SELECT to_regclass('replayed') IS NOT NULL").equals("t"));
      standby.execute("SELECT pg_wal_replay_pause()");
      server.execute("CREATE TABLE waiting (id int)");
      await()
          .untilAsserted(
              () -> {
                assertThat(own(standby).lag()).isGreaterThan(Duration.ofSeconds(1));
                assertThat(examine().replication().replicas())
                    .singleElement()
                    .satisfies(
                        replica -> {
                          assertThat(replica.state()).isEqualTo("streaming");
                          assertThat(replica.behind()).isPositive();
                        });
              });
      standby.execute("SELECT pg_wal_replay_resume()");
      // It may sleep before it notices, and a busy machine lets it.
      await()
          .atMost(Duration.ofMinutes(1))
          .untilAsserted(() -> assertThat(own(standby).lag()).isEqualTo(Duration.ZERO));
    }
  }

  @Test
  void aStandbyThatKeepsUpIsNotBehindWhereNothingIsCommitted() throws Exception {
    try (Postgres standby = server.startStandby();
        Connection loading = server.connect()) {
      server.execute("CREATE TABLE loaded (id int, filler text)");
      await().untilAsserted(() -> assertThat(own(standby)).isEqualTo(new Own(true, Duration.ZERO)));
      loading.setAutoCommit(false);
      var over = new AtomicBoolean();
      Thread loader =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try (Statement statement = loading.createStatement()) {
                      while (!over.get()) {
                        statement.execute(
                            "INSERT INTO loaded SELECT i, repeat('.', 500)"
                                + " FROM generate_series(1, 200) i;"
                                + " SELECT pg_sleep(0.002)");
                      }
                    } catch (SQLException e) {
                      throw new IllegalStateException(e);
                    }
                  });
      try {
        Thread.sleep(2_000);
        for (int i = 0; i < 100; i++) {
          assertThat(own(standby)).isEqualTo(new Own(true, Duration.ZERO));
        }
      } finally {
        over.set(true);
        loader.join();
        loading.rollback();
        server.execute("DROP TABLE loaded");
      }
    }
  }

  private Own own(Postgres standby) {
    var seen = (Examined) database.examine(standby.access(), true, LONG);
    assertThat(seen.standby()).isTrue();
    return Objects.requireNonNull(seen.replication().own());
  }

  @Test
  void worksForAUserWithoutRights() {
    fill("big", 3000, 2000);
    var seen =
        (Examined) database.examine(server.access(Postgres.GUEST, Postgres.PASSWORD), true, LONG);
    assertThat(seen.tables()).hasSize(1);
    assertThat(seen.connections().used()).isGreaterThanOrEqualTo(0);
  }

  @Test
  void isNotMisledByAFunctionOfAUsersOwn() {
    server.execute(
        "CREATE FUNCTION public.pg_is_in_recovery() RETURNS boolean LANGUAGE sql"
            + " AS 'SELECT true'",
        "ALTER ROLE drydock SET search_path = public, pg_catalog");
    try {
      assertThat(examine().standby()).isFalse();
    } finally {
      server.execute("ALTER ROLE drydock RESET search_path");
    }
  }

  @Test
  void saysWhyItIsNotLetIn() {
    NotReached wrong = notReached(server.access("drydock", "n0t-the-password"), LONG);
    assertThat(wrong.problem()).isEqualTo(Problem.LOGIN_REFUSED);
    assertThat(wrong.message())
        .isEqualTo("password authentication failed for user \"drydock\"")
        .doesNotContain("n0t-the-password");
    DatabaseAccess access = server.access();
    NotReached missing =
        notReached(
            new DatabaseAccess(
                access.host(),
                access.port(),
                "nowhere",
                access.user(),
                access.password(),
                "prefer"),
            LONG);
    assertThat(missing.problem()).isEqualTo(Problem.LOGIN_REFUSED);
    assertThat(missing.message()).isEqualTo("database \"nowhere\" does not exist");
  }

  @Test
  void saysThatNobodyListens() throws IOException {
    int free;
    try (var socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    var nobody = new DatabaseAccess("127.0.0.1", free, "shop", "a", "b", "prefer");
    assertThat(notReached(nobody, LONG))
        .isEqualTo(new NotReached(Problem.NO_ANSWER, "connection refused"));
    assertThat(
            notReached(
                new DatabaseAccess("no-such-host.invalid", 5432, "shop", "a", "b", "prefer"), LONG))
        .isEqualTo(new NotReached(Problem.NO_ANSWER, "no such host name"));
    assertThat(database.vacuum(nobody, ORDER, _ -> {}, LONG))
        .isEqualTo(new NotReached(Problem.NO_ANSWER, "connection refused"));
  }

  @Test
  void givesUpAServerThatAcceptsAndIsSilent() throws IOException {
    try (var silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      var access =
          new DatabaseAccess("127.0.0.1", silent.getLocalPort(), "shop", "a", "b", "prefer");
      long start = System.nanoTime();
      assertThat(notReached(access, Duration.ofSeconds(1)))
          .isEqualTo(new NotReached(Problem.NO_ANSWER, "no answer in time"));
      assertThat(database.vacuum(access, ORDER, _ -> {}, Duration.ofMillis(500))).isNotNull();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(6));
    }
  }

  @Test
  void saysThatWhatAnswersIsNoPostgres() throws IOException {
    try (var server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual()
          .start(
              () -> {
                while (true) {
                  try {
                    server.accept().close();
                  } catch (IOException e) {
                    return;
                  }
                }
              });
      NotReached closed =
          notReached(
              new DatabaseAccess("127.0.0.1", server.getLocalPort(), "shop", "a", "b", "disable"),
              LONG);
      assertThat(closed.problem()).isEqualTo(Problem.NO_ANSWER);
      assertThat(closed.message()).contains("closed at once");
    }
  }

  @Test
  void vacuumsWhileAClientWrites() throws Exception {
    fill("busy", 20_000, 15_000);
    fill("\"Qu\"\"oted\"", 3000, 1000);
    var stop = new AtomicBoolean();
    var writer =
        CompletableFuture.supplyAsync(
            () -> {
              int written = 0;
              try (Connection client = server.connect();
                  Statement statement = client.createStatement()) {
                statement.execute("SET lock_timeout = '1s'");
                while (!stop.get()) {
                  written += statement.executeUpdate("INSERT INTO busy VALUES (-1, 'new')");
                  statement.executeUpdate("DELETE FROM busy WHERE id = -1");
                }
              } catch (SQLException e) {
                throw new IllegalStateException(e);
              }
              return written;
            },
            command -> Thread.ofVirtual().start(command));
    var progress = new CopyOnWriteArrayList<String>();
    var all = (Vacuumed) database.vacuum(server.access(), ORDER, progress::add, LONG);
    stop.set(true);
    assertThat(writer.get()).isPositive();
    assertThat(all.stopped()).isEmpty();
    VacuumedDatabase done = only(all);
    assertThat(done.name()).isEqualTo("shop");
    assertThat(done.wrong()).isEmpty();
    assertThat(done.leftOut()).isEmpty();
    assertThat(done.done())
        .extracting(VacuumedTable::name)
        .as("most dead rows first")
        .containsExactly("public.busy", "public.\"Qu\"\"oted\"");
    assertThat(done.rowsRemoved()).isGreaterThanOrEqualTo(15_000);
    assertThat(done.done().getFirst().deadBefore()).isGreaterThanOrEqualTo(15_000);
    assertThat(done.done().getFirst().deadAfter()).isLessThan(5000);
    assertThat(done.contents().largest().getFirst().name()).isEqualTo("public.busy");
    assertThat(done.contents().largest().getFirst().size()).isGreaterThan(1_000_000);
    assertThat(progress).contains("public.busy: 1 of 2");
    assertThat(server.ask("SELECT last_analyze IS NOT NULL FROM pg_stat_user_tables LIMIT 1"))
        .isEqualTo("t");
  }

  @Test
  void leavesALockedTableOutAndNamesWhoHoldsIt() throws SQLException {
    fill("locked", 3000, 2000);
    fill("open", 3000, 1500);
    try (Connection client = server.connect();
        Statement statement = client.createStatement()) {
      client.setAutoCommit(false);
      statement.execute("SET application_name = 'migration'");
      statement.execute("LOCK TABLE locked IN SHARE UPDATE EXCLUSIVE MODE");
      VacuumedDatabase done = only(vacuum(server.access(), ORDER));
      assertThat(done.done()).extracting(VacuumedTable::name).containsExactly("public.open");
      assertThat(done.leftOut()).extracting(LeftOut::name).containsExactly("public.locked");
      assertThat(done.leftOut().getFirst().why())
          .startsWith("its lock was not to be had within 2s: process ")
          .contains("of drydock (migration), idle in transaction, for ");
      assertThat(done.contents().largest()).hasSize(2);
      client.rollback();
    }
    // The same when not even its size can be measured.
    try (Connection client = server.connect();
        Statement statement = client.createStatement()) {
      client.setAutoCommit(false);
      statement.execute("LOCK TABLE locked IN ACCESS EXCLUSIVE MODE");
      var order = new VacuumOrder(List.of(), false, Duration.ofMillis(300), 5);
      Vacuumed all = vacuum(server.access(), order);
      VacuumedDatabase done = only(all);
      assertThat(done.leftOut().getFirst().why())
          .startsWith("its lock was not to be had within 300ms: process ");
      assertThat(all.stopped()).isEmpty();
      assertThat(done.wrong()).isEmpty();
      assertThat(done.contents().largest()).hasSize(2);
      client.rollback();
    }
  }

  @Test
  void runsOnceAtATime() throws Exception {
    fill("locked", 3000, 2000);
    try (Connection client = server.connect();
        Statement statement = client.createStatement()) {
      client.setAutoCommit(false);
      statement.execute("LOCK TABLE locked IN ACCESS EXCLUSIVE MODE");
      var order = order(Duration.ofSeconds(20));
      var first =
          CompletableFuture.supplyAsync(
              () -> database.vacuum(server.access(), order, _ -> {}, LONG),
              command -> Thread.ofVirtual().start(command));
      awaitWaiting();
      assertThat(database.vacuum(server.access(), ORDER, _ -> {}, LONG))
          .isInstanceOfSatisfying(
              Busy.class,
              busy ->
                  assertThat(busy.message())
                      .startsWith("another VACUUM of Drydock's runs in this database: process ")
                      .contains("of drydock, connected "));
      client.rollback();
      assertThat(first.get()).isInstanceOf(Vacuumed.class);
    }
    assertThat(database.vacuum(server.access(), ORDER, _ -> {}, LONG))
        .as("the lock is given back")
        .isInstanceOf(Vacuumed.class);
  }

  private static void awaitWaiting() {
    await().until(() -> server.ask("SELECT count(*) FROM pg_locks WHERE NOT granted").equals("1"));
  }

  @Test
  void cancelsOnTheServerWhenItIsInterrupted() throws Exception {
    fill("locked", 3000, 2000);
    try (Connection client = server.connect();
        Statement statement = client.createStatement()) {
      client.setAutoCommit(false);
      statement.execute("LOCK TABLE locked IN SHARE UPDATE EXCLUSIVE MODE");
      var order = order(Duration.ofSeconds(20));
      var ended = new CompletableFuture<Vacuuming>();
      var interrupted = new AtomicBoolean();
      Thread thread =
          Thread.ofVirtual()
              .start(
                  () -> {
                    var result = database.vacuum(server.access(), order, _ -> {}, LONG);
                    interrupted.set(Thread.currentThread().isInterrupted());
                    ended.complete(result);
                  });
      awaitWaiting();
      thread.interrupt();
      var result = (Vacuumed) ended.get();
      assertThat(result.stopped()).contains("it was told to stop");
      assertThat(interrupted).isTrue();
      await()
          .until(
              () ->
                  server
                      .ask(
                          "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'VACUUM%'"
                              + " AND state = 'active'")
                      .equals("0"));
      client.rollback();
    }
  }

  @Test
  void handsNoneOfItsSettingsToThoseWhoShareAPooler() {
    try (Postgres pooler = server.startPooler()) {
      assertThat(database.vacuum(pooler.access(), ORDER, _ -> {}, LONG))
          .isInstanceOfSatisfying(
              NotReached.class,
              refused ->
                  assertThat(refused.message())
                      .startsWith("a pooler such as PgBouncer answers there")
                      .endsWith("in the Secret"));
      assertThat(pooler.ask("SHOW search_path")).isEqualTo("\"$user\", public");
    }
  }

  @Test
  void saysHowFarItIs() throws InterruptedException {
    fill("big", 100_000, 50_000);
    var progress = new CopyOnWriteArrayList<String>();
    // It rests after each page.
    server.execute("ALTER ROLE drydock SET vacuum_cost_limit = 1");
    try {
      Thread thread =
          Thread.ofVirtual()
              .start(() -> database.vacuum(server.access(), ORDER, progress::add, LONG));
      await()
          .atMost(LONG)
          .untilAsserted(
              () ->
                  assertThat(progress)
                      .anyMatch(said -> said.matches("public\\.big: scanning heap, [0-9]{1,2} %")));
      thread.interrupt();
      thread.join();
    } finally {
      server.execute("ALTER ROLE drydock RESET ALL");
    }
  }

  @Test
  void stopsAtTheDeadlineAndTellsWhatWasDone() throws SQLException {
    fill("first", 3000, 2500);
    fill("locked", 3000, 2000);
    try (Connection client = server.connect();
        Statement statement = client.createStatement()) {
      client.setAutoCommit(false);
      statement.execute("LOCK TABLE locked IN SHARE UPDATE EXCLUSIVE MODE");
      long start = System.nanoTime();
      var result =
          (Vacuumed)
              database.vacuum(
                  server.access(), order(Duration.ofMinutes(5)), _ -> {}, Duration.ofSeconds(4));
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
      assertThat(result.stopped()).contains("the time for it was over");
      assertThat(only(result).done())
          .extracting(VacuumedTable::name)
          .containsExactly("public.first");
      client.rollback();
    }
  }

  @Test
  void vacuumsOneDatabaseAfterTheOther() {
    server.execute("CREATE DATABASE \"Odd; --\"", "CREATE DATABASE other");
    fill("other", "t", 3000, 2000);
    fill("Odd; --", "t", 2000, 1200);
    fill("t", 3000, 1500);
    var progress = new CopyOnWriteArrayList<String>();
    var all =
        (Vacuumed)
            database.vacuum(
                server.access(),
                order(Duration.ofSeconds(2), "other", "shop", "Odd; --"),
                progress::add,
                LONG);
    assertThat(all.stopped()).isEmpty();
    assertThat(all.notBegun()).isEmpty();
    assertThat(all.databases())
        .extracting(VacuumedDatabase::name)
        .containsExactly("other", "shop", "Odd; --");
    assertThat(all.databases())
        .allSatisfy(
            done -> {
              assertThat(done.wrong()).isEmpty();
              assertThat(done.done()).extracting(VacuumedTable::name).containsExactly("public.t");
              assertThat(done.deadAfter()).isZero();
              assertThat(done.sizeBefore()).isGreaterThan(1_000_000);
              assertThat(done.sizeAfter()).isGreaterThan(1_000_000);
            });
    assertThat(all.databases())
        .extracting(VacuumedDatabase::deadBefore)
        .containsExactly(2000L, 1500L, 1200L);
    assertThat(progress)
        .contains("other: public.t: 1 of 1", "shop: public.t: 1 of 1", "Odd; --: public.t: 1 of 1");
    assertThat(server.ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"))
        .isEqualTo("0");
  }

  @Test
  void vacuumsEveryDatabaseThatTheUserMayEnter() {
    server.execute(
        "CREATE DATABASE other",
        "CREATE DATABASE private",
        "REVOKE CONNECT ON DATABASE private FROM PUBLIC",
        "CREATE DATABASE closed ALLOW_CONNECTIONS false",
        "CREATE DATABASE mold IS_TEMPLATE true");
    fill("private", "t", 2000, 1500);
    try {
      DatabaseAccess guest = server.access(Postgres.GUEST, Postgres.PASSWORD);
      assertThat(vacuum(guest, order(Duration.ofSeconds(2), "*")).databases())
          .extracting(VacuumedDatabase::name)
          .containsExactly("other", "postgres", "shop");
      Vacuumed all = vacuum(server.access(), order(Duration.ofSeconds(2), "*"));
      assertThat(all.databases())
          .extracting(VacuumedDatabase::name)
          .containsExactly("other", "postgres", "private", "shop");
      assertThat(all.databases()).allMatch(done -> done.wrong().isEmpty());
      assertThat(all.databases().get(2).rowsRemoved()).isEqualTo(1500);
    } finally {
      server.execute(
          "DROP DATABASE private WITH (FORCE)",
          "DROP DATABASE closed",
          "ALTER DATABASE mold IS_TEMPLATE false",
          "DROP DATABASE mold");
    }
  }

  @Test
  void oneDatabaseThatIsNotToBeHadDoesNotHoldUpTheOthers() {
    server.execute("CREATE DATABASE other", "REVOKE CONNECT ON DATABASE other FROM PUBLIC");
    fill("mine", 3000, 2000);
    server.execute(
        "ALTER TABLE mine OWNER TO " + Postgres.GUEST,
        "GRANT USAGE ON SCHEMA public TO " + Postgres.GUEST);
    DatabaseAccess guest = server.access(Postgres.GUEST, Postgres.PASSWORD);
    VacuumOrder order = order(Duration.ofSeconds(2), "nowhere", "other", "shop");
    for (DatabaseAccess home : List.of(guest, guest.named("nowhere"), guest.named("other"))) {
      Vacuumed all = vacuum(home, order);
      assertThat(all.stopped()).isEmpty();
      assertThat(all.notBegun()).isEmpty();
      assertThat(all.databases()).hasSize(3);
      assertThat(all.databases().get(0).wrong()).contains("database \"nowhere\" does not exist");
      assertThat(all.databases().get(1).wrong())
          .hasValueSatisfying(
              why -> assertThat(why).contains("permission denied for database \"other\""));
      assertThat(all.databases().get(2).wrong()).isEmpty();
      assertThat(all.databases().get(2).done())
          .extracting(VacuumedTable::name)
          .containsExactly("public.mine");
    }
    var everywhere = order(Duration.ofSeconds(2), "*");
    assertThat(database.vacuum(guest.named("nowhere"), everywhere, _ -> {}, LONG))
        .as("nobody says which there are")
        .isEqualTo(new NotReached(Problem.LOGIN_REFUSED, "database \"nowhere\" does not exist"));
    assertThat(database.vacuum(server.access("drydock", "n0t-the-password"), order, _ -> {}, LONG))
        .as("a password is refused everywhere: one try is enough")
        .isEqualTo(
            new NotReached(
                Problem.LOGIN_REFUSED, "password authentication failed for user \"drydock\""));
  }

  @Test
  void holdsTheLockOfItsHomeToTheEndAndThoseOfTheOthersInTheirTurn() throws Exception {
    server.execute("CREATE DATABASE other");
    fill("other", "locked", 3000, 2000);
    try (Connection client = server.connect("other");
        Statement statement = client.createStatement()) {
      client.setAutoCommit(false);
      statement.execute("LOCK TABLE locked IN SHARE UPDATE EXCLUSIVE MODE");
      // A home that idles meanwhile is not thrown out.
      server.execute("ALTER ROLE drydock SET idle_session_timeout = '1s'");
      var first =
          CompletableFuture.supplyAsync(
              () -> vacuum(server.access(), order(Duration.ofSeconds(5), "other", "shop")),
              command -> Thread.ofVirtual().start(command));
      awaitWaiting();
      assertThat(database.vacuum(server.access(), ORDER, _ -> {}, LONG))
          .as("by way of the same home")
          .isInstanceOf(Busy.class);
      Vacuumed second =
          vacuum(server.access().named("postgres"), order(Duration.ofSeconds(2), "other"));
      assertThat(only(second).wrong())
          .as("by way of another one")
          .hasValueSatisfying(
              why ->
                  assertThat(why).startsWith("another VACUUM of Drydock's runs in this database"));
      Vacuumed all = first.get();
      assertThat(all.stopped()).isEmpty();
      assertThat(all.databases())
          .extracting(VacuumedDatabase::name)
          .containsExactly("other", "shop");
      assertThat(all.databases()).allMatch(done -> done.wrong().isEmpty());
      assertThat(all.databases().getFirst().leftOut())
          .singleElement()
          .satisfies(
              table ->
                  assertThat(table.why())
                      .startsWith("its lock was not to be had within 5s: process "));
      client.rollback();
    } finally {
      server.execute("ALTER ROLE drydock RESET idle_session_timeout");
    }
  }

  @Test
  void beginsNoFurtherDatabaseAfterTheDeadline() throws SQLException {
    server.execute("CREATE DATABASE other");
    fill("other", "locked", 3000, 2000);
    fill("t", 3000, 2000);
    try (Connection client = server.connect("other");
        Statement statement = client.createStatement()) {
      client.setAutoCommit(false);
      statement.execute("LOCK TABLE locked IN SHARE UPDATE EXCLUSIVE MODE");
      var result =
          (Vacuumed)
              database.vacuum(
                  server.access(),
                  order(Duration.ofMinutes(5), "other", "shop", "postgres"),
                  _ -> {},
                  Duration.ofSeconds(3));
      assertThat(result.stopped()).contains("the time for it was over");
      assertThat(only(result).name()).isEqualTo("other");
      assertThat(only(result).wrong()).isEmpty();
      assertThat(result.notBegun()).containsExactly("shop", "postgres");
      client.rollback();
    }
    assertThat(server.ask("SELECT last_vacuum IS NULL FROM pg_stat_user_tables")).isEqualTo("t");
  }

  @Test
  void endsWhenItHasLostItsLock() throws Exception {
    server.execute("CREATE DATABASE other");
    fill("other", "locked", 3000, 2000);
    try (Connection client = server.connect("other");
        Statement statement = client.createStatement()) {
      client.setAutoCommit(false);
      statement.execute("LOCK TABLE locked IN SHARE UPDATE EXCLUSIVE MODE");
      var run =
          CompletableFuture.supplyAsync(
              () -> vacuum(server.access(), order(Duration.ofSeconds(3), "other", "shop")),
              command -> Thread.ofVirtual().start(command));
      awaitWaiting();
      server.execute(
          "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database"
              + " = (SELECT oid FROM pg_database WHERE datname = 'shop')");
      Vacuumed all = run.get();
      assertThat(all.stopped())
          .contains("the connection to shop broke, and with it the lock was lost");
      assertThat(all.notBegun()).containsExactly("shop");
      client.rollback();
    }
  }

  @Test
  void tellsWhatADatabaseHolds() throws SQLException {
    fill("big", 10_000, 2000);
    fill("held", 3000, 2000);
    server.execute(
        "CREATE TABLE bare (id int)",
        "CREATE SCHEMA \"Odd; --\"",
        "CREATE TABLE \"Odd; --\".bare (id int)");
    try (Connection client = server.connect();
        Statement statement = client.createStatement()) {
      client.setAutoCommit(false);
      statement.execute("LOCK TABLE held IN ACCESS EXCLUSIVE MODE");
      var order = new VacuumOrder(List.of(), true, Duration.ofMillis(300), 5);
      Database.Contents contents = only(vacuum(server.access(), order)).contents();
      assertThat(contents.largest().getFirst().name()).isEqualTo("public.big");
      assertThat(contents.manyDead())
          .singleElement()
          .satisfies(
              table -> {
                assertThat(table.name()).isEqualTo("public.held");
                assertThat(table.dead()).isEqualTo(2000);
              });
      assertThat(contents.withoutPrimaryKey().count()).isEqualTo(2);
      assertThat(contents.withoutPrimaryKey().some())
          .containsExactlyInAnyOrder("public.bare", "\"Odd; --\".bare");
      assertThat(contents.schemas().count()).isEqualTo(2);
      assertThat(contents.schemas().largest())
          .extracting(SchemaSize::name)
          .containsExactly("public", "\"Odd; --\"");
      assertThat(contents.schemas().largest())
          .extracting(SchemaSize::tables)
          .containsExactly(3L, 1L);
      assertThat(contents.schemas().largest().getFirst().size()).isGreaterThan(1_000_000);
      client.rollback();
    }
  }

  @Test
  void leavesOutWhatTheUserMayNotVacuum() {
    fill("big", 3000, 2000);
    VacuumedDatabase result = only(vacuum(server.access(Postgres.GUEST, Postgres.PASSWORD), ORDER));
    assertThat(result.done()).isEmpty();
    assertThat(result.leftOut().getFirst().why())
        .startsWith("the user guest owns neither the table nor the database");
    assertThat(server.ask("SELECT last_vacuum IS NULL FROM pg_stat_user_tables")).isEqualTo("t");
  }

  @Test
  void survivesAServerThatGoesDown() throws Exception {
    try (var own = Postgres.start()) {
      own.execute("CREATE TABLE t (id int PRIMARY KEY)");
      try (Connection client = own.connect();
          Statement statement = client.createStatement()) {
        client.setAutoCommit(false);
        statement.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE");
        var vacuum =
            CompletableFuture.supplyAsync(
                () -> database.vacuum(own.access(), order(Duration.ofSeconds(20)), _ -> {}, LONG),
                command -> Thread.ofVirtual().start(command));
        await().until(() -> own.ask("SELECT count(*) FROM pg_locks WHERE NOT granted").equals("1"));
        own.stop();
        assertThat(vacuum.get())
            .isInstanceOfSatisfying(
                Vacuumed.class,
                result -> {
                  assertThat(only(result).wrong()).isPresent();
                  assertThat(only(result).leftOut())
                      .containsExactly(new LeftOut("public.t", "the connection broke"));
                });
      } catch (SQLException e) {
        // To close a connection that the server has cut.
      }
      assertThat(notReached(own.access(), LONG))
          .isEqualTo(new NotReached(Problem.NO_ANSWER, "connection refused"));
    }
  }

  @Test
  void keepsPasswordsOutOfWhatIsPrinted() {
    assertThat(List.of(server.access()).toString())
        .isEqualTo("[DatabaseAccess[shop at 127.0.0.1:" + server.port() + "]]");
  }
}
