package dev.drydock.probe;

import dev.drydock.kernel.Durations;
import dev.drydock.kernel.Sizes;
import dev.drydock.kernel.Text;
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
import dev.drydock.probe.Look.AskedDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** PostgreSQL. Pure. */
final class DatabaseChecks {
  private static final int NAMED = 3;
  private static final int NAME = 100;
  private static final Pattern TABLE =
      Pattern.compile("(\"(?:[^\"]|\"\")+\"|[^\".]+)\\.(\"(?:[^\"]|\"\")+\"|[^\".]+)");

  private DatabaseChecks() {}

  /** What is wrong: in a few characters, and in a sentence that says what to do. */
  private record Wrong(String value, String message) {}

  static Finding evaluate(Demand.Postgresql demand, Look look) {
    AskedDatabase asked = look.outside().databases().get(HostLook.database(demand));
    if (asked == null) {
      return new Unknown("databases can't be asked from here");
    }
    String database = "database " + Text.line(asked.where(), NAME);
    return switch (asked.said()) {
      case NotReached(Problem problem, String message) ->
          notReached(problem, demand, database, message);
      case Examined examined -> examined(demand, database, examined);
    };
  }

  private static Finding notReached(
      Problem problem, Demand.Postgresql demand, String database, String message) {
    return switch (problem) {
      case NO_ANSWER -> new Bad("no answer", database + " does not answer: " + message);
      case LOGIN_REFUSED ->
          new Bad(
              "login refused",
              database
                  + " refuses the login: "
                  + message
                  + ". Correct the Secret "
                  + demand.secretName()
                  + ", or pg_hba.conf of the server");
      case NO_CONNECTION_LEFT ->
          new Bad("no connection left", database + " takes no connection any more: " + message);
      case FAILED, NOT_ASKED -> new Unknown(database + ": " + message);
    };
  }

  private static Finding examined(Demand.Postgresql demand, String database, Examined seen) {
    var wrong = new ArrayList<Wrong>();
    if (demand.connectionsPercentAbove() != null) {
      connections(demand.connectionsPercentAbove(), seen.connections(), wrong);
    }
    if (demand.tablesWithoutPrimaryKey() != null) {
      primaryKeys(demand.tablesWithoutPrimaryKey(), seen.withoutPrimaryKey(), wrong);
    }
    if (demand.deadRowsPercentAbove() != null) {
      deadRows(demand.deadRowsPercentAbove(), seen.tables(), wrong);
    }
    if (demand.bloatPercentAbove() != null) {
      bloat(demand.bloatPercentAbove(), seen.bloat().worst(), wrong);
    }
    if (demand.replicationLagAboveMillis() != null) {
      replication(Duration.ofMillis(demand.replicationLagAboveMillis()), seen.replication(), wrong);
    }
    List<String> unknown = unknown(demand, seen);
    if (!wrong.isEmpty()) {
      return new Bad(
          wrong.stream().map(Wrong::value).collect(Collectors.joining(", ")),
          Stream.concat(
                  wrong.stream().map(Wrong::message),
                  unknown.stream().map(what -> "the database " + what))
              .collect(Collectors.joining("; ", database + ": ", "")));
    }
    if (!unknown.isEmpty()) {
      return new Unknown(database + " " + String.join("; it ", unknown));
    }
    return new Fine(
        seen.connections().used()
            + " of "
            + seen.connections().most()
            + " connections, "
            + Sizes.text(seen.size()));
  }

  private static void connections(int limit, Connections seen, List<Wrong> wrong) {
    if (100L * seen.used() > (long) limit * seen.most()) {
      String value = seen.used() + " of " + seen.most() + " connections";
      wrong.add(
          new Wrong(
              value,
              value
                  + " are taken; the limit is "
                  + limit
                  + " %. Look for clients that keep theirs idle"));
    }
  }

  private static void primaryKeys(int limit, WithoutPrimaryKey seen, List<Wrong> wrong) {
    if (seen.count() > limit) {
      String value = seen.count() + (seen.count() == 1 ? " table" : " tables") + " without key";
      wrong.add(
          new Wrong(
              value,
              seen.count()
                  + (seen.count() == 1 ? " table has" : " tables have")
                  + " no primary key: "
                  + some(seen.some(), seen.count())
                  + "; the limit is "
                  + limit));
    }
  }

  private static void deadRows(int limit, List<TableRows> tables, List<Wrong> wrong) {
    List<TableRows> over = tables.stream().filter(t -> t.deadPercent() > limit).toList();
    if (over.isEmpty()) {
      return;
    }
    TableRows worst = over.getFirst();
    wrong.add(
        new Wrong(
            percent(worst.deadPercent()) + " dead rows in " + Text.line(worst.name(), NAME),
            "dead rows: "
                + some(over.stream().map(DatabaseChecks::dead).toList(), over.size())
                + "; the limit is "
                + limit
                + " %. VACUUM removes them, unless an old transaction needs them"));
  }

  private static String dead(TableRows table) {
    Duration vacuumed = table.vacuumed();
    return table.name()
        + " "
        + percent(table.deadPercent())
        + " ("
        + table.dead()
        + " of "
        + (table.live() + table.dead())
        + (table.size() == 0
            ? ""
            : ", about " + Sizes.text(Math.round(table.size() * table.deadPercent() / 100)))
        + (vacuumed == null
            ? ", never vacuumed"
            : ", vacuumed " + Durations.text(vacuumed) + " ago")
        + ")";
  }

  private static void bloat(int limit, List<TableBloat> tables, List<Wrong> wrong) {
    List<TableBloat> over = tables.stream().filter(t -> t.percent() > limit).toList();
    if (over.isEmpty()) {
      return;
    }
    TableBloat worst = over.getFirst();
    wrong.add(
        new Wrong(
            percent(worst.percent()) + " unused in " + Text.line(worst.name(), NAME),
            "unused space, by an estimate: "
                + some(over.stream().map(DatabaseChecks::unused).toList(), over.size())
                + "; the limit is "
                + limit
                + " %. VACUUM does not give it back: pg_repack does, or VACUUM FULL in a"
                + " maintenance window"));
  }

  private static String unused(TableBloat table) {
    return table.name()
        + " "
        + percent(table.percent())
        + " (about "
        + Sizes.text(table.unused())
        + " of "
        + Sizes.text(table.size())
        + " would come back)";
  }

  private static String percent(double percent) {
    return String.format(Locale.ROOT, "%.0f %%", percent);
  }

  /** What is demanded and not to be known, each as what the database does about it. */
  private static List<String> unknown(Demand.Postgresql demand, Examined seen) {
    var unknown = new ArrayList<String>();
    if (demand.replicationLagAboveMillis() != null && seen.replication().hidden()) {
      unknown.add("keeps replication from this user: GRANT pg_read_all_stats to it");
    }
    if (demand.bloatPercentAbove() != null) {
      List<String> notAnalyzed = seen.bloat().notAnalyzed();
      List<String> hidden = seen.bloat().hidden();
      String failure = seen.bloat().failure();
      if (!failure.isEmpty()) {
        unknown.add("did not tell how much of its tables is unused: " + failure);
      }
      if (!notAnalyzed.isEmpty()) {
        unknown.add(
            "has no statistics to tell how much is unused in "
                + some(notAnalyzed, notAnalyzed.size())
                + ": ANALYZE "
                + (notAnalyzed.size() == 1 ? "it" : "them"));
      }
      if (!hidden.isEmpty()) {
        unknown.add(
            "keeps from this user how much is unused in "
                + some(hidden, hidden.size())
                + ": GRANT pg_read_all_data to it, and BYPASSRLS where there is row security");
      }
    }
    return unknown;
  }

  private static void replication(Duration limit, Replication seen, List<Wrong> wrong) {
    String most = "; the limit is " + Durations.text(limit);
    for (Replica replica : seen.replicas()) {
      Duration lag = replica.lag();
      String name = "replica " + Text.line(replica.name(), NAME);
      if (lag != null && lag.compareTo(limit) > 0) {
        String value = "replica " + Durations.text(lag) + " behind";
        wrong.add(new Wrong(value, name + " is " + Durations.text(lag) + " behind" + most));
      } else if (lag == null && replica.behind() > 0 && replica.state().equals("catchup")) {
        String value = Sizes.text(replica.behind()) + " behind";
        wrong.add(new Wrong("replica " + value, name + " catches up, and is " + value));
      }
    }
    seen.lostSlots()
        .forEach(
            lost ->
                wrong.add(
                    new Wrong(
                        "replica gone",
                        "the replica of slot "
                            + Text.line(lost.slot(), NAME)
                            + " is gone, and "
                            + Sizes.text(Math.max(0, lost.kept()))
                            + " of the log are kept for it: bring it back, or drop the slot")));
    Own own = seen.own();
    if (own != null) {
      Duration lag = own.lag();
      if (lag != null && lag.compareTo(limit) > 0) {
        String value = Durations.text(lag) + " behind";
        wrong.add(
            new Wrong(
                value,
                "this standby is "
                    + value
                    + (own.receiving() ? "" : ", and not connected to its primary")
                    + most));
      } else if (lag == null && !own.receiving()) {
        wrong.add(
            new Wrong(
                "not connected",
                "this standby is not connected to its primary, and nobody knows how far it is"
                    + " behind"));
      }
    }
  }

  private static String some(List<String> names, long count) {
    return names.stream()
            .limit(NAMED)
            .map(name -> Text.line(name, NAME))
            .collect(Collectors.joining(", "))
        + (count > NAMED ? ", and " + (count - NAMED) + " more" : "");
  }

  /** What was read of it, where it was examined: whatever is demanded, but for an estimate. */
  static List<Figure> figures(String check, Demand.Postgresql demand, Look look) {
    AskedDatabase asked = look.outside().databases().get(HostLook.database(demand));
    if (asked == null || !(asked.said() instanceof Examined examined)) {
      return List.of();
    }
    var figures = new ArrayList<Figure>();
    figures.add(Figure.ofCheck(Metric.DATABASE_SIZE, check, examined.size()));
    figures.add(Figure.ofCheck(Metric.DATABASE_CONNECTIONS, check, examined.connections().used()));
    figures.add(
        Figure.ofCheck(Metric.DATABASE_CONNECTIONS_MAX, check, examined.connections().most()));
    figures.add(
        Figure.ofCheck(Metric.TABLES_WITHOUT_KEY, check, examined.withoutPrimaryKey().count()));
    figures.add(
        Figure.ofCheck(
            Metric.DEAD_ROWS,
            check,
            examined.tables().stream().mapToDouble(TableRows::deadPercent).max().orElse(0)));
    for (TableRows table : examined.tables()) {
      Map<String, String> labels = labels(table.name());
      figures.add(new Figure(Metric.TABLE_LIVE_ROWS, check, labels, table.live()));
      figures.add(new Figure(Metric.TABLE_DEAD_ROWS, check, labels, table.dead()));
    }
    if (demand.bloatPercentAbove() != null && examined.bloat().failure().isEmpty()) {
      bloat(check, examined.bloat(), figures);
    }
    replication(check, examined.replication(), figures);
    return figures;
  }

  private static void bloat(String check, Bloat seen, List<Figure> figures) {
    if (!seen.worst().isEmpty() || (seen.notAnalyzed().isEmpty() && seen.hidden().isEmpty())) {
      figures.add(
          Figure.ofCheck(
              Metric.BLOAT,
              check,
              seen.worst().stream().mapToDouble(TableBloat::percent).max().orElse(0)));
    }
    for (TableBloat table : seen.worst()) {
      Map<String, String> labels = labels(table.name());
      figures.add(new Figure(Metric.TABLE_SIZE, check, labels, table.size()));
      figures.add(new Figure(Metric.TABLE_UNUSED, check, labels, table.unused()));
    }
  }

  private static void replication(String check, Replication seen, List<Figure> figures) {
    for (Replica replica : seen.replicas()) {
      Map<String, String> labels = Map.of("application_name", replica.name());
      figures.add(new Figure(Metric.REPLICA_BEHIND, check, labels, replica.behind()));
      Duration lag = replica.behind() == 0 ? Duration.ZERO : replica.lag();
      if (lag != null) {
        figures.add(new Figure(Metric.REPLICA_LAG, check, labels, seconds(lag)));
      }
    }
    for (Lost slot : seen.lostSlots()) {
      figures.add(
          new Figure(
              Metric.SLOT_KEPT, check, Map.of("slot_name", slot.slot()), Math.max(0, slot.kept())));
    }
    Own own = seen.own();
    if (own != null && own.lag() != null) {
      figures.add(Figure.ofCheck(Metric.STANDBY_LAG, check, seconds(own.lag())));
    }
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }

  /** As postgres_exporter names a table, whose name here is as SQL writes it. */
  private static Map<String, String> labels(String table) {
    Matcher names = TABLE.matcher(table);
    return names.matches()
        ? Map.of("schemaname", plain(names.group(1)), "relname", plain(names.group(2)))
        : Map.of("relname", table);
  }

  private static String plain(String identifier) {
    return identifier.startsWith("\"")
        ? identifier.substring(1, identifier.length() - 1).replace("\"\"", "\"")
        : identifier;
  }
}
