package dev.drydock.adapter.ssh;

import com.jcraft.jsch.JSchAlgoNegoFailException;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.JSchHostKeyException;
import dev.drydock.port.HostAccess;
import dev.drydock.port.HostShell.Failure;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a failed connection means to the person who has to mend it. */
final class Refusals {
  private static final int MESSAGE_LENGTH = 200;

  private Refusals() {}

  /**
   * The failure to report.
   *
   * @param shown the fingerprint of the key that the host showed
   * @param broke whether the connection ended before the host had answered to the login
   */
  static HostFailure explain(JSchException e, HostAccess host, String shown, boolean broke) {
    String where = host.address() + " port " + host.port();
    if (e instanceof JSchHostKeyException) {
      return new HostFailure(
          Failure.HOST_KEY_MISMATCH,
          where
              + " showed a host key that is not pinned, "
              + shown
              + ". If the host was reinstalled, compare this with ssh-keygen -l on the host and put"
              + " its new key into spec.hostKeys; if not, somebody else may be answering");
    }
    if (e instanceof JSchAlgoNegoFailException negotiation) {
      return negotiation.getAlgorithmName().equals("server_host_key")
          ? new HostFailure(
              Failure.HOST_KEY_MISMATCH,
              where
                  + " has no host key of a pinned type; it offers "
                  + clip(negotiation.getServerProposal())
                  + ". Pin one of these in spec.hostKeys")
          : new HostFailure(
              Failure.UNREACHABLE,
              where
                  + " and this operator have no "
                  + negotiation.getAlgorithmName()
                  + " algorithm in common; the server offers "
                  + clip(negotiation.getServerProposal()));
    }
    if (broke) {
      return new HostFailure(
          Failure.UNREACHABLE,
          where
              + ": the connection broke during the login (a host that is booting or shutting down"
              + " refuses users so, and one that has locked the account)");
    }
    String text = text(e);
    if (text.startsWith("Auth fail")
        || text.startsWith("Auth cancel")
        || text.contains("Too many authentication failures")
        || text.contains("publickey")) {
      return new HostFailure(
          Failure.AUTHENTICATION_FAILED,
          where
              + " refused the key for user "
              + host.user()
              + ": put its public half into the user's authorized_keys, or the right key into the"
              + " Secret. It is tried again in growing pauses, and at once when Secret or Host"
              + " change");
    }
    return new HostFailure(Failure.UNREACHABLE, where + ": " + network(e, text));
  }

  private static String network(JSchException e, String text) {
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
        case ConnectException refused -> {
          return clip(String.valueOf(refused.getMessage())).toLowerCase(Locale.ROOT);
        }
        default -> {}
      }
    }
    return text;
  }

  /** A message without exception class names and of bounded length. */
  static String text(Throwable e) {
    return clip(String.valueOf(e.getMessage()).replaceAll("(\\w+\\.)+\\w+(Exception|Error): ", ""));
  }

  private static String clip(@Nullable String text) {
    String line = String.valueOf(text).replaceAll("\\p{Cntrl}", " ").strip();
    return line.length() <= MESSAGE_LENGTH ? line : line.substring(0, MESSAGE_LENGTH) + "…";
  }
}
