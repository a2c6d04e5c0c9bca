package dev.drydock.port;

import dev.drydock.kernel.Work;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * Runs scripts on hosts, over sessions that are kept open between calls. About once an hour a login
 * is tried beside one: when the host refuses it, the session ends.
 */
public interface HostShell extends AutoCloseable {

  /**
   * Runs a script whose words and output are small, in one round trip where a session is open, and
   * waits for its end. Its standard input is empty; its standard error is dropped. One script at a
   * time runs on a host; a second one waits its turn within its own deadline.
   *
   * <p>Returns within {@code deadline} and a second. After {@link Failed} whatever the script
   * started is killed, if the host can still be told so; a script that completes has to end what it
   * started by itself.
   *
   * @param script makes it when it is sent, by what is left of {@code deadline} then: another
   *     script or a login may have taken most of it
   */
  Answer look(HostAccess host, Function<Duration, Script> script, Duration deadline);

  /** The same for a script that is the same however much time is left. */
  default Answer look(HostAccess host, Script script, Duration deadline) {
    return look(host, _ -> script, deadline);
  }

  /**
   * Takes the host's lock for {@code work}, over a session of its own, and waits for it for {@code
   * patience} at the most. Looks go on beside it, and see who works. Returns within {@code
   * patience} and {@code deadline}, which is what connecting may take.
   */
  HostLock.Taken lock(HostAccess host, Work work, Duration patience, Duration deadline);

  /**
   * Opens a port of this process's loopback address that leads to {@code address} and {@code port}
   * as the host sees them, over the same session, while scripts run on it. Nobody asks yet whether
   * something answers there: if nothing does, a connection to the port is closed at once.
   *
   * <p>Returns within {@code deadline} and a second.
   */
  Forwarding forward(HostAccess host, String address, int port, Duration deadline);

  /** Closes the session to a host that is not needed any more. */
  void forget(String host);

  /** Ends everything: what runs fails at once. */
  @Override
  void close();

  /** What came of a script. */
  sealed interface Answer permits Completed, Failed {}

  /**
   * The script ended by itself.
   *
   * @param output standard output, read as UTF-8
   * @param hostKey the fingerprint of the key that the host showed, as {@code SHA256:…}
   * @param identityNotProven why an identity or address that was changed is not in use yet: the
   *     answer came over the session that the previous one opened
   */
  record Completed(
      int exitCode,
      String output,
      Duration took,
      String hostKey,
      Optional<Failed> identityNotProven)
      implements Answer {}

  /** The host did not do what it was asked, or nobody knows how that ended. */
  record Failed(Failure failure, String message) implements Answer, Forwarding {
    /** Whether it may answer later, with nobody changing anything. */
    public boolean isAway() {
      return switch (failure) {
        case UNREACHABLE, TIMED_OUT, CONNECTION_LOST -> true;
        case HOST_KEY_MISMATCH, AUTHENTICATION_FAILED, INVALID_IDENTITY, OUTPUT_TOO_LARGE -> false;
      };
    }
  }

  /** What came of asking for a way through a host. */
  sealed interface Forwarding permits Tunnel, Failed {}

  /**
   * A way through a host, until it is closed or the session ends.
   *
   * @param port of 127.0.0.1
   * @param end closes it
   */
  record Tunnel(int port, Runnable end) implements Forwarding, AutoCloseable {
    @Override
    public void close() {
      end.run();
    }
  }

  /** Why a host gave no answer. */
  enum Failure {
    /** No connection: the address, the network, or whatever answers there. */
    UNREACHABLE,
    /** The host showed a key that is not pinned. */
    HOST_KEY_MISMATCH,
    /** The host refused the user or the key. */
    AUTHENTICATION_FAILED,
    /** The key can't be used at all: unreadable, encrypted, or of a type that is not supported. */
    INVALID_IDENTITY,
    /** Connected, but no end of the script within the deadline. */
    TIMED_OUT,
    /** More output than a look may have. */
    OUTPUT_TOO_LARGE,
    /** The connection broke while the script ran. */
    CONNECTION_LOST
  }
}
