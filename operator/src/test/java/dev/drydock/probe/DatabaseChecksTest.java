package dev.drydock.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.port.Database;
import dev.drydock.port.Database.Bloat;
import dev.drydock.port.Database.Connections;
import dev.drydock.port.Database.Examined;
import dev.drydock.port.Database.Lost;
import dev.drydock.port.Database.NotReached;
import dev.drydock.port.Database.Own;
import dev.drydock.port.Database.Problem;
import dev.drydock.port.Database.Replica;
import dev.drydock.port.Database.Replication;
import dev.drydock.port.Database.TableBloat;
import dev.drydock.port.Database.TableRows;
import dev.drydock.port.Database.WithoutPrimaryKey;
import dev.drydock.probe.Finding.Bad;
import dev.drydock.probe.Finding.Fine;
import dev.drydock.probe.Finding.Unknown;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DatabaseChecksTest {
  private static final Demand.Postgresql ALL =
      new Demand.Postgresql("s", true, 80, 1, 20, 50, 60_000L);
  private static final String WHERE = "database shop at localhost:5432: ";

  private static Look look(Database.Examination said) {
    return new Look(
        List.of(),
        List.of(),
        new Look.Outside(
            Map.of(),
            Map.of(),
            Map.of(),
            Map.of(HostLook.database(ALL), new Look.AskedDatabase("shop at localhost:5432", said))),
        Optional.empty());
  }

  private static Finding evaluate(Database.Examination said) {
    return Evaluation.of(ALL, look(said));
  }

  private static Examined examined(
      int connections, WithoutPrimaryKey without, Replication replication, TableRows... tables) {
    return examined(connections, without, replication, Bloat.NONE, tables);
  }

  private static Examined examined(
      int connections,
      WithoutPrimaryKey without,
      Replication replication,
      Bloat bloat,
      TableRows... tables) {
    return new Examined(
        "15.1",
        false,
        5L << 30,
        new Connections(connections, 100),
        without,
        List.of(tables),
        bloat,
        replication);
  }

  private static Finding bloat(int connections, Bloat bloat) {
    return evaluate(examined(connections, NONE, Replication.NONE, bloat));
  }

  private static final WithoutPrimaryKey NONE = new WithoutPrimaryKey(0, List.of());

  private static Finding replication(
      boolean hidden, List<Replica> replicas, List<Lost> lost, @Nullable Own own) {
    return evaluate(examined(1, NONE, new Replication(hidden, replicas, lost, own)));
  }

  @Test
  void isFineUpToTheLimits() {
    assertThat(
            evaluate(
                examined(
                    80,
                    new WithoutPrimaryKey(1, List.of("public.a")),
                    Replication.NONE,
                    new TableRows("public.a", 8000, 2000, 0, null))))
        .isEqualTo(new Fine("80 of 100 connections, 5Gi"));
  }

  @Test
  void everythingThatIsReadIsAFigure() {
    assertThat(DatabaseChecks.figures("db", ALL, look(examined(1, NONE, Replication.NONE))))
        .containsExactly(
            Figure.ofCheck(Metric.DATABASE_SIZE, "db", 5L << 30),
            Figure.ofCheck(Metric.DATABASE_CONNECTIONS, "db", 1),
            Figure.ofCheck(Metric.DATABASE_CONNECTIONS_MAX, "db", 100),
            Figure.ofCheck(Metric.TABLES_WITHOUT_KEY, "db", 0),
            Figure.ofCheck(Metric.DEAD_ROWS, "db", 0),
            Figure.ofCheck(Metric.BLOAT, "db", 0));
    var replication =
        new Replication(
            false,
            List.of(
                new Replica("slow at 10.0.0.2", "streaming", Duration.ofMillis(1500), 4096),
                new Replica("even", "streaming", null, 0),
                new Replica("new", "catchup", null, 1 << 30)),
            List.of(new Lost("old", 2048)),
            new Own(true, Duration.ofSeconds(7)));
    Map<String, String> table = Map.of("schemaname", "public", "relname", "x");
    Map<String, String> odd = Map.of("schemaname", "a.b", "relname", "Say \"x\"");
    assertThat(
            DatabaseChecks.figures(
                "db",
                ALL,
                look(
                    examined(
                        1,
                        new WithoutPrimaryKey(5, List.of("public.a")),
                        replication,
                        new Bloat(
                            List.of(
                                new TableBloat("public.x", 100, 60),
                                new TableBloat("\"a.b\".\"Say \"\"x\"\"\"", 200, 50)),
                            List.of("public.new"),
                            List.of()),
                        new TableRows("public.x", 2000, 8000, 0, null),
                        new TableRows("\"a.b\".\"Say \"\"x\"\"\"", 7000, 3000, 0, null)))))
        .contains(
            Figure.ofCheck(Metric.TABLES_WITHOUT_KEY, "db", 5),
            Figure.ofCheck(Metric.DEAD_ROWS, "db", 80),
            new Figure(Metric.TABLE_LIVE_ROWS, "db", table, 2000),
            new Figure(Metric.TABLE_DEAD_ROWS, "db", table, 8000),
            new Figure(Metric.TABLE_DEAD_ROWS, "db", odd, 3000),
            Figure.ofCheck(Metric.BLOAT, "db", 60),
            new Figure(Metric.TABLE_SIZE, "db", table, 100),
            new Figure(Metric.TABLE_UNUSED, "db", table, 60),
            new Figure(Metric.TABLE_UNUSED, "db", odd, 50),
            new Figure(
                Metric.REPLICA_LAG, "db", Map.of("application_name", "slow at 10.0.0.2"), 1.5),
            new Figure(
                Metric.REPLICA_BEHIND, "db", Map.of("application_name", "slow at 10.0.0.2"), 4096),
            new Figure(Metric.REPLICA_LAG, "db", Map.of("application_name", "even"), 0),
            new Figure(Metric.REPLICA_BEHIND, "db", Map.of("application_name", "new"), 1 << 30),
            new Figure(Metric.SLOT_KEPT, "db", Map.of("slot_name", "old"), 2048),
            Figure.ofCheck(Metric.STANDBY_LAG, "db", 7))
        .as("nobody knows how many seconds those are")
        .doesNotContain(new Figure(Metric.REPLICA_LAG, "db", Map.of("application_name", "new"), 0));
  }

  @Test
  void namesTheWorstOffendersAndWhatToDo() {
    assertThat(
            evaluate(
                examined(
                    81,
                    new WithoutPrimaryKey(
                        5, List.of("public.a", "public.b", "public.c", "public.d")),
                    Replication.NONE,
                    new TableRows("public.x", 2000, 8000, 10 << 20, Duration.ofDays(3)),
                    new TableRows("public.y", 7000, 3000, 0, null))))
        .isEqualTo(
            new Bad(
                "81 of 100 connections, 5 tables without key, 80 % dead rows in public.x",
                WHERE
                    + "81 of 100 connections are taken; the limit is 80 %. Look for clients that"
                    + " keep theirs idle; 5 tables have no primary key: public.a, public.b,"
                    + " public.c, and 2 more; the limit is 1; dead rows: public.x 80 % (8000 of"
                    + " 10000, about 8Mi, vacuumed 3d ago), public.y 30 % (3000 of 10000, never"
                    + " vacuumed); the limit is 20 %. VACUUM removes them, unless an old"
                    + " transaction needs them"));
  }

  @Test
  void namesTablesWithMuchUnusedSpaceAndWhatGivesItBack() {
    var worst = new TableBloat("public.x", 38 << 20, 30 << 20);
    var bad = new TableBloat("public.y", 2L << 30, 11L << 27);
    var fine = new TableBloat("public.z", 20 << 20, 10 << 20);
    assertThat(bloat(1, new Bloat(List.of(worst, bad, fine), List.of(), List.of())))
        .isEqualTo(
            new Bad(
                "79 % unused in public.x",
                WHERE
                    + "unused space, by an estimate: public.x 79 % (about 30Mi of 38Mi would come"
                    + " back), public.y 69 % (about 1.4Gi of 2Gi would come back); the limit is"
                    + " 50 %. VACUUM does not give it back: pg_repack does, or VACUUM FULL in a"
                    + " maintenance window"));
    assertThat(bloat(1, new Bloat(List.of(fine), List.of(), List.of()))).isInstanceOf(Fine.class);
  }

  @Test
  void takesNoTableForFineThatNobodyKnowsOf() {
    var fine = new TableBloat("public.z", 20 << 20, 10 << 20);
    var unseen =
        new Bloat(List.of(fine), List.of("public.new"), List.of("public.a", "public.secret"));
    assertThat(bloat(1, unseen))
        .isEqualTo(
            new Unknown(
                "database shop at localhost:5432 has no statistics to tell how much is unused in"
                    + " public.new: ANALYZE it; it keeps from this user how much is unused in"
                    + " public.a, public.secret: GRANT pg_read_all_data to it, and BYPASSRLS where"
                    + " there is row security"));
    assertThat(bloat(90, unseen))
        .isInstanceOfSatisfying(
            Bad.class,
            bad ->
                assertThat(bad.message())
                    .startsWith(WHERE + "90 of 100 connections are taken;")
                    .contains(
                        "; the database has no statistics to tell how much is unused in public.new:"
                            + " ANALYZE it; the database keeps from this user"));
    assertThat(
            DatabaseChecks.figures(
                "db",
                ALL,
                look(
                    examined(
                        1,
                        NONE,
                        Replication.NONE,
                        new Bloat(List.of(), List.of("public.new"), List.of())))))
        .extracting(Figure::metric)
        .contains(Metric.DEAD_ROWS)
        .doesNotContain(Metric.BLOAT);
  }

  @Test
  void tellsWhichReplicaIsBehind() {
    var slow = new Replica("walreceiver at 10.0.0.2", "streaming", Duration.ofSeconds(90), 4096);
    var fine = new Replica("walreceiver", "streaming", Duration.ofSeconds(60), 4096);
    var idle = new Replica("walreceiver", "streaming", null, 0);
    assertThat(replication(false, List.of(fine, idle), List.of(), null)).isInstanceOf(Fine.class);
    assertThat(replication(false, List.of(slow, fine), List.of(), null))
        .isEqualTo(
            new Bad(
                "replica 1m30s behind",
                WHERE + "replica walreceiver at 10.0.0.2 is 1m30s behind; the limit is 1m"));
    assertThat(
            replication(false, List.of(new Replica("r", "catchup", null, 1 << 30)), List.of(), null)
                .message())
        .endsWith("replica r catches up, and is 1Gi behind");
    assertThat(replication(false, List.of(), List.of(new Lost("old", 3L << 30)), null).message())
        .endsWith(
            "the replica of slot old is gone, and 3Gi of the log are kept for it: bring it back,"
                + " or drop the slot");
    assertThat(replication(true, List.of(), List.of(), null))
        .isEqualTo(
            new Unknown(
                "database shop at localhost:5432 keeps replication from this user: GRANT"
                    + " pg_read_all_stats to it"));
  }

  @Test
  void tellsThatAStandbyIsBehind() {
    assertThat(replication(false, List.of(), List.of(), new Own(false, Duration.ofHours(2))))
        .isEqualTo(
            new Bad(
                "2h behind",
                WHERE
                    + "this standby is 2h behind, and not connected to its primary; the limit is"
                    + " 1m"));
    assertThat(replication(false, List.of(), List.of(), new Own(true, Duration.ZERO)))
        .isInstanceOf(Fine.class);
    assertThat(replication(false, List.of(), List.of(), new Own(true, null)))
        .isInstanceOf(Fine.class);
    assertThat(replication(false, List.of(), List.of(), new Own(false, null)))
        .isInstanceOf(Bad.class);
  }

  @ParameterizedTest
  @CsvSource({
    "NO_ANSWER, true, 'database shop at localhost:5432 does not answer: why'",
    "LOGIN_REFUSED, true, 'database shop at localhost:5432 refuses the login: why. Correct the"
        + " Secret s, or pg_hba.conf of the server'",
    "NO_CONNECTION_LEFT, true, 'database shop at localhost:5432 takes no connection any more: why'",
    "FAILED, false, 'database shop at localhost:5432: why'",
    "NOT_ASKED, false, 'database shop at localhost:5432: why'"
  })
  void judgesADatabaseThatDoesNotAnswer(Problem problem, boolean bad, String message) {
    Finding finding = evaluate(new NotReached(problem, "why"));
    assertThat(finding).isInstanceOf(bad ? Bad.class : Unknown.class);
    assertThat(finding.message()).isEqualTo(message);
    assertThat(DatabaseChecks.figures("db", ALL, look(new NotReached(problem, "why")))).isEmpty();
  }

  @Test
  void anEstimateThatFailedIsUnknownAndHidesNothing() {
    Bloat failed = Bloat.unknown("why");
    assertThat(bloat(1, failed))
        .isInstanceOf(Unknown.class)
        .extracting(Finding::message)
        .asString()
        .endsWith("did not tell how much of its tables is unused: why");
    assertThat(bloat(100, failed)).isInstanceOf(Bad.class);
    Look look = look(examined(1, NONE, Replication.NONE, failed));
    assertThat(DatabaseChecks.figures("db", ALL, look))
        .isNotEmpty()
        .noneMatch(figure -> figure.metric() == Metric.BLOAT);
    var size = new Demand.Postgresql("s", true, null, null, null, null, null);
    assertThat(DatabaseChecks.figures("db", size, look(examined(1, NONE, Replication.NONE))))
        .as("nobody asked")
        .noneMatch(figure -> figure.metric() == Metric.BLOAT);
  }

  @Test
  void asksForNothingThatIsNotDemanded() {
    var size = new Demand.Postgresql("s", true, null, null, null, null, null);
    assertThat(
            Evaluation.of(
                size,
                look(
                    examined(
                        100,
                        new WithoutPrimaryKey(9, List.of()),
                        new Replication(true, List.of(), List.of(), null),
                        new Bloat(
                            List.of(new TableBloat("t", 100, 99)),
                            List.of("public.new"),
                            List.of("public.secret")),
                        new TableRows("t", 0, 9999, 0, null)))))
        .isInstanceOf(Fine.class);
  }
}
