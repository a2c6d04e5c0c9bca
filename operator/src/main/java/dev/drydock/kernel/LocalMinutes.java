package dev.drydock.kernel;

import com.cronutils.model.Cron;
import com.cronutils.model.field.CronFieldName;
import com.cronutils.model.field.expression.Always;
import com.cronutils.model.field.expression.And;
import com.cronutils.model.field.expression.Between;
import com.cronutils.model.field.expression.Every;
import com.cronutils.model.field.expression.FieldExpression;
import com.cronutils.model.field.expression.On;
import com.cronutils.model.field.expression.QuestionMark;
import com.cronutils.model.field.value.FieldValue;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.YearMonth;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The minutes that five fields name on a calendar and a clock that no zone changes. The library
 * reads the fields; its own search for times goes by a zone's clock, and is right near no change of
 * it.
 */
final class LocalMinutes {
  /** The longest wait is that for a fifth Monday in February, over a year 2100 without a 29th. */
  private static final int MONTHS = 41 * 12;

  private final long minutes;
  private final long hours;
  private final long days;
  private final List<On> specialDays;
  private final long months;
  private final long weekdays;
  private final List<On> specialWeekdays;
  private final boolean eitherDay;

  private LocalMinutes(Cron cron, boolean eitherDay) {
    this.minutes = mask(cron, CronFieldName.MINUTE, 0, 59);
    this.hours = mask(cron, CronFieldName.HOUR, 0, 23);
    this.days = mask(cron, CronFieldName.DAY_OF_MONTH, 1, 31);
    this.specialDays = specials(cron, CronFieldName.DAY_OF_MONTH);
    this.months = mask(cron, CronFieldName.MONTH, 1, 12);
    long week = mask(cron, CronFieldName.DAY_OF_WEEK, 0, 7);
    this.weekdays = (week | week >> 7) & 0x7f;
    this.specialWeekdays = specials(cron, CronFieldName.DAY_OF_WEEK);
    this.eitherDay = eitherDay;
  }

  /**
   * @param eitherDay whether a day counts that only one of the fields for days names
   * @throws IllegalArgumentException if a range ends before it begins
   */
  static LocalMinutes of(Cron cron, boolean eitherDay) {
    return new LocalMinutes(cron, eitherDay);
  }

  boolean namesEveryHour() {
    return hours == (1L << 24) - 1;
  }

  boolean hasMinute(int minute) {
    return has(minutes, minute);
  }

  boolean hasHour(int hour) {
    return has(hours, hour);
  }

  boolean hasMonth(int month) {
    return has(months, month);
  }

  boolean hasDay(LocalDate date) {
    return has(daysOf(YearMonth.from(date)), date.getDayOfMonth());
  }

  boolean contains(LocalDateTime time) {
    return hasMinute(time.getMinute())
        && hasHour(time.getHour())
        && hasMonth(time.getMonthValue())
        && hasDay(time.toLocalDate());
  }

  /** The first of them at or after {@code time}, or null if there is none. */
  @Nullable LocalDateTime ceiling(LocalDateTime time) {
    LocalDateTime from = time.truncatedTo(ChronoUnit.MINUTES);
    if (from.isBefore(time)) {
      from = from.plusMinutes(1);
    }
    LocalDate date = from.toLocalDate();
    if (hasMonth(date.getMonthValue()) && hasDay(date)) {
      LocalTime today = ceiling(from.getHour(), from.getMinute());
      if (today != null) {
        return date.atTime(today);
      }
    }
    LocalDate later = dateFrom(date.plusDays(1));
    LocalTime first = ceiling(0, 0);
    return later == null || first == null ? null : later.atTime(first);
  }

  /** The last of them at or before {@code time}, or null if there is none. */
  @Nullable LocalDateTime floor(LocalDateTime time) {
    LocalDate date = time.toLocalDate();
    if (hasMonth(date.getMonthValue()) && hasDay(date)) {
      LocalTime today = floor(time.getHour(), time.getMinute());
      if (today != null) {
        return date.atTime(today);
      }
    }
    LocalDate earlier = dateTo(date.minusDays(1));
    LocalTime last = floor(23, 59);
    return earlier == null || last == null ? null : earlier.atTime(last);
  }

  private @Nullable LocalTime ceiling(int hour, int minute) {
    int next = hasHour(hour) ? lowest(minutes, minute) : -1;
    if (next >= 0) {
      return LocalTime.of(hour, next);
    }
    int later = lowest(hours, hour + 1);
    return later < 0 ? null : LocalTime.of(later, lowest(minutes, 0));
  }

  private @Nullable LocalTime floor(int hour, int minute) {
    int previous = hasHour(hour) ? highest(minutes, minute) : -1;
    if (previous >= 0) {
      return LocalTime.of(hour, previous);
    }
    int earlier = highest(hours, hour - 1);
    return earlier < 0 ? null : LocalTime.of(earlier, highest(minutes, 59));
  }

  private @Nullable LocalDate dateFrom(LocalDate first) {
    YearMonth month = YearMonth.from(first);
    int from = first.getDayOfMonth();
    for (int i = 0; i < MONTHS; i++) {
      int day = hasMonth(month.getMonthValue()) ? lowest(daysOf(month), from) : -1;
      if (day > 0) {
        return month.atDay(day);
      }
      month = month.plusMonths(1);
      from = 1;
    }
    return null;
  }

  private @Nullable LocalDate dateTo(LocalDate last) {
    YearMonth month = YearMonth.from(last);
    int to = last.getDayOfMonth();
    for (int i = 0; i < MONTHS; i++) {
      int day = hasMonth(month.getMonthValue()) ? highest(daysOf(month), to) : -1;
      if (day > 0) {
        return month.atDay(day);
      }
      month = month.minusMonths(1);
      to = 31;
    }
    return null;
  }

  private long daysOf(YearMonth month) {
    long all = (1L << (month.lengthOfMonth() + 1)) - 2;
    long byDay = days & all;
    for (On special : specialDays) {
      byDay |= 1L << specialDay(special, month);
    }
    if (!eitherDay && weekdays == 0x7f) {
      return byDay;
    }
    int first = month.atDay(1).getDayOfWeek().getValue() % 7;
    long byWeekday = 0;
    for (int day = 1; day <= month.lengthOfMonth(); day++) {
      int weekday = (first + day - 1) % 7;
      if (has(weekdays, weekday) || isSpecial(weekday, day, month)) {
        byWeekday |= 1L << day;
      }
    }
    return eitherDay ? byDay | byWeekday : byDay & byWeekday;
  }

  private static int specialDay(On special, YearMonth month) {
    return switch (special.getSpecialChar().getValue()) {
      case L -> month.lengthOfMonth();
      case LW -> nearestWorkday(month.lengthOfMonth(), month);
      case W -> nearestWorkday(special.getTime().getValue(), month);
      default -> throw new IllegalArgumentException(special.asString());
    };
  }

  /** In the same month, as Quartz has it. */
  private static int nearestWorkday(int day, YearMonth month) {
    DayOfWeek weekday = month.atDay(day).getDayOfWeek();
    return switch (weekday) {
      case SATURDAY -> day == 1 ? 3 : day - 1;
      case SUNDAY -> day == month.lengthOfMonth() ? day - 2 : day + 1;
      default -> day;
    };
  }

  private boolean isSpecial(int weekday, int day, YearMonth month) {
    for (On special : specialWeekdays) {
      if (special.getTime().getValue() % 7 == weekday
          && switch (special.getSpecialChar().getValue()) {
            case L -> day + 7 > month.lengthOfMonth();
            case HASH -> (day + 6) / 7 == special.getNth().getValue();
            default -> throw new IllegalArgumentException(special.asString());
          }) {
        return true;
      }
    }
    return false;
  }

  private static long mask(Cron cron, CronFieldName name, int least, int most) {
    long mask = 0;
    for (FieldExpression part : parts(cron, name)) {
      mask |=
          switch (part) {
            case Always _, QuestionMark _ -> range(least, most, 1, least, most);
            case On on -> isPlain(on) ? 1L << on.getTime().getValue() : 0;
            case Between between -> range(between, 1, least, most);
            case Every every -> {
              int step = every.getPeriod().getValue();
              yield switch (every.getExpression()) {
                case Between between -> range(between, step, least, most);
                case On on -> range(on.getTime().getValue(), most, step, least, most);
                default -> range(least, most, step, least, most);
              };
            }
            default -> throw new IllegalArgumentException(part.asString());
          };
    }
    return mask;
  }

  private static List<On> specials(Cron cron, CronFieldName name) {
    var specials = new ArrayList<On>();
    for (FieldExpression part : parts(cron, name)) {
      if (part instanceof On on && !isPlain(on)) {
        specials.add(on);
      }
    }
    return List.copyOf(specials);
  }

  private static boolean isPlain(On on) {
    return switch (on.getSpecialChar().getValue()) {
      case NONE -> true;
      default -> false;
    };
  }

  private static List<FieldExpression> parts(Cron cron, CronFieldName name) {
    FieldExpression expression = cron.retrieve(name).getExpression();
    return expression instanceof And and ? and.getExpressions() : List.of(expression);
  }

  private static long range(Between between, int step, int least, int most) {
    return range(number(between.getFrom()), number(between.getTo()), step, least, most);
  }

  private static int number(FieldValue<?> value) {
    return Integer.parseInt(value.getValue().toString());
  }

  private static long range(int from, int to, int step, int least, int most) {
    boolean isWeek = least == 0 && most == 7;
    if (to < from && !isWeek) {
      throw new IllegalArgumentException(from + "-" + to + " ends before it begins");
    }
    long mask = 0;
    for (int value = from; value <= (to < from ? to + 7 : to); value += step) {
      mask |= 1L << (value > most ? value - 7 : value);
    }
    return mask;
  }

  private static boolean has(long mask, int value) {
    return (mask >> value & 1) == 1;
  }

  /** The lowest value at or above {@code from}, or -1. */
  private static int lowest(long mask, int from) {
    long rest = mask & -1L << from;
    return from > 63 || rest == 0 ? -1 : Long.numberOfTrailingZeros(rest);
  }

  /** The highest value at or below {@code to}, or -1. */
  private static int highest(long mask, int to) {
    long rest = to < 0 ? 0 : mask & -1L >>> (63 - to);
    return rest == 0 ? -1 : 63 - Long.numberOfLeadingZeros(rest);
  }
}
