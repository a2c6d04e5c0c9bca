package dev.drydock.kernel;

import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleSpec.Freeze;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Times in which nothing starts. */
public final class Freezes {
  private Freezes() {}

  /**
   * What keeps work from starting.
   *
   * @param reason of the freeze that is in force, or null if it has none
   * @param until when no freeze is in force any more, over others that follow at once
   */
  public record Frozen(@Nullable String reason, Instant until) {
    /** A sentence for people. */
    public String message() {
      return "nothing starts until " + until + (reason == null ? "" : ": " + reason);
    }
  }

  /**
   * What is in force at an instant; a freeze begins with its {@code from}, and ends before its
   * {@code to}.
   */
  public static Optional<Frozen> at(List<Freeze> freezes, Instant instant) {
    Optional<Freeze> first = last(freezes, instant);
    Instant until = instant;
    for (Optional<Freeze> next = first; next.isPresent(); next = last(freezes, until)) {
      until = time(next.get().to());
    }
    Instant end = until;
    return first.map(freeze -> new Frozen(freeze.reason(), end));
  }

  /** Of those that hold at an instant, the one that does so longest. */
  private static Optional<Freeze> last(List<Freeze> freezes, Instant instant) {
    return freezes.stream()
        .filter(
            freeze -> !time(freeze.from()).isAfter(instant) && time(freeze.to()).isAfter(instant))
        .max(Comparator.comparing(freeze -> time(freeze.to())));
  }

  private static Instant time(String text) {
    return OffsetDateTime.parse(text).toInstant();
  }
}
