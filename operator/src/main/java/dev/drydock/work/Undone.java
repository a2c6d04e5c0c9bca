package dev.drydock.work;

/** Work could not be done, or did not come out right. The message says why, and what to do. */
sealed class Undone extends Exception {
  private static final long serialVersionUID = 1L;

  Undone(String message) {
    super(message, null, false, false);
  }

  /** The message; it is never null. */
  String why() {
    return String.valueOf(getMessage());
  }

  /** Too little time is left for what comes next, which is not begun; all before it is done. */
  static final class CutOff extends Undone {
    private static final long serialVersionUID = 1L;

    CutOff(String message) {
      super(message);
    }
  }

  /** The host was rebooted, and is gone. */
  static final class Lost extends Undone {
    private static final long serialVersionUID = 1L;

    Lost(String message) {
      super(message);
    }
  }

  /** Nobody knows how the step ended, since the connection broke. */
  static final class ConnectionLost extends Undone {
    private static final long serialVersionUID = 1L;

    ConnectionLost(String message) {
      super(message);
    }
  }
}
