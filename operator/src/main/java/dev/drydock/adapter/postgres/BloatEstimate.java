package dev.drydock.adapter.postgres;

import dev.drydock.adapter.postgres.HeapLayout.Column;
import dev.drydock.port.Database.Bloat;
import dev.drydock.port.Database.TableBloat;
import dev.drydock.port.DatabaseAccess;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Tells about how much of tables is unused: their size less what their rows need ({@link
 * HeapLayout}), both as VACUUM and ANALYZE left them in the catalogs, so that no table is read.
 */
final class BloatEstimate {
  /** Smaller tables are no reason to do anything. */
  private static final long SIZE = 10L << 20;

  private static final int TOLD = 20;
  private static final int VIRTUAL_SINCE = 12;

  private static final String USERS =
      """
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND c.relam IN (0, 2)
          AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
      """;

  // Without statistics a column is known only if all its values are there and of one length.
  private static final String TABLES =
      """
      SELECT t.name, t.pages * t.page_size AS size, t.rows, t.page_size, t.attributes,
             coalesce((SELECT option_value::int FROM pg_options_to_table(t.options)
                        WHERE option_name = 'fillfactor'), 100) AS fillfactor,
             has_table_privilege(t.oid, 'SELECT') AND NOT row_security_active(t.oid) AS readable,
             coalesce(k.always_nulls, false) AS always_nulls,
             k.lengths, k.alignments, k.nulls, k.widths
        FROM (SELECT c.oid, n.nspname, c.relname, format('%I.%I', n.nspname, c.relname) AS name,
                     c.relpages::bigint AS pages, c.reltuples::float8 AS rows,
                     c.relnatts::int AS attributes, c.reloptions AS options,
                     current_setting('block_size')::int AS page_size
      """
          + USERS
          + """
                 AND c.relpages >= ?::bigint / current_setting('block_size')::int
               ORDER BY c.relpages DESC LIMIT 500) t
             CROSS JOIN LATERAL (
               SELECT bool_or(a.absent) AS always_nulls,
                      array_agg(a.attlen::float8 ORDER BY a.attnum) FILTER (WHERE NOT a.absent)
                        AS lengths,
                      array_agg((CASE a.attalign WHEN 'c' THEN 1 WHEN 's' THEN 2 WHEN 'i' THEN 4
                                                 ELSE 8 END)::float8 ORDER BY a.attnum)
                        FILTER (WHERE NOT a.absent) AS alignments,
                      array_agg(CASE WHEN a.attnotnull THEN 0 ELSE s.null_frac::float8 END
                                ORDER BY a.attnum) FILTER (WHERE NOT a.absent) AS nulls,
                      array_agg((CASE WHEN a.attlen > 0 THEN a.attlen ELSE s.avg_width END)::float8
                                ORDER BY a.attnum) FILTER (WHERE NOT a.absent) AS widths
                 FROM (SELECT attnum, attname, attlen, attalign, attnotnull,
                              attisdropped OR attgenerated = 'v' AS absent
                         FROM pg_attribute WHERE attrelid = t.oid AND attnum > 0) a
                      LEFT JOIN (SELECT attname, null_frac, avg_width FROM pg_stats
                                  WHERE schemaname = t.nspname AND tablename = t.relname
                                    AND NOT inherited) s ON s.attname = a.attname) k
      """;

  // The size of a table that was never analyzed is not in the catalogs. To ask for it takes a lock,
  // if only for a moment; one that somebody else would keep from us is not asked for.
  private static final String NEVER_ANALYZED =
      """
      SELECT name
        FROM (SELECT name,
                     CASE WHEN oid <> ALL (ARRAY(SELECT relation FROM pg_locks
                                                  WHERE mode = 'AccessExclusiveLock'
                                                    AND relation IS NOT NULL))
                          THEN pg_relation_size(oid) END AS size
                FROM (SELECT c.oid, format('%I.%I', n.nspname, c.relname) AS name
      """
          + USERS
          + """
                         AND c.relpages = 0
                       ORDER BY pg_stat_get_live_tuples(c.oid) DESC, c.oid LIMIT 100) c) t
       WHERE size >= ? ORDER BY size DESC LIMIT 20
      """;

  private BloatEstimate() {}

  /**
   * A large table.
   *
   * @param rows how many are in use; negative: nobody knows
   * @param layout empty: there are not all the statistics that it takes
   * @param readable whether the user would see them
   */
  private record Table(
      String name, long size, double rows, Optional<HeapLayout> layout, boolean readable) {
    /** Where there are no rows, it does not matter how they lie. */
    private Optional<TableBloat> bloat() {
      return rows == 0
          ? Optional.of(new TableBloat(name, size, size))
          : layout
              .filter(_ -> rows > 0)
              .map(known -> new TableBloat(name, size, Math.max(0, size - known.bytes(rows))));
    }
  }

  /**
   * Asks, and lets neither a server that is slow about it nor one that fails at it spoil anything
   * else; within a transaction, that goes on.
   *
   * @param patience for each of two statements
   */
  static Bloat ask(Connection connection, DatabaseAccess access, Duration patience)
      throws SQLException {
    @Nullable Savepoint before = connection.getAutoCommit() ? null : connection.setSavepoint();
    try {
      try (Statement statement = connection.createStatement()) {
        statement.execute(
            "SET "
                + (before == null ? "SESSION" : "LOCAL")
                + " statement_timeout = "
                + patience.toMillis());
      }
      return read(connection);
    } catch (SQLException e) {
      if (Refusals.isConnection(e)) {
        throw e;
      }
      if (before != null) {
        connection.rollback(before);
      }
      return Bloat.unknown(
          Refusals.state(e).equals(Refusals.CANCELED)
              ? "no answer in time"
              : Refusals.text(e, access));
    }
  }

  private static Bloat read(Connection connection) throws SQLException {
    boolean knowsVirtual = connection.getMetaData().getDatabaseMajorVersion() >= VIRTUAL_SINCE;
    List<Table> tables =
        Rows.read(
            connection,
            knowsVirtual ? TABLES : TABLES.replace("attgenerated", "''"),
            BloatEstimate::table,
            SIZE);
    List<String> neverAnalyzed =
        Rows.read(connection, NEVER_ANALYZED, row -> Rows.text(row, "name"), SIZE);
    return new Bloat(
        tables.stream()
            .flatMap(table -> table.bloat().stream())
            .sorted(
                Comparator.comparingDouble(TableBloat::percent)
                    .thenComparingLong(TableBloat::unused)
                    .reversed())
            .limit(TOLD)
            .toList(),
        Stream.concat(
                tables.stream()
                    .filter(table -> table.bloat().isEmpty() && table.readable())
                    .map(Table::name),
                neverAnalyzed.stream())
            .limit(TOLD)
            .toList(),
        tables.stream()
            .filter(table -> table.bloat().isEmpty() && !table.readable())
            .map(Table::name)
            .limit(TOLD)
            .toList());
  }

  private static Table table(ResultSet row) throws SQLException {
    @Nullable Double[] lengths = numbers(row, "lengths");
    @Nullable Double[] alignments = numbers(row, "alignments");
    @Nullable Double[] nulls = numbers(row, "nulls");
    @Nullable Double[] widths = numbers(row, "widths");
    var columns = new ArrayList<Column>();
    for (int i = 0; i < lengths.length; i++) {
      Double length = lengths[i];
      Double alignment = alignments[i];
      Double nullShare = nulls[i];
      Double width = widths[i];
      if (length != null && alignment != null && nullShare != null && width != null) {
        columns.add(new Column(length.intValue(), alignment.intValue(), nullShare, width));
      }
    }
    return new Table(
        Rows.text(row, "name"),
        row.getLong("size"),
        row.getDouble("rows"),
        columns.size() < lengths.length
            ? Optional.empty()
            : Optional.of(
                new HeapLayout(
                    row.getInt("page_size"),
                    row.getInt("fillfactor"),
                    row.getInt("attributes"),
                    row.getBoolean("always_nulls"),
                    columns)),
        row.getBoolean("readable"));
  }

  /** None for a table that has no columns. */
  private static @Nullable Double[] numbers(ResultSet row, String column) throws SQLException {
    Array array = row.getArray(column);
    return array == null ? new Double[0] : (@Nullable Double[]) array.getArray();
  }
}
