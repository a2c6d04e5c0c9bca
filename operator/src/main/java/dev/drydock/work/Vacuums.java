package dev.drydock.work;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.host.HostSpec.Permit;
import dev.drydock.api.v1alpha1.maintenance.Vacuum;
import dev.drydock.kernel.Durations;
import dev.drydock.kernel.Sizes;
import dev.drydock.port.Credentials;
import dev.drydock.port.Database.Busy;
import dev.drydock.port.Database.Contents;
import dev.drydock.port.Database.LeftOut;
import dev.drydock.port.Database.NotReached;
import dev.drydock.port.Database.SchemaSize;
import dev.drydock.port.Database.TableBloat;
import dev.drydock.port.Database.TableRows;
import dev.drydock.port.Database.TableSize;
import dev.drydock.port.Database.VacuumOrder;
import dev.drydock.port.Database.Vacuumed;
import dev.drydock.port.Database.VacuumedDatabase;
import dev.drydock.port.Database.VacuumedTable;
import dev.drydock.port.Database.Vacuuming;
import dev.drydock.port.Database.WithoutPrimaryKey;
import dev.drydock.port.DatabaseAccess;
import dev.drydock.port.DatabaseSecret;
import dev.drydock.port.HostShell;
import dev.drydock.work.WorkAssignment.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * VACUUM of databases that are used meanwhile. Through a host, under that host's lock; else under
 * the databases' own.
 */
record Vacuums(Vacuum spec) implements HostWork {
  private static final Logger LOG = LoggerFactory.getLogger(Vacuums.class);
  private static final String VACUUM = "vacuum";
  private static final String REPORT = "report";
  private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(5);
  private static final int TABLES = 20;
  private static final int NAMED = 3;
  private static final int FURTHER = 5;

  /** In percent of a table. */
  private static final int MUCH_UNUSED = 20;

  @Override
  public List<Permit> permits() {
    return List.of();
  }

  @Override
  public boolean needsRoot(Target target) {
    return false;
  }

  @Override
  public List<String> touches() {
    return List.of();
  }

  @Override
  public Reach reach() {
    return Boolean.TRUE.equals(spec.postgresql().viaHost()) ? Reach.FIRST : Reach.NONE;
  }

  @Override
  public Done fromHere(Site.Means means, Instant end) {
    return switch (read(means.credentials())) {
      case DatabaseSecret.Unusable(String message) -> new Done(Outcome.Failed, message);
      case DatabaseSecret.Usable(DatabaseAccess database) ->
          vacuum(means, database, Duration.between(means.time().instant(), end));
    };
  }

  @Override
  public Done on(Site site) throws InterruptedException {
    return switch (read(site.means().credentials())) {
      case DatabaseSecret.Unusable(String message) -> new Done(Outcome.Failed, message);
      case DatabaseSecret.Usable(DatabaseAccess database) ->
          switch (site.forward(database.host(), database.port())) {
            case HostShell.Failed(_, String message) ->
                new Done(Outcome.Failed, "there is no way through the host: " + message);
            case HostShell.Tunnel tunnel -> {
              try (tunnel) {
                yield vacuum(site.means(), database.through(tunnel.port()), site.left());
              }
            }
          };
    };
  }

  private DatabaseSecret.Reading read(Credentials credentials) {
    String name = spec.postgresql().secretName();
    return switch (credentials.read(name)) {
      case Credentials.Absent(String message) -> new DatabaseSecret.Unusable(message);
      case Credentials.Present(var values) -> DatabaseSecret.read(name, values);
    };
  }

  private Done vacuum(Site.Means means, DatabaseAccess database, Duration deadline) {
    Vacuuming ended =
        means
            .database()
            .vacuum(
                database,
                new VacuumOrder(
                    spec.databases(),
                    !Boolean.FALSE.equals(spec.analyze()),
                    Durations.parse(spec.lockTimeout(), LOCK_TIMEOUT),
                    Objects.requireNonNullElse(spec.reportTables(), TABLES)),
                sentence -> LOG.atInfo().addKeyValue("step", VACUUM).log(sentence),
                deadline);
    if (ended instanceof Vacuumed vacuumed) {
      log(vacuumed);
    }
    return done(ended);
  }

  static void log(Vacuumed vacuumed) {
    vacuumed.databases().forEach(Vacuums::log);
    if (!vacuumed.notBegun().isEmpty()) {
      LOG.atWarn()
          .addKeyValue("step", VACUUM)
          .log("not begun: {}", String.join(", ", vacuumed.notBegun()));
    }
  }

  private static void log(VacuumedDatabase database) {
    for (VacuumedTable table : database.done()) {
      log(LOG.atInfo(), VACUUM, database)
          .addKeyValue("table", table.name())
          .addKeyValue("bytesBefore", table.sizeBefore())
          .addKeyValue("bytesAfter", table.sizeAfter())
          .addKeyValue("deadBefore", table.deadBefore())
          .addKeyValue("deadAfter", table.deadAfter())
          .addKeyValue("millis", table.took().toMillis())
          .log("vacuumed");
    }
    for (LeftOut table : database.leftOut()) {
      log(LOG.atWarn(), VACUUM, database)
          .addKeyValue("table", table.name())
          .log("left out: {}", table.why());
    }
    database
        .wrong()
        .ifPresent(
            why ->
                log(LOG.atWarn(), VACUUM, database).log("not all tables had their turn: {}", why));
    if (database.sizeBefore() == 0) {
      return;
    }
    log(LOG.atInfo(), VACUUM, database)
        .addKeyValue("tables", database.done().size())
        .addKeyValue("leftOut", database.leftOut().size())
        .addKeyValue("bytesBefore", database.sizeBefore())
        .addKeyValue("bytesAfter", database.sizeAfter())
        .addKeyValue("deadBefore", database.deadBefore())
        .addKeyValue("deadAfter", database.deadAfter())
        .log("in all");
    report(database);
  }

  private static void report(VacuumedDatabase database) {
    Contents contents = database.contents();
    for (TableSize table : contents.largest()) {
      log(LOG.atInfo(), REPORT, database)
          .addKeyValue("table", table.name())
          .addKeyValue("bytes", table.size())
          .addKeyValue("rows", table.live())
          .addKeyValue("dead", table.dead())
          .log("table");
    }
    for (TableRows table : contents.manyDead()) {
      log(LOG.atWarn(), REPORT, database)
          .addKeyValue("table", table.name())
          .addKeyValue("rows", table.live())
          .addKeyValue("dead", table.dead())
          .log("many dead rows are left");
    }
    for (TableBloat table : contents.bloat().worst()) {
      if (table.percent() >= MUCH_UNUSED) {
        log(LOG.atInfo(), REPORT, database)
            .addKeyValue("table", table.name())
            .addKeyValue("bytes", table.size())
            .addKeyValue("unused", table.unused())
            .log("much is unused, by an estimate");
      }
    }
    if (!contents.bloat().failure().isEmpty()) {
      log(LOG.atInfo(), REPORT, database)
          .log("nobody knows how much is unused: {}", contents.bloat().failure());
    }
    WithoutPrimaryKey bare = contents.withoutPrimaryKey();
    if (bare.count() > 0) {
      log(LOG.atInfo(), REPORT, database)
          .addKeyValue("tables", bare.count())
          .log("without a primary key: {}", some(bare.some(), bare.count()));
    }
    for (SchemaSize schema : contents.schemas().largest()) {
      log(LOG.atInfo(), REPORT, database)
          .addKeyValue("schema", schema.name())
          .addKeyValue("tables", schema.tables())
          .addKeyValue("bytes", schema.size())
          .log("schema");
    }
    log(LOG.atInfo(), REPORT, database)
        .addKeyValue("schemas", contents.schemas().count())
        .addKeyValue("bytes", database.sizeAfter())
        .log("database");
  }

  private static LoggingEventBuilder log(
      LoggingEventBuilder line, String step, VacuumedDatabase database) {
    return line.addKeyValue("step", step).addKeyValue("database", database.name());
  }

  /** A table that is left out is no failure, as long as others of its database were not. */
  static Done done(Vacuuming ended) {
    return switch (ended) {
      case NotReached(_, String message) -> new Done(Outcome.Failed, message);
      case Busy(String message) -> new Done(Outcome.Blocked, message);
      case Vacuumed vacuumed -> done(vacuumed);
    };
  }

  private static Done done(Vacuumed vacuumed) {
    List<VacuumedDatabase> databases = vacuumed.databases();
    boolean several = databases.size() + vacuumed.notBegun().size() > 1;
    List<Told> wrong = databases.stream().flatMap(d -> wrong(d).stream()).toList();
    List<Told> leftOut = databases.stream().flatMap(d -> leftOut(d, several)).toList();
    var parts = new ArrayList<String>();
    vacuumed.stopped().ifPresent(parts::add);
    parts.addAll(few(wrong, "also failed, see the log: "));
    if (!vacuumed.notBegun().isEmpty()) {
      parts.add(
          "not begun: "
              + some(
                  vacuumed.notBegun().stream().limit(FURTHER).toList(),
                  vacuumed.notBegun().size()));
    }
    parts.add(sum(vacuumed, several));
    parts.addAll(few(leftOut, "also left out, see the log: "));
    return new Done(
        vacuumed.stopped().isPresent() || !wrong.isEmpty() ? Outcome.Failed : Outcome.Succeeded,
        String.join("; ", parts));
  }

  /** What is told in full if there is room, and by its name else. */
  private record Told(String name, String sentence) {}

  private static Optional<Told> wrong(VacuumedDatabase database) {
    return database
        .wrong()
        .or(
            () ->
                database.done().isEmpty() && !database.leftOut().isEmpty()
                    ? Optional.of("no table could be vacuumed")
                    : Optional.empty())
        .map(why -> new Told(database.name(), database.name() + ": " + why));
  }

  private static Stream<Told> leftOut(VacuumedDatabase database, boolean several) {
    return database.leftOut().stream()
        .map(
            table -> {
              String name = several ? table.name() + " of " + database.name() : table.name();
              return new Told(name, name + " left out: " + table.why());
            });
  }

  private static String sum(Vacuumed vacuumed, boolean several) {
    List<VacuumedDatabase> entered =
        vacuumed.databases().stream()
            .filter(database -> database.wrong().isEmpty() || !database.done().isEmpty())
            .toList();
    int tables = entered.stream().mapToInt(database -> database.done().size()).sum();
    String sum =
        (tables == 1 ? "1 table" : tables + " tables")
            + (several ? " in " + databases(entered.size()) : "")
            + ", "
            + removed(entered)
            + " in "
            + Durations.text(vacuumed.took());
    return entered.size() < 2 ? sum : sum + " (" + each(entered) + ")";
  }

  private static String databases(int count) {
    return count == 1 ? "1 database" : count + " databases";
  }

  private static String removed(List<VacuumedDatabase> databases) {
    return String.format(
        Locale.ROOT,
        "%,d dead rows removed, %sB → %sB",
        databases.stream().mapToLong(VacuumedDatabase::rowsRemoved).sum(),
        Sizes.text(databases.stream().mapToLong(VacuumedDatabase::sizeBefore).sum()),
        Sizes.text(databases.stream().mapToLong(VacuumedDatabase::sizeAfter).sum()));
  }

  private static String each(List<VacuumedDatabase> databases) {
    return databases.stream()
            .limit(NAMED)
            .map(database -> database.name() + ": " + removed(List.of(database)))
            .collect(Collectors.joining("; "))
        + (databases.size() > NAMED
            ? "; and " + (databases.size() - NAMED) + " more, see the log"
            : "");
  }

  private static List<String> few(List<Told> all, String also) {
    var few = new ArrayList<String>();
    all.stream().limit(NAMED).map(Told::sentence).forEach(few::add);
    if (all.size() > NAMED) {
      few.add(
          also
              + some(
                  all.stream().skip(NAMED).limit(FURTHER).map(Told::name).toList(),
                  all.size() - NAMED));
    }
    return few;
  }

  private static String some(List<String> some, long count) {
    return String.join(", ", some)
        + (count > some.size() ? " and " + (count - some.size()) + " more" : "");
  }
}
