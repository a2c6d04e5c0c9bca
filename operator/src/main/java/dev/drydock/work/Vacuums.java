package dev.drydock.work;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.host.HostSpec.Permit;
import dev.drydock.api.v1alpha1.maintenance.Vacuum;
import dev.drydock.kernel.Durations;
import dev.drydock.kernel.Sizes;
import dev.drydock.port.Credentials;
import dev.drydock.port.Database.Busy;
import dev.drydock.port.Database.LeftOut;
import dev.drydock.port.Database.NotReached;
import dev.drydock.port.Database.TableSize;
import dev.drydock.port.Database.VacuumOrder;
import dev.drydock.port.Database.Vacuumed;
import dev.drydock.port.Database.VacuumedTable;
import dev.drydock.port.Database.Vacuuming;
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
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * VACUUM of a database that is used meanwhile. Through a host, under that host's lock; else under
 * the database's own.
 */
record Vacuums(Vacuum spec) implements HostWork {
  private static final Logger LOG = LoggerFactory.getLogger(Vacuums.class);
  private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(5);
  private static final int TABLES = 20;
  private static final int NAMED = 3;
  private static final int FURTHER = 5;

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
                    !Boolean.FALSE.equals(spec.analyze()),
                    Durations.parse(spec.lockTimeout(), LOCK_TIMEOUT),
                    Objects.requireNonNullElse(spec.reportTables(), TABLES)),
                sentence -> LOG.atInfo().addKeyValue("step", "vacuum").log(sentence),
                deadline);
    if (ended instanceof Vacuumed vacuumed) {
      report(vacuumed);
    }
    return done(ended);
  }

  private static void report(Vacuumed vacuumed) {
    for (VacuumedTable table : vacuumed.done()) {
      LOG.atInfo()
          .addKeyValue("step", "vacuum")
          .addKeyValue("table", table.name())
          .addKeyValue("bytesBefore", table.sizeBefore())
          .addKeyValue("bytesAfter", table.sizeAfter())
          .addKeyValue("deadBefore", table.deadBefore())
          .addKeyValue("deadAfter", table.deadAfter())
          .addKeyValue("millis", table.took().toMillis())
          .log("vacuumed");
    }
    for (LeftOut table : vacuumed.leftOut()) {
      LOG.atWarn()
          .addKeyValue("step", "vacuum")
          .addKeyValue("table", table.name())
          .log("left out: {}", table.why());
    }
    for (TableSize table : vacuumed.largest()) {
      LOG.atInfo()
          .addKeyValue("step", "report")
          .addKeyValue("table", table.name())
          .addKeyValue("bytes", table.size())
          .addKeyValue("rows", table.live())
          .addKeyValue("dead", table.dead())
          .log("table");
    }
  }

  /** A table that is left out is no failure, as long as others were not. */
  static Done done(Vacuuming ended) {
    return switch (ended) {
      case NotReached(_, String message) -> new Done(Outcome.Failed, message);
      case Busy(String message) -> new Done(Outcome.Blocked, message);
      case Vacuumed vacuumed -> {
        var parts = new ArrayList<String>();
        vacuumed.stopped().ifPresent(parts::add);
        parts.add(
            String.format(
                Locale.ROOT,
                "%d %s, %,d dead rows removed, %sB → %sB in %s",
                vacuumed.done().size(),
                vacuumed.done().size() == 1 ? "table" : "tables",
                vacuumed.rowsRemoved(),
                Sizes.text(vacuumed.sizeBefore()),
                Sizes.text(vacuumed.sizeAfter()),
                Durations.text(vacuumed.took())));
        if (!vacuumed.leftOut().isEmpty()) {
          parts.add(leftOut(vacuumed.leftOut()));
        }
        boolean nothing = vacuumed.done().isEmpty() && !vacuumed.leftOut().isEmpty();
        yield new Done(
            vacuumed.stopped().isPresent() || nothing ? Outcome.Failed : Outcome.Succeeded,
            String.join("; ", parts));
      }
    };
  }

  private static String further(List<LeftOut> tables) {
    return tables.stream()
            .skip(NAMED)
            .limit(FURTHER)
            .map(LeftOut::name)
            .collect(Collectors.joining(", "))
        + (tables.size() > NAMED + FURTHER
            ? " and " + (tables.size() - NAMED - FURTHER) + " more"
            : "");
  }

  private static String leftOut(List<LeftOut> tables) {
    return tables.stream()
            .limit(NAMED)
            .map(table -> table.name() + " left out: " + table.why())
            .collect(Collectors.joining("; "))
        + (tables.size() > NAMED ? "; also left out, see the log: " + further(tables) : "");
  }
}
