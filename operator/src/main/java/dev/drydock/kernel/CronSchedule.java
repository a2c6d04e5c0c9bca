package dev.drydock.kernel;

import com.cronutils.model.definition.CronDefinition;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A schedule of five fields as in crontab(5), with names, macros, and {@code ?}, {@code L}, {@code
 * W} and {@code #n} as Quartz has them.
 */
public final class CronSchedule {
  private static final Map<String, String> MACROS =
      Map.of(
          "@yearly", "0 0 1 1 *",
          "@annually", "0 0 1 1 *",
          "@monthly", "0 0 1 * *",
          "@weekly", "0 0 * * 0",
          "@daily", "0 0 * * *",
          "@midnight", "0 0 * * *",
          "@hourly", "0 * * * *");

  private static final CronDefinition DEFINITION =
      CronDefinitionBuilder.defineCron()
          .withMinutes()
          .withValidRange(0, 59)
          .and()
          .withHours()
          .withValidRange(0, 23)
          .and()
          .withDayOfMonth()
          .withValidRange(1, 31)
          .supportsL()
          .supportsW()
          .supportsLW()
          .supportsQuestionMark()
          .and()
          .withMonth()
          .withValidRange(1, 12)
          .and()
          .withDayOfWeek()
          .withValidRange(0, 7)
          .withMondayDoWValue(1)
          .withIntMapping(7, 0)
          .supportsL()
          .supportsHash()
          .supportsQuestionMark()
          .and()
          .instance();

  private static final Pattern WEEKDAY_NUMBER = Pattern.compile("([A-Z]{3}|[0-7])#([1-5])");
  private static final Pattern NEAR_NO_DAY = Pattern.compile("(29|30|31)W");
  private static final Pattern WEEKDAYS =
      Pattern.compile("([A-Z]{3}|[0-7])(?:-([A-Z]{3}|[0-7]))?(?:/([0-9]+))?");
  private static final List<String> NAMES =
      List.of("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT");

  private final String[] fields;
  private final List<ExecutionTime> times;
  private final ZoneId zone;

  private CronSchedule(String[] fields, List<ExecutionTime> times, ZoneId zone) {
    this.fields = fields;
    this.times = times;
    this.zone = zone;
  }

  /**
   * Reads a schedule.
   *
   * @throws IllegalArgumentException with a sentence for people, if either can't be read
   */
  public static CronSchedule parse(String schedule, String timeZone) {
    ZoneId zone;
    try {
      zone = ZoneId.of(timeZone);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "'" + timeZone + "' is not a time zone: use a name such as Europe/Berlin", e);
    }
    String text = MACROS.getOrDefault(schedule, schedule).toUpperCase(Locale.ROOT);
    if (NEAR_NO_DAY.matcher(text).find()) {
      // The library fails in the first month that has no such day.
      throw new IllegalArgumentException(
          "'" + schedule + "' has a W after a day that some months lack: use LW for the last one");
    }
    try {
      ExecutionTime both = times(text);
      String[] fields = text.split(" +");
      // crontab(5): a day and a weekday that are both restricted mean "or". The library means
      // "and".
      return new CronSchedule(
          fields,
          isAny(fields[2]) || isAny(fields[4])
              ? List.of(both)
              : List.of(times(with(fields, fields[2], "*")), times(with(fields, "*", fields[4]))),
          zone);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'" + schedule + "' is not a cron schedule", e);
    }
  }

  private static ExecutionTime times(String text) {
    return ExecutionTime.forCron(new CronParser(DEFINITION).parse(text));
  }

  private static String with(String[] fields, String day, String weekday) {
    return String.join(" ", fields[0], fields[1], day, fields[3], weekday);
  }

  /** Whether a field restricts nothing, as the CronJob controller's library sees it. */
  private static boolean isAny(String field) {
    return Arrays.stream(field.split(",", -1)).anyMatch(part -> part.matches("[*?](/1)?"));
  }

  /** The first time after {@code instant}, or nothing if there is none in the next years. */
  public Optional<Instant> next(Instant instant) {
    return times.stream()
        .flatMap(time -> time.nextExecution(instant.atZone(zone)).stream())
        .map(ZonedDateTime::toInstant)
        .min(Comparator.naturalOrder());
  }

  /** Whether the minute that {@code instant} lies in is one of the schedule's. */
  public boolean isDue(Instant instant) {
    ZonedDateTime minute = instant.atZone(zone).truncatedTo(ChronoUnit.MINUTES);
    return times.stream().anyMatch(time -> time.isMatch(minute));
  }

  /**
   * The narrowest schedule of a CronJob that fires whenever this one does. It may fire on other
   * days as well: what it starts asks {@link #isDue}.
   */
  public String forCronJob() {
    String day = coveringDays(fields[2]);
    String weekday = fields[4].replace('?', '*');
    if (weekday.matches(".*(#|L(,|/|$)).*")) {
      // Days alone cover it, together with the days that are asked for anyway.
      String days = daysOf(weekday);
      day = isAny(fields[2]) ? days : isAny(day) || days.equals("*") ? "*" : day + "," + days;
      weekday = "*";
    } else if (isAny(day) && !isAny(fields[2])) {
      // The days became all days: with a weekday beside them that would mean "and".
      weekday = "*";
    }
    return with(fields, day, plain(weekday));
  }

  private static String coveringDays(String days) {
    return Arrays.stream(days.replace('?', '*').split(",", -1))
        .map(CronSchedule::coveringDay)
        .collect(Collectors.joining(","));
  }

  private static String coveringDay(String day) {
    if (day.equals("L")) {
      return "28-31";
    }
    if (day.equals("LW")) {
      return "26-31";
    }
    if (day.matches("[0-9]+W")) {
      int near = Integer.parseInt(day.substring(0, day.length() - 1));
      return Math.max(1, near - 2) + "-" + Math.min(31, near + 2);
    }
    return day.matches(".*[LW].*") ? "*" : day;
  }

  /** The days of the month that cover weekdays such as {@code SUN#1} and {@code 5L}. */
  private static String daysOf(String weekdays) {
    var days = new ArrayList<String>();
    for (String weekday : weekdays.split(",", -1)) {
      var nth = WEEKDAY_NUMBER.matcher(weekday);
      if (nth.matches()) {
        int week = Integer.parseInt(nth.group(2));
        days.add((7 * week - 6) + "-" + Math.min(31, 7 * week));
      } else if (weekday.matches("([0-7]|[A-Z]{3})L")) {
        days.add("22-31");
      } else {
        return "*";
      }
    }
    return String.join(",", days);
  }

  /** Without Sunday as 7 and without ranges over the end of the week, which a CronJob refuses. */
  private static String plain(String weekdays) {
    return Arrays.stream(weekdays.split(",", -1))
        .map(CronSchedule::plainWeekdays)
        .collect(Collectors.joining(","));
  }

  private static String plainWeekdays(String part) {
    var matcher = WEEKDAYS.matcher(part);
    if (!matcher.matches()) {
      return part;
    }
    int from = weekday(matcher.group(1));
    boolean open = matcher.group(2) == null && matcher.group(3) != null;
    int to = open ? 7 : matcher.group(2) == null ? from : weekday(matcher.group(2));
    if (to < 7 && from <= to) {
      return part;
    }
    int step = matcher.group(3) == null ? 1 : Integer.parseInt(matcher.group(3));
    int last = to < from ? to + 7 : to;
    return IntStream.iterate(from, day -> day <= last, day -> day + step)
        .mapToObj(day -> String.valueOf(day % 7))
        .distinct()
        .collect(Collectors.joining(","));
  }

  private static int weekday(String text) {
    int name = NAMES.indexOf(text);
    return name >= 0 ? name : Integer.parseInt(text);
  }
}
