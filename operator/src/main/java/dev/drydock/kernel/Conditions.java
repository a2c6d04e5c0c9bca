package dev.drydock.kernel;

import dev.drydock.api.v1alpha1.common.Condition;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The next list of conditions, derived from the previous one: a condition keeps its transition time
 * as long as its status stays, and its place in the list.
 */
public final class Conditions {
  private static final int MESSAGE_LENGTH = 1000;

  private final List<Condition> list;
  private final Set<String> absent = new HashSet<>();
  private final Instant now;
  private final long generation;

  /**
   * @param generation of the spec that the new conditions are derived from
   */
  public Conditions(List<Condition> previous, Instant now, long generation) {
    this.list = new ArrayList<>(previous);
    this.now = now.truncatedTo(ChronoUnit.SECONDS);
    this.generation = generation;
  }

  /** Answers the question {@code type} with yes or no. */
  public Conditions with(String type, boolean status, String reason, String message) {
    return put(type, status ? "True" : "False", reason, message);
  }

  /** Says that nobody knows. */
  public Conditions unknown(String type, String reason, String message) {
    return put(type, "Unknown", reason, message);
  }

  /**
   * Leaves {@code type} out, unless it is answered after all: kstatus reads an absent Reconciling
   * or Stalled as "no".
   */
  public Conditions without(String type) {
    absent.add(type);
    return this;
  }

  private Conditions put(String type, String status, String reason, String message) {
    absent.remove(type);
    int at = 0;
    while (at < list.size() && !list.get(at).type().equals(type)) {
      at++;
    }
    Condition previous = at < list.size() ? list.get(at) : null;
    String since =
        previous != null && previous.status().equals(status)
            ? previous.lastTransitionTime()
            : now.toString();
    var next =
        new Condition(type, status, reason, Text.line(message, MESSAGE_LENGTH), since, generation);
    if (previous == null) {
      list.add(next);
    } else {
      list.set(at, next);
    }
    return this;
  }

  public List<Condition> list() {
    return list.stream().filter(condition -> !absent.contains(condition.type())).toList();
  }

  /** Whether {@code conditions} say True to {@code type}. */
  public static boolean isTrue(List<Condition> conditions, String type) {
    return conditions.stream()
        .anyMatch(condition -> condition.type().equals(type) && condition.status().equals("True"));
  }
}
