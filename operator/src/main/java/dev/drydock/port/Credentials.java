package dev.drydock.port;

import java.util.Map;

/** Where user names and passwords are, by the name of the Secret that holds them. Never throws. */
@FunctionalInterface
public interface Credentials {
  /** There are none: for whoever looks at nothing that asks for a password. */
  Credentials NONE = name -> new Absent("there is no Secret " + name + " here");

  Answer read(String secretName);

  /** What came of reading. */
  sealed interface Answer {}

  /** The Secret's values by key. */
  record Present(Map<String, String> values) implements Answer {
    public Present {
      values = Map.copyOf(values);
    }

    @Override
    public String toString() {
      return "Present" + values.keySet();
    }
  }

  /**
   * Nobody has them.
   *
   * @param message why, and what to create
   */
  record Absent(String message) implements Answer {}
}
