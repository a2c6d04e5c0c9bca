package dev.drydock.adapter.ssh;

import dev.drydock.port.HostShell.Failed;
import dev.drydock.port.HostShell.Failure;

/** Carries a {@link Failed} up to where it is answered. */
final class HostFailure extends Exception {
  private static final long serialVersionUID = 1L;

  private final Failure failure;

  HostFailure(Failure failure, String message) {
    super(message, null, false, false);
    this.failure = failure;
  }

  Failed answer() {
    return new Failed(failure, String.valueOf(getMessage()));
  }
}
