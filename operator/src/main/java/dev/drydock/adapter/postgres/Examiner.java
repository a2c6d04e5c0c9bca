package dev.drydock.adapter.postgres;

import dev.drydock.port.Database.Bloat;
import dev.drydock.port.Database.Connections;
import dev.drydock.port.Database.Examined;
import dev.drydock.port.Database.Lost;
import dev.drydock.port.Database.Own;
import dev.drydock.port.Database.Replica;
import dev.drydock.port.Database.Replication;
import dev.drydock.port.Database.TableRows;
import dev.drydock.port.Database.WithoutPrimaryKey;
import dev.drydock.port.DatabaseAccess;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads how a database is, in one transaction that can't write. No lock that somebody holds on a
 * table makes it wait.
 */
final class Examiner {
  /** Fewer dead rows than these are no reason to do anything. */
  private static final int DEAD_ROWS = 1000;

  private static final String SERVER =
      """
      SELECT current_setting('server_version') AS version,
             pg_is_in_recovery() AS standby,
             pg_database_size(current_database()) AS size,
             (SELECT count(*) FROM pg_stat_activity
               WHERE datid IS NOT NULL AND pid <> pg_backend_pid()
                 AND coalesce(backend_type, 'client backend') = 'client backend') AS used,
             current_setting('max_connections')::int
               - current_setting('superuser_reserved_connections')::int
               - coalesce(current_setting('reserved_connections', true)::int, 0) AS most
      """;

  private static final String WITHOUT_PRIMARY_KEY =
      """
      SELECT format('%I.%I', n.nspname, c.relname) AS name, count(*) OVER () AS count
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
         AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
         AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)
         AND NOT EXISTS (SELECT FROM pg_depend d
                          WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                            AND d.deptype = 'e')
       ORDER BY c.relpages DESC, name LIMIT 20
      """;

  private static final String DEAD =
      """
      SELECT format('%I.%I', s.schemaname, s.relname) AS name, s.n_live_tup AS live,
             s.n_dead_tup AS dead,
             c.relpages::bigint * current_setting('block_size')::bigint AS size,
             extract(epoch FROM clock_timestamp()
               - greatest(s.last_vacuum, s.last_autovacuum))::float8 AS vacuumed
        FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
       WHERE s.n_dead_tup >= ? AND c.relpersistence <> 't'
       ORDER BY s.n_dead_tup::float8 / (s.n_live_tup + s.n_dead_tup) DESC, s.n_dead_tup DESC
       LIMIT 20
      """;

  private static final String REPLICAS =
      """
      SELECT application_name AS name, client_addr::text AS address, state,
             extract(epoch FROM replay_lag)::float8 AS lag,
             pg_wal_lsn_diff(
               CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
                    ELSE pg_current_wal_lsn() END,
               replay_lsn)::bigint AS behind
        FROM pg_stat_replication
       WHERE state IS NULL OR replay_lsn IS NOT NULL
       ORDER BY lag DESC NULLS LAST LIMIT 50
      """;

  private static final String LOST_SLOTS =
      """
      SELECT slot_name AS name,
             pg_wal_lsn_diff(
               CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
                    ELSE pg_current_wal_lsn() END,
               restart_lsn)::bigint AS kept
        FROM pg_replication_slots
       WHERE slot_type = 'physical' AND NOT active AND NOT temporary AND restart_lsn IS NOT NULL
       ORDER BY kept DESC LIMIT 20
      """;

  // What ends at a page's end may be a record's first part: the primary flushes whole pages of what
  // no transaction waits for, and an idle one sends the rest much later. No standby can replay
  // that.
  private static final String STANDBY =
      """
      SELECT receiving, received::text AS received,
             CASE WHEN receiving
                       AND (received <= replayed
                            OR (received - '0/0') % page = 0 AND received - replayed < 2 * page)
                  THEN 0
                  ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())
             END::float8 AS lag
        FROM (SELECT EXISTS (SELECT FROM pg_stat_wal_receiver) AS receiving,
                     pg_last_wal_receive_lsn() AS received,
                     pg_last_wal_replay_lsn() AS replayed,
                     current_setting('wal_block_size')::int AS page) r
      """;

  /** Whether all was replayed that had been received a moment ago. */
  private static final String REPLAYED =
      "SELECT pg_last_wal_replay_lsn() >= ?::pg_lsn AS replayed FROM pg_sleep(0.1)";

  private static final int REPLAYED_TRIES = 5;

  /** Nobody asks for an estimate that has less time. */
  private static final Duration LEAST = Duration.ofMillis(50);

  private final Connection connection;
  private final DatabaseAccess access;
  private final long end;

  /**
   * @param end by {@link System#nanoTime}
   */
  Examiner(Connection connection, DatabaseAccess access, long end) {
    this.connection = connection;
    this.access = access;
    this.end = end;
  }

  Examined examine(boolean bloat) throws SQLException {
    connection.setReadOnly(true);
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      // The path, so that no function of a user's own passes for the system's.
      statement.execute(
          "SET LOCAL search_path = pg_catalog; SET LOCAL lock_timeout = '1s';"
              + " SET LOCAL statement_timeout = "
              + Math.max(1, left().toMillis()));
    }
    Examined examined =
        Rows.read(
                connection,
                SERVER,
                row ->
                    new Examined(
                        Rows.text(row, "version"),
                        row.getBoolean("standby"),
                        row.getLong("size"),
                        new Connections(row.getInt("used"), row.getInt("most")),
                        withoutPrimaryKey(connection),
                        deadRows(connection),
                        Bloat.NONE,
                        replication(connection, row.getBoolean("standby"))))
            .getFirst();
    if (bloat) {
      examined = examined.with(bloat());
    }
    connection.rollback();
    return examined;
  }

  private Duration left() {
    return Duration.ofNanos(end - System.nanoTime());
  }

  /** Its two statements together leave a third of the time, so that what is known is told. */
  private Bloat bloat() throws SQLException {
    Duration patience = left().dividedBy(3);
    return patience.compareTo(LEAST) < 0
        ? Bloat.unknown("no time was left to ask")
        : BloatEstimate.ask(connection, access, patience);
  }

  static WithoutPrimaryKey withoutPrimaryKey(Connection connection) throws SQLException {
    record Named(String name, long count) {}
    List<Named> rows =
        Rows.read(
            connection,
            WITHOUT_PRIMARY_KEY,
            row -> new Named(Rows.text(row, "name"), row.getLong("count")));
    return new WithoutPrimaryKey(
        rows.isEmpty() ? 0 : rows.getFirst().count(), rows.stream().map(Named::name).toList());
  }

  /** Tables with many dead rows. */
  static List<TableRows> deadRows(Connection connection) throws SQLException {
    return Rows.read(
        connection,
        DEAD,
        row ->
            new TableRows(
                Rows.text(row, "name"),
                row.getLong("live"),
                row.getLong("dead"),
                row.getLong("size"),
                Rows.duration(row, "vacuumed")),
        DEAD_ROWS);
  }

  private static Replication replication(Connection connection, boolean standby)
      throws SQLException {
    List<Optional<Replica>> seen =
        Rows.read(
            connection,
            REPLICAS,
            row -> {
              String state = row.getString("state");
              String address = Rows.text(row, "address");
              return state == null
                  ? Optional.empty()
                  : Optional.of(
                      new Replica(
                          Rows.text(row, "name") + (address.isEmpty() ? "" : " at " + address),
                          state,
                          Rows.duration(row, "lag"),
                          row.getLong("behind")));
            });
    List<Replica> replicas = seen.stream().flatMap(Optional::stream).toList();
    List<Lost> lost =
        Rows.read(
            connection, LOST_SLOTS, row -> new Lost(Rows.text(row, "name"), row.getLong("kept")));
    @Nullable Own own = standby ? own(connection) : null;
    return new Replication(replicas.size() < seen.size(), replicas, lost, own);
  }

  /**
   * Only a commit tells its time, and a primary that loads a table or builds an index may write for
   * long without one: a standby that replays at once what it gets is not behind.
   */
  private static Own own(Connection connection) throws SQLException {
    record Receiving(Own own, @Nullable String received) {}
    Receiving seen =
        Rows.read(
                connection,
                STANDBY,
                row ->
                    new Receiving(
                        new Own(row.getBoolean("receiving"), Rows.duration(row, "lag")),
                        row.getString("received")))
            .getFirst();
    @Nullable String received = seen.received();
    if (seen.own().receiving() && received != null && !Duration.ZERO.equals(seen.own().lag())) {
      for (int i = 0; i < REPLAYED_TRIES; i++) {
        if (Rows.read(connection, REPLAYED, row -> row.getBoolean("replayed"), received)
            .getFirst()) {
          return new Own(true, Duration.ZERO);
        }
      }
    }
    return seen.own();
  }
}
