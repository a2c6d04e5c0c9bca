package dev.drydock.kernel;

import com.cronutils.model.Cron;
import com.cronutils.model.definition.CronDefinition;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

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

  private static final Pattern DAY_NUMBER = Pattern.compile("([A-Z]{3}|[0-7])#([1-5])");

  private final String[] fields;
  private final ExecutionTime times;
  private final ZoneId zone;

  private CronSchedule(String[] fields, ExecutionTime times, ZoneId zone) {
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
    try {
      Cron cron = new CronParser(DEFINITION).parse(text);
      return new CronSchedule(text.split(" +"), ExecutionTime.forCron(cron), zone);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'" + schedule + "' is not a cron schedule", e);
    }
  }

  /** The first time after {@code instant}, or nothing if there is none in the next years. */
  public Optional<Instant> next(Instant instant) {
    return times.nextExecution(instant.atZone(zone)).map(ZonedDateTime::toInstant);
  }

  /** Whether the minute that {@code instant} lies in is one of the schedule's. */
  public boolean isDue(Instant instant) {
    return times.isMatch(instant.atZone(zone).truncatedTo(ChronoUnit.MINUTES));
  }

  /** Whether a CronJob, which knows five plain fields alone, fires at these times and no others. */
  public boolean isPlain() {
    return forCronJob()
        .equals(String.join(" ", fields).replace('?', '*').replaceAll("7(?=[^ ]*$)", "0"));
  }

  /**
   * The narrowest schedule of a CronJob that fires whenever this one does. It may fire on other
   * days as well: what it starts asks {@link #isDue}.
   */
  public String forCronJob() {
    String day = coveringDays(fields[2]);
    String weekday = fields[4].equals("?") ? "*" : fields[4];
    if (weekday.contains("#") || weekday.matches("([0-7]|[A-Z]{3})?L")) {
      // To a CronJob a day and a weekday together mean "or": days alone cover it.
      day = day.equals("*") ? daysOf(weekday) : "*";
      weekday = "*";
    }
    return String.join(" ", fields[0], fields[1], day, fields[3], weekday.replace('7', '0'));
  }

  private static String coveringDays(String day) {
    if (day.equals("?")) {
      return "*";
    }
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

  private static String daysOf(String weekday) {
    var nth = DAY_NUMBER.matcher(weekday);
    if (nth.matches()) {
      int week = Integer.parseInt(nth.group(2));
      return (7 * week - 6) + "-" + Math.min(31, 7 * week);
    }
    return weekday.matches("([0-7]|[A-Z]{3})L") ? "22-31" : "*";
  }
}
