package dev.drydock.probe;

/** What a host printed is not what was asked for. The message is for people. */
public final class Unreadable extends Exception {
  private static final long serialVersionUID = 1L;

  Unreadable(String message) {
    super(message, null, false, false);
  }

  /** The message; it is never null. */
  public String why() {
    return String.valueOf(getMessage());
  }
}
