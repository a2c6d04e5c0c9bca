package dev.drydock.host;

import dev.drydock.port.HostShell.Failure;

/** Why a host is ready, or is not. */
enum HostReason {
  /** The host showed a pinned key, accepted the user, and answered. */
  ProbeSucceeded(false),
  /** Nothing answers SSH at the address. */
  Unreachable(false),
  /** The host showed a key that is not pinned. */
  HostKeyMismatch(true),
  /** The host refused the user or the key. */
  AuthenticationFailed(true),
  /** The key in the Secret can't be used at all. */
  InvalidIdentity(true),
  /** The host logged the operator in, and then did not answer in time. */
  ProbeTimedOut(false),
  /** The host's answer made no sense: too long, or broken off. */
  ProbeFailed(false),
  /** The user can't become root without a password. */
  SudoRefused(true),
  /** Nobody knows whether the user can become root: sudo did not end in time. */
  SudoTimedOut(false);

  private final boolean needsAPerson;

  HostReason(boolean needsAPerson) {
    this.needsAPerson = needsAPerson;
  }

  /** Whether it stays so until somebody changes something. */
  boolean needsAPerson() {
    return needsAPerson;
  }

  static HostReason of(Failure failure) {
    return switch (failure) {
      case UNREACHABLE -> Unreachable;
      case HOST_KEY_MISMATCH -> HostKeyMismatch;
      case AUTHENTICATION_FAILED -> AuthenticationFailed;
      case INVALID_IDENTITY -> InvalidIdentity;
      case TIMED_OUT -> ProbeTimedOut;
      case OUTPUT_TOO_LARGE, CONNECTION_LOST -> ProbeFailed;
    };
  }
}
