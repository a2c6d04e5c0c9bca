package dev.drydock.kernel;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import org.jspecify.annotations.Nullable;

/**
 * When the CronJob controller starts Jobs of a plain schedule. Its library walks a clock on the
 * wall and goes astray where that clock jumps: it leaves out times in a gap, may leave out the rest
 * of a day that has no midnight, or of an hour that begins at half past, and starts twice what
 * comes twice. This walks as it does, so as to know.
 */
final class ControllerTimes {
  /** Steps of the walk are a day at the most, so a jump further away does not matter. */
  private static final Duration NEAR = Duration.ofDays(2);

  private static final int YEARS = 5;

  private final LocalMinutes minutes;
  private final ZoneRules rules;

  /** Of the CronJob that a schedule has. */
  ControllerTimes(String schedule, String zone) {
    String plain = CronSchedule.parse(schedule, zone).forCronJob();
    this.minutes = CronSchedule.minutes(plain.split(" ", -1));
    this.rules = ZoneId.of(zone).getRules();
  }

  boolean contain(Instant due) {
    if (!shows(due)) {
      return false;
    }
    ZoneOffsetTransition change = rules.nextTransition(due.minus(NEAR));
    if (change == null || change.getInstant().isAfter(due.plus(NEAR))) {
      return true;
    }
    @Nullable Instant time = lastBefore(due.minus(NEAR));
    while (time != null && time.isBefore(due)) {
      time = after(time);
    }
    return due.equals(time);
  }

  private boolean shows(Instant instant) {
    return minutes.contains(local(instant))
        && instant.equals(instant.truncatedTo(ChronoUnit.SECONDS))
        && local(instant).getSecond() == 0;
  }

  /** Where the walk to a time begins: the controller's own last start. */
  private Instant lastBefore(Instant instant) {
    LocalDateTime last = minutes.floor(local(instant));
    return last == null ? instant : inGo(last);
  }

  private @Nullable Instant after(Instant instant) {
    Instant time = instant.truncatedTo(ChronoUnit.SECONDS).plusSeconds(1);
    int limit = local(time).getYear() + YEARS;
    boolean isRound = false;
    walk:
    while (local(time).getYear() <= limit) {
      while (!minutes.hasMonth(local(time).getMonthValue())) {
        LocalDateTime from = local(time);
        time = inGo((isRound ? from : startOfDay(from).withDayOfMonth(1)).plusMonths(1));
        isRound = true;
        if (local(time).getMonthValue() == 1) {
          continue walk;
        }
      }
      while (!minutes.hasDay(local(time).toLocalDate())) {
        LocalDateTime from = local(time);
        time = inGo((isRound ? from : startOfDay(from)).plusDays(1));
        isRound = true;
        int hour = local(time).getHour();
        time = time.plus(Duration.ofHours(hour > 12 ? 24 - hour : -hour));
        if (local(time).getDayOfMonth() == 1) {
          continue walk;
        }
      }
      while (!minutes.hasHour(local(time).getHour())) {
        Instant from = isRound ? time : inGo(local(time).truncatedTo(ChronoUnit.HOURS));
        time = from.plus(Duration.ofHours(1));
        isRound = true;
        if (local(time).getHour() == 0) {
          continue walk;
        }
      }
      while (!minutes.hasMinute(local(time).getMinute())) {
        time = (isRound ? time : time.truncatedTo(ChronoUnit.MINUTES)).plusSeconds(60);
        isRound = true;
        if (local(time).getMinute() == 0) {
          continue walk;
        }
      }
      if (local(time).getSecond() == 0) {
        return time;
      }
      time = time.plusSeconds(60 - local(time).getSecond());
      isRound = true;
    }
    return null;
  }

  private static LocalDateTime startOfDay(LocalDateTime time) {
    return time.truncatedTo(ChronoUnit.DAYS);
  }

  private LocalDateTime local(Instant instant) {
    return LocalDateTime.ofInstant(instant, rules.getOffset(instant));
  }

  /** What Go's time.Date makes of a local time, be it one that the clock leaves out. */
  private Instant inGo(LocalDateTime local) {
    Instant asUtc = local.toInstant(ZoneOffset.UTC);
    ZoneOffset guess = rules.getOffset(asUtc);
    Instant utc = local.toInstant(guess);
    return rules.getOffset(utc).equals(guess) || guess.equals(ZoneOffset.UTC)
        ? utc
        : local.toInstant(rules.getOffset(utc));
  }
}
