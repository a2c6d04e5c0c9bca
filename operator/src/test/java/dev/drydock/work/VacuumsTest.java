package dev.drydock.work;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.port.Database.Bloat;
import dev.drydock.port.Database.Contents;
import dev.drydock.port.Database.LeftOut;
import dev.drydock.port.Database.SchemaSize;
import dev.drydock.port.Database.Schemas;
import dev.drydock.port.Database.TableBloat;
import dev.drydock.port.Database.TableRows;
import dev.drydock.port.Database.TableSize;
import dev.drydock.port.Database.Vacuumed;
import dev.drydock.port.Database.VacuumedDatabase;
import dev.drydock.port.Database.VacuumedTable;
import dev.drydock.port.Database.WithoutPrimaryKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.Test;

class VacuumsTest {
  private static final VacuumedTable TABLE =
      new VacuumedTable("public.t", 2048, 1024, 1500, 500, Duration.ofSeconds(1));

  private static VacuumedDatabase database(String name, VacuumedTable... done) {
    return new VacuumedDatabase(
        name, 4096, 2048, List.of(done), List.of(), Contents.NONE, Optional.empty());
  }

  private static VacuumedDatabase failed(String name) {
    return new VacuumedDatabase(
        name, 0, 0, List.of(), List.of(), Contents.NONE, Optional.of("it is away"));
  }

  private static Vacuumed vacuumed(VacuumedDatabase... databases) {
    return new Vacuumed(List.of(databases), List.of(), Duration.ofSeconds(2), Optional.empty());
  }

  private static HostWork.Done leavingOut(int leftOut) {
    return Vacuums.done(
        vacuumed(
            new VacuumedDatabase(
                "offchain",
                1024,
                1024,
                List.of(TABLE),
                IntStream.rangeClosed(1, leftOut)
                    .mapToObj(i -> new LeftOut("t" + i, "held by " + i))
                    .toList(),
                Contents.NONE,
                Optional.empty())));
  }

  @Test
  void namesWhatWasLeftOutAndWhyInBounds() {
    assertThat(leavingOut(1).outcome()).isEqualTo(Outcome.Succeeded);
    assertThat(leavingOut(1).message()).endsWith("; t1 left out: held by 1");
    assertThat(leavingOut(4).message())
        .endsWith("; t3 left out: held by 3; also left out, see the log: t4");
    assertThat(leavingOut(10).message())
        .contains("t1 left out: held by 1; t2 left out: held by 2; t3 left out: held by 3; also")
        .endsWith("also left out, see the log: t4, t5, t6, t7, t8 and 2 more");
  }

  @Test
  void failsOfOneDatabaseAndTellsOfTheOthers() {
    HostWork.Done done =
        Vacuums.done(vacuumed(failed("nowhere"), database("a", TABLE), database("b", TABLE)));
    assertThat(done.outcome()).isEqualTo(Outcome.Failed);
    assertThat(done.message())
        .isEqualTo(
            "nowhere: it is away; 2 tables in 2 databases, 2,000 dead rows removed, 8KiB → 4KiB in"
                + " 2s (a: 1,000 dead rows removed, 4KiB → 2KiB; b: 1,000 dead rows removed, 4KiB"
                + " → 2KiB)");
  }

  @Test
  void failsWhereNoTableOfADatabaseCouldBeVacuumed() {
    var held =
        new VacuumedDatabase(
            "held",
            4096,
            4096,
            List.of(),
            List.of(new LeftOut("public.t", "somebody holds it")),
            Contents.NONE,
            Optional.empty());
    HostWork.Done done = Vacuums.done(vacuumed(held, database("a", TABLE), database("empty")));
    assertThat(done.outcome()).isEqualTo(Outcome.Failed);
    assertThat(done.message())
        .startsWith("held: no table could be vacuumed; 1 table in 3 databases, ")
        .endsWith("; public.t of held left out: somebody holds it");
    assertThat(Vacuums.done(vacuumed(database("empty"))).outcome()).isEqualTo(Outcome.Succeeded);
  }

  @Test
  void tellsOfManyDatabasesInBounds() {
    assertThat(
            Vacuums.done(
                    vacuumed(
                        IntStream.rangeClosed(1, 40)
                            .mapToObj(i -> database("d" + i, TABLE))
                            .toArray(VacuumedDatabase[]::new)))
                .message())
        .startsWith("40 tables in 40 databases, 40,000 dead rows removed, 160KiB → 80KiB in 2s (d1")
        .endsWith("; and 37 more, see the log)")
        .hasSizeLessThan(300);
    assertThat(
            Vacuums.done(
                    vacuumed(
                        IntStream.rangeClosed(1, 40)
                            .mapToObj(i -> failed("d" + i))
                            .toArray(VacuumedDatabase[]::new)))
                .message())
        .startsWith("d1: it is away; d2: it is away; d3: it is away; also failed, see the log: d4,")
        .contains("d8 and 32 more; 0 tables")
        .hasSizeLessThan(300);
    HostWork.Done stopped =
        Vacuums.done(
            new Vacuumed(
                List.of(database("a", TABLE)),
                IntStream.rangeClosed(1, 10).mapToObj(i -> "d" + i).toList(),
                Duration.ofSeconds(2),
                Optional.of("the time for it was over")));
    assertThat(stopped.outcome()).isEqualTo(Outcome.Failed);
    assertThat(stopped.message())
        .startsWith(
            "the time for it was over; not begun: d1, d2, d3, d4, d5 and 5 more; 1 table in 1"
                + " database, 1,000 dead rows removed");
  }

  @Test
  void logsEachTableWithItsDatabaseAndWhatADatabaseHolds() {
    var contents =
        new Contents(
            List.of(new TableSize("public.t", 2048, 10, 500)),
            new Schemas(30, List.of(new SchemaSize("public", 12, 3000))),
            new WithoutPrimaryKey(5, List.of("public.bare", "public.parts")),
            List.of(new TableRows("public.t", 2000, 1500, 2048, null)),
            new Bloat(
                List.of(
                    new TableBloat("public.t", 20 << 20, 5 << 20),
                    new TableBloat("public.full", 20 << 20, 1 << 20)),
                List.of(),
                List.of()));
    var shop =
        new VacuumedDatabase(
            "shop",
            4096,
            2048,
            List.of(TABLE, TABLE),
            List.of(new LeftOut("public.held", "somebody holds it")),
            contents,
            Optional.empty());
    assertThat(
            logged(
                new Vacuumed(
                    List.of(shop, failed("nowhere")),
                    List.of("a", "b"),
                    Duration.ofSeconds(2),
                    Optional.of("it was told to stop"))))
        .contains(
            "left out: somebody holds it {database=shop, step=vacuum, table=public.held}",
            "in all {bytesAfter=2048, bytesBefore=4096, database=shop, deadAfter=1000,"
                + " deadBefore=3000, leftOut=1, step=vacuum, tables=2}",
            "table {bytes=2048, database=shop, dead=500, rows=10, step=report, table=public.t}",
            "many dead rows are left {database=shop, dead=1500, rows=2000, step=report,"
                + " table=public.t}",
            "much is unused, by an estimate {bytes=20971520, database=shop, step=report,"
                + " table=public.t, unused=5242880}",
            "without a primary key: public.bare, public.parts and 3 more {database=shop,"
                + " step=report, tables=5}",
            "schema {bytes=3000, database=shop, schema=public, step=report, tables=12}",
            "database {bytes=2048, database=shop, schemas=30, step=report}",
            "not all tables had their turn: it is away {database=nowhere, step=vacuum}",
            "not begun: a, b {step=vacuum}")
        .noneMatch(line -> line.contains("bytes") && line.contains("nowhere"))
        .noneMatch(line -> line.contains("public.full"))
        .filteredOn(line -> line.startsWith("vacuumed "))
        .hasSize(2)
        .allMatch(line -> line.contains("database=shop"));
  }

  /** What is logged of it, a text for each line. */
  private static List<String> logged(Vacuumed vacuumed) {
    var lines = new ArrayList<String>();
    var appender =
        new AbstractAppender("lines", null, null, true, Property.EMPTY_ARRAY) {
          @Override
          public void append(LogEvent event) {
            lines.add(
                event.getMessage().getFormattedMessage()
                    + " "
                    + new TreeMap<>(event.getContextData().toMap()));
          }
        };
    appender.start();
    var logger = (Logger) LogManager.getLogger(Vacuums.class);
    logger.addAppender(appender);
    try {
      Vacuums.log(vacuumed);
    } finally {
      logger.removeAppender(appender);
    }
    return lines;
  }
}
