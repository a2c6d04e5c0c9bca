package dev.drydock.hosthealth;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.HostState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.RemedyPhase;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.RemedyState;
import dev.drydock.kernel.Text;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a person has acknowledged by the annotation {@code drydock.dev/acknowledge}: {@code
 * host/check}, several of them with commas between, each with anything after an {@code @} to make
 * the value new. Pure.
 */
final class Acknowledgement {
  static final String ANNOTATION = "drydock.dev/acknowledge";
  private static final int LENGTH = 256;
  private static final int NAMED = 5;

  private final Set<String> names = new LinkedHashSet<>();
  private final Set<String> met = new LinkedHashSet<>();
  private final String value;

  private Acknowledgement(String value) {
    this.value = value;
    for (String name : value.split(",", -1)) {
      String plain = name.strip().replaceFirst("@.*$", "");
      if (!plain.isEmpty()) {
        names.add(plain);
      }
    }
  }

  /**
   * @param annotation the annotation's value, or null
   * @param handled the value that was handled last, or null
   */
  static Acknowledgement of(@Nullable String annotation, @Nullable String handled) {
    String value = annotation == null ? "" : Text.line(annotation, LENGTH);
    return new Acknowledgement(value.isEmpty() || value.equals(handled) ? "" : value);
  }

  /** What is handled now; empty: nothing. */
  String value() {
    return value;
  }

  /** The state once a person has seen to it. */
  RemedyState apply(HostState host, RemedyState state, Instant now) {
    String name = host.name() + "/" + state.check();
    if (!names.contains(name)) {
      return state;
    }
    met.add(name);
    String at = now.truncatedTo(ChronoUnit.SECONDS).toString();
    return switch (state.phase()) {
      case Running, Acknowledged -> state;
      // What was stopped a moment ago may still look as it did.
      case Held ->
          acknowledged(
              state,
              state.tries().subList(Math.max(0, state.tries().size() - 1), state.tries().size()),
              at);
      case Observed, Helped, NotHelped, Refused, Failed, Interrupted ->
          acknowledged(state, List.of(), at);
    };
  }

  private static RemedyState acknowledged(RemedyState state, List<String> tries, String at) {
    return new RemedyState(
        state.check(),
        RemedyPhase.Acknowledged,
        state.started(),
        at,
        "acknowledged at " + at,
        state.record(),
        tries);
  }

  /** Why some of it meant nothing; empty: all of it did. */
  String misses() {
    var unknown = new ArrayList<>(names);
    unknown.removeAll(met);
    return unknown.isEmpty()
        ? ""
        : "no remedy has done anything for "
            + String.join(", ", unknown.subList(0, Math.min(NAMED, unknown.size())))
            + ": the annotation "
            + ANNOTATION
            + " takes <host>/<check>, with commas between several";
  }
}
