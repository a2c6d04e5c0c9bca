package dev.drydock.task;

import dev.drydock.kernel.Admission;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The time that a run was due at. */
final class Slot {
  /** The CronJob controller ends a Job's name with the minutes from 1970 to its time. */
  private static final Pattern MINUTES = Pattern.compile("-([0-9]{8,10})$");

  private static final Duration DAY = Duration.ofDays(1);

  private Slot() {}

  /**
   * Of a run that a person started there is none.
   *
   * @param told as the operator has said it, or {@link Admission#NOT_DUE}; null or blank where
   *     nobody has
   * @param job the name of the Job that runs this
   */
  static Optional<Instant> of(@Nullable String told, @Nullable String job, Instant now) {
    if (Admission.NOT_DUE.equals(told)) {
      return Optional.empty();
    }
    if (told != null && !told.isBlank()) {
      try {
        return Optional.of(Instant.parse(told.strip()));
      } catch (DateTimeException e) {
        // Whatever that is, the Job's name tells.
      }
    }
    Matcher minutes = MINUTES.matcher(job == null ? "" : job);
    return minutes.find()
        ? Optional.of(Instant.ofEpochSecond(60 * Long.parseLong(minutes.group(1))))
            // Else they are digits that a person gave the Job's name.
            .filter(time -> Duration.between(time, now).abs().compareTo(DAY) <= 0)
        : Optional.empty();
  }
}
