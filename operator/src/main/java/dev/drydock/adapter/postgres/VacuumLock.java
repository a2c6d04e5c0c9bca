package dev.drydock.adapter.postgres;

import dev.drydock.kernel.Durations;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/** The advisory lock of a database: who holds it vacuums for Drydock. */
final class VacuumLock {
  /** "drydock" in ASCII. */
  private static final long KEY = 0x6472_7964_6F63_6BL;

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

  private VacuumLock() {}

  /** Whether it was free; then it is held until it is given back, or the connection ends. */
  static boolean take(Connection connection) throws SQLException {
    return Rows.read(connection, "SELECT pg_try_advisory_lock(?)", row -> row.getBoolean(1), KEY)
        .getFirst();
  }

  /** Who has it, in a sentence. */
  static String holder(Connection connection) throws SQLException {
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
            KEY)
        .stream()
        .findFirst()
        .orElse("another VACUUM of Drydock's has just run in this database");
  }

  /** At once: the server takes a moment to see that a connection has ended. */
  static void giveBack(Connection connection) {
    try {
      Rows.read(connection, "SELECT pg_advisory_unlock(?)", row -> row.getBoolean(1), KEY);
    } catch (SQLException e) {
      // It ends with the connection.
    }
  }
}
