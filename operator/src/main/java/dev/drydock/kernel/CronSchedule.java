package dev.drydock.kernel;

import com.cronutils.model.Cron;
import com.cronutils.model.definition.CronDefinition;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.parser.CronParser;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A schedule of five fields as in crontab(5), with names, macros, and {@code ?}, {@code L}, {@code
 * W} and {@code #n} as Quartz has them.
 *
 * <p>What happens when the clocks change, as cron(8) has it, so that nothing is left out and
 * nothing comes twice:
 *
 * <ul>
 *   <li>A schedule that names some hours means times of day. Each is due once, at the first instant
 *       at which the local clock shows it or a later time: in a doubled hour at the first of the
 *       two; where the clock leaves it out, at the instant after the gap, once for all that were
 *       left out. That holds for steps such as {@code *}{@code /6}, too: they name hours of the
 *       day.
 *   <li>A schedule that names every hour runs by real time: it is due whenever the local clock
 *       shows one of its minutes, so in a doubled hour twice, and nothing is made up for an hour
 *       that does not exist.
 * </ul>
 *
 * <p>{@link #next}, {@link #previous} and {@link #isDue} tell of the same instants.
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

  private static final Duration MINUTE = Duration.ofMinutes(1);

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

  private static final CronParser PARSER = new CronParser(DEFINITION);
  private static final Pattern WEEKDAY_NUMBER = Pattern.compile("([A-Z]{3}|[0-7])#([1-5])");
  private static final Pattern NEAR_NO_DAY = Pattern.compile("(29|30|31)W");
  private static final Pattern WEEKDAYS =
      Pattern.compile("([A-Z]{3}|[0-7])(?:-([A-Z]{3}|[0-7]))?(?:/([0-9]+))?");
  private static final List<String> NAMES =
      List.of("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT");

  private final String[] fields;
  private final LocalMinutes minutes;
  private final ZoneRules rules;

  private CronSchedule(String[] fields, LocalMinutes minutes, ZoneRules rules) {
    this.fields = fields;
    this.minutes = minutes;
    this.rules = rules;
  }

  /**
   * Reads a schedule.
   *
   * @throws IllegalArgumentException with a sentence for people, if either can't be read
   */
  public static CronSchedule parse(String schedule, String timeZone) {
    ZoneRules rules;
    try {
      rules = ZoneId.of(timeZone).getRules();
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "'" + timeZone + "' is not a time zone: use a name such as Europe/Berlin", e);
    }
    String text = MACROS.getOrDefault(schedule, schedule).toUpperCase(Locale.ROOT);
    if (NEAR_NO_DAY.matcher(text).find()) {
      throw new IllegalArgumentException(
          "'" + schedule + "' has a W after a day that some months lack: use LW for the last one");
    }
    try {
      String[] fields = text.split(" +");
      return new CronSchedule(fields, minutes(fields), rules);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'" + schedule + "' is not a cron schedule", e);
    }
  }

  static LocalMinutes minutes(String[] fields) {
    String[] numbered = fields.clone();
    if (numbered.length == 5) {
      numbered[4] = numbers(numbered[4]);
    }
    Cron cron = PARSER.parse(String.join(" ", numbered));
    // crontab(5): a day and a weekday that are both restricted mean "or".
    return LocalMinutes.of(cron, !isAny(fields[2]) && !isAny(fields[4]));
  }

  /** The library takes SUN for 7, and then SUN-TUE for a range upwards. */
  private static String numbers(String weekdays) {
    String numbers = weekdays;
    for (int i = 0; i < NAMES.size(); i++) {
      numbers = numbers.replace(NAMES.get(i), String.valueOf(i));
    }
    return numbers;
  }

  private static String with(String[] fields, String day, String weekday) {
    return String.join(" ", fields[0], fields[1], day, fields[3], weekday);
  }

  /** Whether a field restricts nothing, as the CronJob controller's library sees it. */
  private static boolean isAny(String field) {
    return Arrays.stream(field.split(",", -1)).anyMatch(part -> part.matches("[*?](/1)?"));
  }

  /** The first due instant after {@code instant}, or nothing if there is none in 40 years. */
  public Optional<Instant> next(Instant instant) {
    LocalDateTime shown = local(instant);
    if (minutes.namesEveryHour()) {
      return Optional.ofNullable(nextShown(instant, shown));
    }
    LocalDateTime end = endOfDoubled(instant);
    LocalDateTime due = minutes.ceiling(end == null ? shown.plusNanos(1) : end);
    return Optional.ofNullable(due).map(this::firstShown);
  }

  /** The last due instant at or before {@code instant}, or nothing if there is none in 40 years. */
  public Optional<Instant> previous(Instant instant) {
    LocalDateTime shown = local(instant);
    if (minutes.namesEveryHour()) {
      return Optional.ofNullable(previousShown(instant, shown));
    }
    LocalDateTime end = endOfDoubled(instant);
    LocalDateTime due = minutes.floor(end == null ? shown : end.minusNanos(1));
    return Optional.ofNullable(due).map(this::firstShown);
  }

  /** Whether {@code instant} is a due one, or less than a minute after it. */
  public boolean isDue(Instant instant) {
    return previous(instant).filter(due -> due.plus(MINUTE).isAfter(instant)).isPresent();
  }

  private LocalDateTime local(Instant instant) {
    return LocalDateTime.ofInstant(instant, rules.getOffset(instant));
  }

  /** The instant at which the local clock shows a time, or a later one, for the first time. */
  private Instant firstShown(LocalDateTime time) {
    ZoneOffsetTransition change = rules.getTransition(time);
    if (change == null) {
      return time.toInstant(rules.getOffset(time));
    }
    return change.isGap() ? change.getInstant() : time.toInstant(change.getOffsetBefore());
  }

  /** If the clock shows a time for the second time: when it will show new ones. */
  private @Nullable LocalDateTime endOfDoubled(Instant instant) {
    ZoneOffsetTransition change = changeAtOrBefore(instant);
    return change != null
            && change.isOverlap()
            && local(instant).isBefore(change.getDateTimeBefore())
        ? change.getDateTimeBefore()
        : null;
  }

  private @Nullable ZoneOffsetTransition changeAtOrBefore(Instant instant) {
    return rules.previousTransition(instant.plusNanos(1));
  }

  private @Nullable Instant nextShown(Instant instant, LocalDateTime shown) {
    Instant from = instant;
    LocalDateTime due = minutes.ceiling(shown.plusNanos(1));
    while (due != null) {
      Instant time = due.toInstant(rules.getOffset(from));
      ZoneOffsetTransition change = rules.nextTransition(from);
      if (change == null || time.isBefore(change.getInstant())) {
        return time;
      }
      from = change.getInstant();
      due = minutes.ceiling(change.getDateTimeAfter());
    }
    return null;
  }

  private @Nullable Instant previousShown(Instant instant, LocalDateTime shown) {
    Instant from = instant;
    LocalDateTime due = minutes.floor(shown);
    while (due != null) {
      Instant time = due.toInstant(rules.getOffset(from));
      ZoneOffsetTransition change = changeAtOrBefore(from);
      if (change == null || !time.isBefore(change.getInstant())) {
        return time;
      }
      from = change.getInstant().minusNanos(1);
      due = minutes.floor(change.getDateTimeBefore().minusNanos(1));
    }
    return null;
  }

  /**
   * The narrowest schedule of a CronJob that fires whenever this one does, but for times near a
   * change of the clocks: then nobody does but the operator, which compares the due slots with the
   * Jobs that exist, and makes the one that is missing, of the name that the controller would have
   * given it. It may fire on other days as well, and twice in a doubled hour: what it starts asks
   * {@link #isDue}.
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
