package dev.drydock.host;

import dev.drydock.port.HostShell.Failed;
import dev.drydock.probe.HostFacts;
import java.time.Duration;
import java.util.Optional;

/** What a turn brought to light of a host. */
sealed interface HostSight {

  /** Nobody is to look. */
  record Suspended() implements HostSight {}

  /** Something is missing in the cluster: the host was not asked. */
  record Unusable(String reason, String message) implements HostSight {}

  /** The host did not answer. */
  record Unanswered(Failed failure) implements HostSight {}

  /**
   * The host answered.
   *
   * @param hostKey the fingerprint of the key that it showed
   * @param notProven why a changed identity is not in use yet
   */
  record Probed(HostFacts facts, Duration took, String hostKey, Optional<Failed> notProven)
      implements HostSight {}
}
