package dev.drydock.adapter.postgres;

import dev.drydock.kernel.Text;
import dev.drydock.port.Database.NotReached;
import dev.drydock.port.Database.Problem;
import dev.drydock.port.DatabaseAccess;
import java.io.EOFException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What a failed question means to the person who has to mend it. */
final class Refusals {
  /** PostgreSQL's documentation, appendix A. */
  static final String LOCK_NOT_AVAILABLE = "55P03";

  static final String CANCELED = "57014";
  static final String FEATURE_NOT_SUPPORTED = "0A000";
  static final String UNDEFINED_TABLE = "42P01";

  private static final String WRONG_PASSWORD = "28P01";
  private static final String TOO_MANY_CONNECTIONS = "53300";
  private static final String NO_SUCH_DATABASE = "3D000";
  private static final String NOT_PERMITTED = "42501";

  private static final int QUOTED = 160;

  private Refusals() {}

  static NotReached explain(SQLException e, DatabaseAccess access) {
    String state = state(e);
    if (state.startsWith("28") || state.equals(NO_SUCH_DATABASE)) {
      return new NotReached(Problem.LOGIN_REFUSED, text(e, access));
    }
    if (state.equals(TOO_MANY_CONNECTIONS)) {
      return new NotReached(Problem.NO_CONNECTION_LEFT, text(e, access));
    }
    if (state.equals(CANCELED)) {
      return new NotReached(Problem.NO_ANSWER, "no answer in time");
    }
    if (state.equals(NOT_PERMITTED)) {
      return new NotReached(
          Problem.FAILED,
          "the user " + access.user() + " may not read what is asked: " + text(e, access));
    }
    return isConnection(e)
        ? new NotReached(Problem.NO_ANSWER, network(e, access))
        : new NotReached(Problem.FAILED, text(e, access));
  }

  static String state(SQLException e) {
    return e.getSQLState() == null ? "" : e.getSQLState();
  }

  /** Whether the connection is lost, or never was: class 08, and what a server says as it stops. */
  static boolean isConnection(SQLException e) {
    String state = state(e);
    return state.startsWith("08") || state.startsWith("57P");
  }

  /** Whether another database of the same server would refuse as well. */
  static boolean isOfServer(SQLException e) {
    return isConnection(e) || state(e).equals(WRONG_PASSWORD);
  }

  private static String network(SQLException e, DatabaseAccess access) {
    for (@Nullable Throwable cause = e; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case UnknownHostException _ -> {
          return "no such host name";
        }
        case SocketTimeoutException _ -> {
          return "no answer in time";
        }
        case NoRouteToHostException _ -> {
          return "no route to host";
        }
        case ConnectException _ -> {
          return "connection refused";
        }
        case EOFException _ -> {
          return "the connection was closed at once: does PostgreSQL listen there, and may sshd"
              + " forward to it (AllowTcpForwarding) where it is reached through the host?";
        }
        case SSLException tls -> {
          return "TLS: " + clean(String.valueOf(tls.getMessage()), access);
        }
        default -> {}
      }
    }
    return text(e, access);
  }

  /** What the server or the driver says of it. */
  static String text(SQLException e, DatabaseAccess access) {
    return clean(String.valueOf(e.getMessage()).replaceFirst("^(FATAL|ERROR): ", ""), access);
  }

  private static String clean(String text, DatabaseAccess access) {
    return Text.line(text.replace(access.password(), "…"), QUOTED);
  }
}
