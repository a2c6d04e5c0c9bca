package dev.drydock.adapter.postgres;

import dev.drydock.port.Database.Busy;
import dev.drydock.port.Database.VacuumOrder;
import dev.drydock.port.Database.Vacuumed;
import dev.drydock.port.Database.VacuumedDatabase;
import dev.drydock.port.Database.Vacuuming;
import dev.drydock.port.DatabaseAccess;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One VACUUM of databases of a server, one after the other. The lock of the database that the user
 * logs in to, its home, is held to the end, and beside it that of the database whose turn it is.
 */
final class VacuumRun {
  private static final int DATABASES = 1000;
  private static final int TO_ANSWER_SECONDS = 10;

  private static final String ALL =
      """
      SELECT datname AS name FROM pg_database
       WHERE datallowconn AND NOT datistemplate AND has_database_privilege(oid, 'CONNECT')
       ORDER BY datname LIMIT ?
      """;

  private final DatabaseAccess access;
  private final VacuumOrder order;
  private final Consumer<String> progress;
  private final long start = System.nanoTime();
  private final List<VacuumTurn> turns = new CopyOnWriteArrayList<>();
  private volatile List<String> names = List.of();
  private volatile @Nullable String stopped;
  private volatile @Nullable Statement running;

  VacuumRun(DatabaseAccess access, VacuumOrder order, Consumer<String> progress) {
    this.access = access;
    this.order = order;
    this.progress = progress;
  }

  /** Lets no further table have its turn. */
  void stop(String why) {
    if (stopped == null) {
      stopped = why;
    }
  }

  boolean isStopped() {
    return stopped != null;
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
    List<String> all = names;
    List<VacuumedDatabase> begun = turns.stream().map(VacuumTurn::soFar).toList();
    return new Vacuumed(
        begun,
        all.stream().skip(begun.size()).toList(),
        Duration.ofNanos(System.nanoTime() - start),
        Optional.ofNullable(stopped));
  }

  Vacuuming run() throws SQLException {
    try (Connection home = home()) {
      if (home != null && !VacuumLock.take(home)) {
        return new Busy(VacuumLock.holder(home));
      }
      try {
        names = names(home);
        vacuum(home);
      } finally {
        if (home != null) {
          VacuumLock.giveBack(home);
        }
      }
    }
    return soFar();
  }

  /** Null: the server is there, but not this database, which those that are named don't need. */
  private @Nullable Connection home() throws SQLException {
    try {
      return open(access);
    } catch (SQLException e) {
      if (order.databases().isEmpty() || order.isForAll() || Refusals.isOfServer(e)) {
        throw e;
      }
      return null;
    }
  }

  private Connection open(DatabaseAccess database) throws SQLException {
    Connection connection = PgConnections.openPatient(database);
    try (Statement statement = connection.createStatement()) {
      PgConnections.refusePooler(connection);
      // The delay is autovacuum's own: without it a VACUUM takes all of a disk's throughput. A home
      // idles while others have their turn; servers before 14 let it, and don't know the setting.
      statement.execute(
          "SET search_path = pg_catalog; SET statement_timeout = 0;"
              + " SET vacuum_cost_delay = '2ms'; SET lock_timeout = "
              + Math.max(1, order.lockTimeout().toMillis())
              + "; SELECT set_config(name, '0', false) FROM pg_settings"
              + " WHERE name = 'idle_session_timeout'");
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  private List<String> names(@Nullable Connection home) throws SQLException {
    if (order.databases().isEmpty()) {
      return List.of(access.name());
    }
    return home != null && order.isForAll()
        ? Rows.read(home, ALL, row -> Rows.text(row, "name"), DATABASES + 1)
        : order.databases();
  }

  private void vacuum(@Nullable Connection home) throws SQLException {
    for (String name : names) {
      if (turns.size() == DATABASES) {
        stop("one run takes " + DATABASES + " databases at the most: name them in several tasks");
      } else if (home != null && !turns.isEmpty() && !home.isValid(TO_ANSWER_SECONDS)) {
        stop("the connection to " + access.name() + " broke, and with it the lock was lost");
      }
      if (isStopped()) {
        return;
      }
      DatabaseAccess database = access.named(name);
      var turn = new VacuumTurn(this, database, order, told(name));
      turns.add(turn);
      try {
        if (home != null && name.equals(access.name())) {
          turn.vacuum(home);
        } else {
          vacuum(turn, database);
        }
      } catch (SQLException e) {
        // What was done is done: the report says so, and why there is no more of it.
        turn.fail(Refusals.explain(e, database).message());
      }
    }
  }

  private void vacuum(VacuumTurn turn, DatabaseAccess database) throws SQLException {
    try (Connection connection = open(database)) {
      if (!VacuumLock.take(connection)) {
        turn.fail(VacuumLock.holder(connection));
        return;
      }
      try {
        turn.vacuum(connection);
      } finally {
        VacuumLock.giveBack(connection);
      }
    }
  }

  private Consumer<String> told(String name) {
    return names.size() == 1 ? progress : sentence -> progress.accept(name + ": " + sentence);
  }

  /** Whether it was run: not if all was told to stop. */
  boolean execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      running = statement;
      if (isStopped()) {
        return false;
      }
      statement.execute(sql);
      return true;
    } finally {
      running = null;
    }
  }
}
