package dev.drydock.adapter.postgres;

import dev.drydock.port.DatabaseAccess;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.ds.PGSimpleDataSource;

/** Opens connections. */
final class PgConnections {
  /** Kept, since nobody else holds it: the driver logs addresses, and what servers say. */
  private static final Logger DRIVER = Logger.getLogger("org.postgresql");

  static {
    DRIVER.setLevel(Level.OFF);
  }

  private static final Duration TO_CONNECT = Duration.ofSeconds(10);

  private PgConnections() {}

  /** A connection that waits no longer than {@code patience} for any answer. */
  static Connection open(DatabaseAccess access, Duration patience) throws SQLException {
    PGSimpleDataSource source = source(access, patience);
    source.setSocketTimeout(seconds(patience));
    return source.getConnection(access.user(), access.password());
  }

  /** One that waits for the end of what it started, however long that takes. */
  static Connection openPatient(DatabaseAccess access) throws SQLException {
    return source(access, TO_CONNECT).getConnection(access.user(), access.password());
  }

  private static PGSimpleDataSource source(DatabaseAccess access, Duration patience)
      throws SQLException {
    var source = new PGSimpleDataSource();
    String host = access.host();
    source.setServerNames(new String[] {host.contains(":") ? "[" + host + "]" : host});
    source.setPortNumbers(new int[] {access.port()});
    source.setDatabaseName(access.name());
    source.setApplicationName("drydock");
    source.setConnectTimeout(seconds(patience));
    source.setCancelSignalTimeout(2);
    source.setTcpKeepAlive(true);
    source.setSslMode(access.sslMode());
    if (access.sslMode().startsWith("verify")) {
      // The authorities that this process trusts, and not a file of the home directory.
      source.setSslfactory("org.postgresql.ssl.DefaultJavaSSLFactory");
    }
    source.setProperty(PGProperty.GSS_ENC_MODE, "disable");
    source.setProperty(PGProperty.MAX_RESULT_BUFFER, "8M");
    // What a server says of an error may quote rows.
    source.setLogServerErrorDetail(false);
    // A pooler may give each transaction another connection of its own.
    source.setPrepareThreshold(0);
    return source;
  }

  /**
   * Refuses what is not the server itself: a pooler hands a session's settings, and the locks that
   * it holds, to whoever comes next. It gives a process number of its own at login.
   */
  static void refusePooler(Connection connection) throws SQLException {
    int process = Rows.read(connection, "SELECT pg_backend_pid()", row -> row.getInt(1)).getFirst();
    if (process(connection) != process) {
      throw new SQLException(
          "a pooler such as PgBouncer answers there, and a VACUUM needs a session of its own: name"
              + " the server itself in the Secret",
          Refusals.FEATURE_NOT_SUPPORTED);
    }
  }

  /** The server's process, as it said at login. */
  static int process(Connection connection) throws SQLException {
    return connection.unwrap(PGConnection.class).getBackendPID();
  }

  private static int seconds(Duration duration) {
    return Math.clamp(duration.plusMillis(999).toSeconds(), 1, 3600);
  }
}
