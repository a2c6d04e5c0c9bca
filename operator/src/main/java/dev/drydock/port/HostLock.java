package dev.drydock.port;

import java.time.Duration;

/**
 * The exclusive right to work on one host. It lives on the host itself, for as long as this
 * process' connection does: when that is lost, or nothing is heard of this process for 15 seconds,
 * the host gives the lock up, and kills what still runs under it before anybody else can have it.
 * So a holder that was paused for long can't go on with what it had begun. For one thread.
 */
public interface HostLock extends AutoCloseable {
  /** What a script that must not be cut off has beyond its deadline, on the host alone. */
  Duration GRACE = Duration.ofMinutes(30);

  /**
   * Runs a script under the lock, as {@link HostShell#look} does. If the lock is lost meanwhile,
   * the script is killed.
   */
  HostShell.Answer run(Script script, Duration deadline);

  /**
   * The same for what must not be cut off in the middle, such as an installation of packages: if
   * the connection is lost, the host keeps the lock until the script has ended by itself, for
   * {@code deadline} at the most. If the script takes longer than {@code deadline}, the answer is
   * that it did, and the host does the same for {@link #GRACE}.
   */
  HostShell.Answer runToItsEnd(Script script, Duration deadline);

  /** Whether the connection that holds the lock still stands. */
  boolean isHeld();

  /** Gives the lock up. */
  @Override
  void close();

  /** What came of asking for the lock. */
  sealed interface Taken {}

  /** It is held now. */
  record Held(HostLock lock) implements Taken {}

  /**
   * Somebody else has it.
   *
   * @param holder who, for people; empty if that is not known
   */
  record Busy(String holder) implements Taken {}

  /** The host could not be asked, or has no way to lock. */
  record NotTaken(HostShell.Failed failure) implements Taken {}

  /** Whether the host gave no answer, and may give one later. */
  static boolean isAway(Taken taken) {
    return taken instanceof NotTaken(HostShell.Failed failure) && failure.isAway();
  }
}
