package dev.drydock.adapter.postgres;

import dev.drydock.kernel.Durations;
import dev.drydock.port.DatabaseAccess;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Watches a VACUUM over a connection of its own: who keeps it from a lock while it waits, and how
 * far it is. Names users and processes, and never what they run: that may hold anything.
 */
final class VacuumWatch implements AutoCloseable {
  private static final Duration OFTEN = Duration.ofMillis(200);
  private static final Duration NOW_AND_THEN = Duration.ofSeconds(5);

  private static final String BLOCKERS =
      """
      SELECT b.pid, u.rolname AS who, a.application_name AS program, a.backend_type AS type,
             a.state,
             extract(epoch FROM clock_timestamp()
               - coalesce(a.xact_start, a.query_start, a.backend_start))::float8 AS since
        FROM unnest(pg_blocking_pids(?)) b(pid) LEFT JOIN pg_stat_activity a ON a.pid = b.pid
             LEFT JOIN pg_roles u ON u.oid = a.usesysid
       LIMIT 5
      """;

  private static final String PROGRESS =
      """
      SELECT phase, heap_blks_total AS total, heap_blks_scanned AS scanned
        FROM pg_stat_progress_vacuum WHERE pid = ?
      """;

  private final DatabaseAccess access;
  private final int pid;
  private final Duration lockTimeout;
  private final Consumer<String> progress;
  private final Thread thread;
  private volatile String table = "";
  private volatile long began;
  private volatile @Nullable String blockers;
  private volatile boolean ended;

  private VacuumWatch(
      DatabaseAccess access, int pid, Duration lockTimeout, Consumer<String> progress) {
    this.access = access;
    this.pid = pid;
    this.lockTimeout = lockTimeout;
    this.progress = progress;
    this.thread = Thread.ofVirtual().name("watch a vacuum").unstarted(this::watch);
  }

  /**
   * Starts to watch.
   *
   * @param pid the server's process that runs the VACUUM
   */
  static VacuumWatch start(
      DatabaseAccess access, int pid, Duration lockTimeout, Consumer<String> progress) {
    var watch = new VacuumWatch(access, pid, lockTimeout, progress);
    watch.thread.start();
    return watch;
  }

  /** From now on it is about this table. */
  void begin(String name) {
    table = name;
    blockers = null;
    began = System.nanoTime();
  }

  /** Who was last seen to hold the lock that was waited for. */
  Optional<String> blockers() {
    return Optional.ofNullable(blockers);
  }

  private void watch() {
    try (Connection connection = PgConnections.open(access, NOW_AND_THEN)) {
      long told = System.nanoTime();
      while (!ended) {
        long now = System.nanoTime();
        boolean mayWait = now - began < lockTimeout.plus(NOW_AND_THEN).toNanos();
        if (mayWait) {
          // What this asks for takes the lock manager's own locks for a moment: not all the time.
          List<String> found = Rows.read(connection, BLOCKERS, VacuumWatch::blocker, pid);
          if (!found.isEmpty()) {
            blockers = String.join(", ", found);
          }
        }
        if (now - told >= NOW_AND_THEN.toNanos()) {
          told = now;
          Rows.read(connection, PROGRESS, VacuumWatch::progress, pid)
              .forEach(text -> progress.accept(table + ": " + text));
        }
        Thread.sleep(pause(mayWait));
      }
    } catch (SQLException e) {
      // No connection is left, for one: then nobody is named.
    } catch (InterruptedException e) {
      // It is over.
    }
  }

  private Duration pause(boolean mayWait) {
    Duration quarter = lockTimeout.dividedBy(4).plusMillis(1);
    return !mayWait ? Duration.ofSeconds(1) : quarter.compareTo(OFTEN) < 0 ? quarter : OFTEN;
  }

  private static String blocker(ResultSet row) throws SQLException {
    int process = row.getInt("pid");
    if (process == 0) {
      return "a prepared transaction";
    }
    String program = Rows.text(row, "program");
    String type = Rows.text(row, "type");
    String state = Rows.text(row, "state");
    Duration since = Rows.duration(row, "since");
    return "process "
        + process
        + (Rows.text(row, "who").isEmpty() ? "" : " of " + Rows.text(row, "who"))
        + (program.isEmpty() ? "" : " (" + program + ")")
        + (type.isEmpty() || type.equals("client backend") ? "" : ", " + type)
        + (state.isEmpty() ? "" : ", " + state)
        + (since == null ? "" : ", for " + Durations.text(since));
  }

  private static String progress(ResultSet row) throws SQLException {
    long total = row.getLong("total");
    return Rows.text(row, "phase")
        + (total > 0 ? ", " + 100 * row.getLong("scanned") / total + " %" : "");
  }

  @Override
  public void close() {
    ended = true;
    thread.interrupt();
  }
}
