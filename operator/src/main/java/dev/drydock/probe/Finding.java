package dev.drydock.probe;

/** What a demand came to on one host. */
public sealed interface Finding {
  /** A sentence for people; for {@link Fine} just the value. */
  String message();

  /** The demand is met. */
  record Fine(String value) implements Finding {
    @Override
    public String message() {
      return value;
    }
  }

  /**
   * The demand is not met.
   *
   * @param value what was read, short
   * @param message what is wrong, in a sentence
   */
  record Bad(String value, String message) implements Finding {}

  /** The host can never meet the demand, whatever it does: that is said once, and not alerted. */
  record Impossible(String message) implements Finding {}

  /** What is wrong belongs to planned work that goes on there now: it is no incident. */
  record Planned(String message) implements Finding {}

  /** Nobody knows. */
  record Unknown(String message) implements Finding {}
}
