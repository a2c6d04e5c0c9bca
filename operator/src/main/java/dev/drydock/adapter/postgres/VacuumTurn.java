package dev.drydock.adapter.postgres;

import dev.drydock.kernel.Durations;
import dev.drydock.port.Database.Contents;
import dev.drydock.port.Database.LeftOut;
import dev.drydock.port.Database.SchemaSize;
import dev.drydock.port.Database.Schemas;
import dev.drydock.port.Database.TableSize;
import dev.drydock.port.Database.VacuumOrder;
import dev.drydock.port.Database.VacuumedDatabase;
import dev.drydock.port.Database.VacuumedTable;
import dev.drydock.port.DatabaseAccess;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One database's turn in a VACUUM: its tables, one after the other, and what it holds then. */
final class VacuumTurn {
  private static final int TABLES = 10_000;
  private static final int SCHEMAS = 20;
  private static final int TRUNCATE_SINCE = 120_000;
  private static final int MAINTAIN_SINCE = 170_000;
  private static final Duration ESTIMATE = Duration.ofSeconds(30);

  /** An estimate, since to measure it takes a lock on each table. */
  private static final String SIZE =
      """
      current_setting('block_size')::bigint * (c.relpages
        + coalesce((SELECT sum(i.relpages) FROM pg_index x JOIN pg_class i
                     ON i.oid = x.indexrelid WHERE x.indrelid = c.oid), 0)
        + coalesce((SELECT t.relpages FROM pg_class t WHERE t.oid = c.reltoastrelid), 0)
      )::bigint
      """;

  private static final String USERS =
      """
       WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't'
         AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
      """;

  private static final String ALL =
      """
      SELECT c.oid::bigint AS oid, format('%I.%I', n.nspname, c.relname) AS name,
             coalesce(s.n_live_tup, 0) AS live, coalesce(s.n_dead_tup, 0) AS dead,
             pg_has_role(c.relowner, 'USAGE')
               OR pg_has_role((SELECT datdba FROM pg_database
                                WHERE datname = current_database()), 'USAGE') AS permitted,
      """
          + SIZE
          + """
             AS size
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid
      """
          + USERS
          + " ORDER BY dead DESC, name LIMIT ?";

  private static final String OWNED = "pg_has_role(c.relowner, 'USAGE')";
  private static final String OR_MAINTAINED = " OR has_table_privilege(c.oid, 'MAINTAIN')";

  private static final String BY_SCHEMA =
      """
      SELECT format('%I', n.nspname) AS name, count(*) AS tables, count(*) OVER () AS schemas,
             sum(
      """
          + SIZE
          + """
             )::bigint AS size
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      """
          + USERS
          + " GROUP BY n.nspname ORDER BY size DESC, n.nspname LIMIT ?";

  private static final String MEASURE =
      """
      SELECT pg_total_relation_size(t.oid) AS size, coalesce(s.n_dead_tup, 0) AS dead,
             coalesce(s.n_live_tup, 0) AS live
        FROM (SELECT ?::oid AS oid) t LEFT JOIN pg_stat_all_tables s ON s.relid = t.oid
      """;

  private final VacuumRun run;
  private final DatabaseAccess access;
  private final VacuumOrder order;
  private final Consumer<String> progress;
  private final List<VacuumedTable> done = new CopyOnWriteArrayList<>();
  private final List<LeftOut> leftOut = new CopyOnWriteArrayList<>();
  private volatile Contents contents = Contents.NONE;
  private volatile long sizeBefore;
  private volatile long sizeAfter;
  private volatile @Nullable String wrong;

  VacuumTurn(VacuumRun run, DatabaseAccess access, VacuumOrder order, Consumer<String> progress) {
    this.run = run;
    this.access = access;
    this.order = order;
    this.progress = progress;
  }

  private record Table(long oid, String name, long live, long dead, long size, boolean permitted) {}

  private record Measured(long size, long dead, long live) {}

  VacuumedDatabase soFar() {
    return new VacuumedDatabase(
        access.name(), sizeBefore, sizeAfter, done, leftOut, contents, Optional.ofNullable(wrong));
  }

  /** Not all tables had their turn; what comes of a run that was stopped is no news. */
  void fail(String why) {
    if (!run.isStopped()) {
      wrong = why;
    }
  }

  void vacuum(Connection connection) throws SQLException {
    sizeBefore = size(connection);
    sizeAfter = sizeBefore;
    int version = connection.getMetaData().getDatabaseMajorVersion() * 10_000;
    List<Table> tables = tables(connection, version);
    int process = PgConnections.process(connection);
    try (var watch = VacuumWatch.start(access, process, order.lockTimeout(), progress)) {
      for (int i = 0; i < tables.size() && !run.isStopped(); i++) {
        Table table = tables.get(i);
        watch.begin(table.name());
        progress.accept(table.name() + ": " + (i + 1) + " of " + tables.size());
        vacuum(connection, version, table, watch);
      }
    }
    report(connection, version);
  }

  private static long size(Connection connection) throws SQLException {
    return Rows.read(
            connection, "SELECT pg_database_size(current_database())", row -> row.getLong(1))
        .getFirst();
  }

  private static List<Table> tables(Connection connection, int version) throws SQLException {
    return Rows.read(
        connection,
        version >= MAINTAIN_SINCE ? ALL.replace(OWNED, OWNED + OR_MAINTAINED) : ALL,
        row ->
            new Table(
                row.getLong("oid"),
                Rows.text(row, "name"),
                row.getLong("live"),
                row.getLong("dead"),
                row.getLong("size"),
                row.getBoolean("permitted")),
        TABLES);
  }

  private void vacuum(Connection connection, int version, Table table, VacuumWatch watch)
      throws SQLException {
    if (!table.permitted()) {
      leftOut.add(
          new LeftOut(
              table.name(),
              "the user "
                  + access.user()
                  + " owns neither the table nor the database, and PostgreSQL lets others not"
                  + " vacuum it"));
      return;
    }
    long began = System.nanoTime();
    try {
      Measured before = measure(connection, table);
      if (!run.execute(connection, statement(version, table))) {
        return;
      }
      Measured after = measure(connection, table);
      done.add(
          new VacuumedTable(
              table.name(),
              before.size(),
              after.size(),
              before.dead(),
              after.dead(),
              Duration.ofNanos(System.nanoTime() - began)));
    } catch (SQLException e) {
      switch (Refusals.state(e)) {
        case Refusals.LOCK_NOT_AVAILABLE ->
            leftOut.add(
                new LeftOut(
                    table.name(),
                    "its lock was not to be had within "
                        + text(order.lockTimeout())
                        + watch.blockers().map(who -> ": " + who + " holds it").orElse("")));
        case Refusals.CANCELED -> {
          leftOut.add(new LeftOut(table.name(), "it was canceled"));
          // Somebody else's doing, who may have had a reason; unless it was stopped from here.
          run.stop("somebody canceled it on the server");
        }
        case Refusals.UNDEFINED_TABLE -> {
          // Dropped meanwhile.
        }
        default -> {
          if (Refusals.isConnection(e)) {
            leftOut.add(new LeftOut(table.name(), "the connection broke"));
            throw e;
          }
          leftOut.add(new LeftOut(table.name(), Refusals.text(e, access)));
        }
      }
    }
  }

  private static String text(Duration duration) {
    return duration.toMillis() % 1000 == 0 ? Durations.text(duration) : duration.toMillis() + "ms";
  }

  /**
   * Plain VACUUM, which lets readers and writers go on. FULL never; and no truncation, since to
   * give empty pages at the end of a table back takes a lock that all wait for, on replicas as
   * well.
   */
  private String statement(int version, Table table) {
    var options = new ArrayList<String>();
    if (version >= TRUNCATE_SINCE) {
      options.add("TRUNCATE FALSE");
    }
    if (order.analyze()) {
      options.add("ANALYZE");
    }
    return "VACUUM "
        + (options.isEmpty() ? "" : "(" + String.join(", ", options) + ") ")
        + table.name();
  }

  private static Measured measure(Connection connection, Table table) throws SQLException {
    return Rows.read(
            connection,
            MEASURE,
            row -> new Measured(row.getLong("size"), row.getLong("dead"), row.getLong("live")),
            table.oid())
        .getFirst();
  }

  /** Sizes as they are now; of a table that somebody has locked, about. */
  private void report(Connection connection, int version) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET lock_timeout = '500ms'");
    }
    sizeAfter = size(connection);
    var sizes = new ArrayList<TableSize>();
    List<Table> bySize =
        tables(connection, version).stream()
            .sorted(Comparator.comparingLong(Table::size).reversed())
            .limit(order.reportTables())
            .toList();
    for (Table table : bySize) {
      try {
        Measured now = measure(connection, table);
        sizes.add(new TableSize(table.name(), now.size(), now.live(), now.dead()));
      } catch (SQLException e) {
        if (!Refusals.state(e).equals(Refusals.LOCK_NOT_AVAILABLE)) {
          throw e;
        }
        sizes.add(new TableSize(table.name(), table.size(), table.live(), table.dead()));
      }
    }
    sizes.sort(Comparator.comparingLong(TableSize::size).reversed());
    contents =
        new Contents(
            sizes,
            schemas(connection),
            Examiner.withoutPrimaryKey(connection),
            Examiner.deadRows(connection),
            BloatEstimate.ask(connection, access, ESTIMATE));
  }

  private static Schemas schemas(Connection connection) throws SQLException {
    record Counted(SchemaSize schema, long schemas) {}
    List<Counted> rows =
        Rows.read(
            connection,
            BY_SCHEMA,
            row ->
                new Counted(
                    new SchemaSize(
                        Rows.text(row, "name"), row.getLong("tables"), row.getLong("size")),
                    row.getLong("schemas")),
            SCHEMAS);
    return new Schemas(
        rows.isEmpty() ? 0 : rows.getFirst().schemas(),
        rows.stream().map(Counted::schema).toList());
  }
}
