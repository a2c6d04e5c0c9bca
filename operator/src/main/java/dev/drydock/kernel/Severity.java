package dev.drydock.kernel;

import java.util.Arrays;
import java.util.stream.Collectors;

/** How much a finding matters, in ascending order. */
public enum Severity {
  INFO("Info"),
  WARNING("Warning"),
  CRITICAL("Critical");

  private final String text;

  Severity(String text) {
    this.text = text;
  }

  /** The word that the API uses, for example {@code Warning}. */
  public String text() {
    return text;
  }

  /** Whether this one matters at least as much as {@code other}. */
  public boolean atLeast(Severity other) {
    return compareTo(other) >= 0;
  }

  /**
   * The severity that the API calls {@code text}.
   *
   * @throws IllegalArgumentException if there is none; the schema admits no such value
   */
  public static Severity of(String text) {
    for (Severity severity : values()) {
      if (severity.text.equals(text)) {
        return severity;
      }
    }
    throw new IllegalArgumentException(
        "severity is one of "
            + Arrays.stream(values()).map(Severity::text).collect(Collectors.joining(", ")));
  }
}
