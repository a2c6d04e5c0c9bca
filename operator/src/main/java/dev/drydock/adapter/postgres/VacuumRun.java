package dev.drydock.adapter.postgres;

import dev.drydock.kernel.Durations;
import dev.drydock.port.Database.Busy;
import dev.drydock.port.Database.LeftOut;
import dev.drydock.port.Database.TableSize;
import dev.drydock.port.Database.VacuumOrder;
import dev.drydock.port.Database.Vacuumed;
import dev.drydock.port.Database.VacuumedTable;
import dev.drydock.port.Database.Vacuuming;
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

/** One VACUUM of a database, table by table. */
final class VacuumRun {
  /** "drydock" in ASCII: who holds this advisory lock vacuums for Drydock. */
  private static final long LOCK = 0x6472_7964_6F63_6BL;

  private static final int TABLES = 10_000;
  private static final int TRUNCATE_SINCE = 120_000;
  private static final int MAINTAIN_SINCE = 170_000;

  private static final String HOLDER =
      """
      SELECT a.pid, a.application_name AS program, u.rolname AS who,
             extract(epoch FROM clock_timestamp() - a.backend_start)::float8 AS since
        FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
             LEFT JOIN pg_roles u ON u.oid = a.usesysid
       WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
         AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
         AND l.classid::bigint << 32 | l.objid::bigint = ?
       LIMIT 1
      """;

  /** The size is an estimate here, since to measure it takes a lock on each table. */
  private static final String ALL =
      """
      SELECT c.oid::bigint AS oid, format('%I.%I', n.nspname, c.relname) AS name,
             coalesce(s.n_live_tup, 0) AS live, coalesce(s.n_dead_tup, 0) AS dead,
             current_setting('block_size')::bigint * (c.relpages
               + coalesce((SELECT sum(i.relpages) FROM pg_index x JOIN pg_class i
                            ON i.oid = x.indexrelid WHERE x.indrelid = c.oid), 0)
               + coalesce((SELECT t.relpages FROM pg_class t WHERE t.oid = c.reltoastrelid), 0)
             )::bigint AS size,
             pg_has_role(c.relowner, 'USAGE')
               OR pg_has_role((SELECT datdba FROM pg_database
                                WHERE datname = current_database()), 'USAGE') AS permitted
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid
       WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't'
         AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
       ORDER BY dead DESC, name LIMIT ?
      """;

  private static final String OWNED = "pg_has_role(c.relowner, 'USAGE')";
  private static final String OR_MAINTAINED = " OR has_table_privilege(c.oid, 'MAINTAIN')";

  private static final String MEASURE =
      """
      SELECT pg_total_relation_size(t.oid) AS size, coalesce(s.n_dead_tup, 0) AS dead,
             coalesce(s.n_live_tup, 0) AS live
        FROM (SELECT ?::oid AS oid) t LEFT JOIN pg_stat_all_tables s ON s.relid = t.oid
      """;

  private final DatabaseAccess access;
  private final VacuumOrder order;
  private final Consumer<String> progress;
  private final long start = System.nanoTime();
  private final List<VacuumedTable> done = new CopyOnWriteArrayList<>();
  private final List<LeftOut> leftOut = new CopyOnWriteArrayList<>();
  private volatile List<TableSize> largest = List.of();
  private volatile long sizeBefore;
  private volatile long sizeAfter;
  private volatile @Nullable String stopped;
  private volatile @Nullable Statement running;

  VacuumRun(DatabaseAccess access, VacuumOrder order, Consumer<String> progress) {
    this.access = access;
    this.order = order;
    this.progress = progress;
  }

  private record Table(long oid, String name, long live, long dead, long size, boolean permitted) {}

  private record Measured(long size, long dead, long live) {}

  /** Lets no further table have its turn. */
  void stop(String why) {
    if (stopped == null) {
      stopped = why;
    }
  }

  /** Cancels on the server what runs there. */
  void cancel() {
    Statement statement = running;
    try {
      if (statement != null) {
        statement.cancel();
      }
    } catch (SQLException e) {
      // Then the end of the connection ends it.
    }
  }

  Vacuumed soFar() {
    return new Vacuumed(
        access.name(),
        sizeBefore,
        sizeAfter,
        done,
        leftOut,
        largest,
        Duration.ofNanos(System.nanoTime() - start),
        Optional.ofNullable(stopped));
  }

  Vacuuming run() throws SQLException {
    try (Connection connection = PgConnections.openPatient(access)) {
      prepare(connection);
      boolean mine =
          Rows.read(connection, "SELECT pg_try_advisory_lock(?)", row -> row.getBoolean(1), LOCK)
              .getFirst();
      if (!mine) {
        return new Busy(holder(connection));
      }
      try {
        vacuum(connection);
      } catch (SQLException e) {
        // What was done is done: the report says so, and why there is no more of it.
        stop(Refusals.explain(e, access).message());
      } finally {
        unlock(connection);
      }
    }
    return soFar();
  }

  /** At once: the server takes a moment to see that a connection has ended. */
  private static void unlock(Connection connection) {
    try {
      Rows.read(connection, "SELECT pg_advisory_unlock(?)", row -> row.getBoolean(1), LOCK);
    } catch (SQLException e) {
      // It ends with the connection.
    }
  }

  private void vacuum(Connection connection) throws SQLException {
    sizeBefore = size(connection);
    sizeAfter = sizeBefore;
    int version = connection.getMetaData().getDatabaseMajorVersion() * 10_000;
    List<Table> tables = tables(connection, version);
    int pid = Rows.read(connection, "SELECT pg_backend_pid()", row -> row.getInt(1)).getFirst();
    try (var watch = VacuumWatch.start(access, pid, order.lockTimeout(), progress)) {
      for (int i = 0; i < tables.size() && stopped == null; i++) {
        Table table = tables.get(i);
        watch.begin(table.name());
        progress.accept(table.name() + ": " + (i + 1) + " of " + tables.size());
        vacuum(connection, version, table, watch);
      }
    }
    report(connection, version);
  }

  private void prepare(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      // The delay is autovacuum's own: without it a VACUUM takes all of a disk's throughput.
      statement.execute(
          "SET search_path = pg_catalog; SET statement_timeout = 0;"
              + " SET vacuum_cost_delay = '2ms'; SET lock_timeout = "
              + Math.max(1, order.lockTimeout().toMillis()));
    }
  }

  private static String holder(Connection connection) throws SQLException {
    return Rows.read(
            connection,
            HOLDER,
            row -> {
              Duration since = Rows.duration(row, "since");
              return "another VACUUM of Drydock's runs in this database: process "
                  + row.getInt("pid")
                  + " of "
                  + Rows.text(row, "who")
                  + (since == null ? "" : ", connected " + Durations.text(since) + " ago");
            },
            LOCK)
        .stream()
        .findFirst()
        .orElse("another VACUUM of Drydock's has just run in this database");
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
      if (!execute(connection, statement(version, table))) {
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
          if (stopped == null) {
            // Somebody else's doing, who may have had a reason.
            stop("somebody canceled it on the server");
          }
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

  /** Whether it was run: not if all was told to stop. */
  private boolean execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      running = statement;
      if (stopped != null) {
        return false;
      }
      statement.execute(sql);
      return true;
    } finally {
      running = null;
    }
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
    largest = List.copyOf(sizes);
  }
}
