package dev.drydock.kernel;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * When a schedule is due, found by looking at a clock minute by minute: no search, no library, and
 * no list of a zone's changes.
 */
public final class CronOracle {
  private static final List<String> WEEKDAYS =
      List.of("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT");
  private static final List<String> MONTHS =
      List.of(
          "-", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC");

  /** The longest that a clock ever jumped is a day. */
  private static final int WARM_UP = 25 * 60;

  private final boolean[] minutes = new boolean[60];
  private final boolean[] hours = new boolean[24];
  private final String[] fields;
  private final boolean everyHour;
  private final Map<LocalDate, Boolean> days = new HashMap<>();

  public CronOracle(String schedule) {
    fields = schedule.toUpperCase(Locale.ROOT).split(" ", -1);
    for (int i = 0; i < 60; i++) {
      minutes[i] = matches(fields[0], i, 0, 59, List.of());
    }
    for (int i = 0; i < 24; i++) {
      hours[i] = matches(fields[1], i, 0, 23, List.of());
    }
    boolean every = true;
    for (boolean hour : hours) {
      every &= hour;
    }
    everyHour = every;
  }

  /** Every due instant from {@code from} on and before {@code to}; both are whole minutes. */
  public List<Instant> due(ZoneId zone, Instant from, Instant to) {
    var due = new ArrayList<Instant>();
    long start = from.getEpochSecond();
    long shownUntil = Long.MIN_VALUE;
    for (long at = start - 60L * WARM_UP; at < to.getEpochSecond(); at += 60) {
      long shown = at + zone.getRules().getOffset(Instant.ofEpochSecond(at)).getTotalSeconds();
      boolean isDue = false;
      if (everyHour) {
        isDue = names(shown);
      } else if (shown > shownUntil) {
        long first = shownUntil == Long.MIN_VALUE ? shown : shownUntil + 60;
        for (long time = first; time <= shown && !isDue; time += 60) {
          isDue = names(time);
        }
      }
      shownUntil = Math.max(shownUntil, shown);
      if (isDue && at >= start) {
        due.add(Instant.ofEpochSecond(at));
      }
    }
    return due;
  }

  private boolean names(long local) {
    int minute = (int) Math.floorMod(local / 60, 60L);
    int hour = (int) Math.floorMod(local / 3600, 24L);
    return minutes[minute]
        && hours[hour]
        && days.computeIfAbsent(
            LocalDateTime.ofEpochSecond(local, 0, ZoneOffset.UTC).toLocalDate(), this::namesDay);
  }

  private boolean namesDay(LocalDate date) {
    boolean month = matches(fields[3], date.getMonthValue(), 1, 12, MONTHS);
    boolean day = Arrays.stream(fields[2].split(",", -1)).anyMatch(part -> isDay(part, date));
    boolean weekday =
        Arrays.stream(fields[4].split(",", -1)).anyMatch(part -> isWeekday(part, date));
    boolean either = !isStar(fields[2]) && !isStar(fields[4]);
    return month && (either ? day || weekday : day && weekday);
  }

  private static boolean isStar(String field) {
    return Arrays.stream(field.split(",", -1))
        .anyMatch(part -> List.of("*", "?", "*/1", "?/1").contains(part));
  }

  private static boolean isDay(String part, LocalDate date) {
    LocalDate last = date.withDayOfMonth(date.lengthOfMonth());
    if (part.equals("L")) {
      return date.equals(last);
    }
    if (part.equals("LW")) {
      LocalDate workday = last;
      while (workday.getDayOfWeek().getValue() > 5) {
        workday = workday.minusDays(1);
      }
      return date.equals(workday);
    }
    if (part.endsWith("W")) {
      LocalDate near = date.withDayOfMonth(Integer.parseInt(part.substring(0, part.length() - 1)));
      for (int offset : new int[] {0, -1, 1, -2, 2}) {
        LocalDate candidate = near.plusDays(offset);
        if (candidate.getMonth() == date.getMonth() && candidate.getDayOfWeek().getValue() <= 5) {
          return date.equals(candidate);
        }
      }
      return false;
    }
    return matchesOne(part, date.getDayOfMonth(), 1, 31, List.of());
  }

  private static boolean isWeekday(String part, LocalDate date) {
    int weekday = date.getDayOfWeek().getValue() % 7;
    if (part.contains("#")) {
      String[] nth = part.split("#", -1);
      return number(nth[0], WEEKDAYS) % 7 == weekday
          && date.minusWeeks(Integer.parseInt(nth[1])).getMonth() != date.getMonth()
          && (nth[1].equals("1")
              || date.minusWeeks(Integer.parseInt(nth[1]) - 1L).getMonth() == date.getMonth());
    }
    if (part.endsWith("L")) {
      return number(part.substring(0, part.length() - 1), WEEKDAYS) % 7 == weekday
          && date.plusWeeks(1).getMonth() != date.getMonth();
    }
    String range = part.split("/", -1)[0];
    if (range.contains("-")) {
      int from = number(range.split("-", -1)[0], WEEKDAYS);
      int to = number(range.split("-", -1)[1], WEEKDAYS);
      if (to < from) {
        int step = part.contains("/") ? Integer.parseInt(part.split("/", -1)[1]) : 1;
        for (int day = from; day <= to + 7; day += step) {
          if (day % 7 == weekday) {
            return true;
          }
        }
        return false;
      }
    }
    return matchesOne(part, weekday, 0, 7, WEEKDAYS)
        || (weekday == 0 && matchesOne(part, 7, 0, 7, WEEKDAYS));
  }

  private static boolean matches(String field, int value, int least, int most, List<String> names) {
    return Arrays.stream(field.split(",", -1))
        .anyMatch(part -> matchesOne(part, value, least, most, names));
  }

  private static boolean matchesOne(
      String part, int value, int least, int most, List<String> names) {
    String[] stepped = part.split("/", -1);
    int step = stepped.length == 1 ? 1 : Integer.parseInt(stepped[1]);
    int from = least;
    int to = most;
    if (!stepped[0].equals("*") && !stepped[0].equals("?")) {
      String[] ends = stepped[0].split("-", -1);
      from = number(ends[0], names);
      to = ends.length == 2 ? number(ends[1], names) : stepped.length == 2 ? most : from;
    }
    return from <= value && value <= to && (value - from) % step == 0;
  }

  private static int number(String text, List<String> names) {
    int name = names.indexOf(text);
    return name >= 0 ? name : Integer.parseInt(text);
  }

  /** A whole minute. */
  public static Instant minute(Instant instant) {
    return instant.truncatedTo(ChronoUnit.MINUTES);
  }
}
