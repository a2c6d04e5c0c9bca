package dev.drydock.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drydock.api.v1alpha1.common.Formats;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CronScheduleTest {
  private static final Instant FIRST = Instant.parse("2026-01-01T00:00:00Z");
  private static final int DAYS = 3 * 365;

  /** 2026-11-23 is a Monday. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "*/15 * * * *     | 2026-11-23T12:01:00Z | 2026-11-23T12:15:00Z",
        "0 2 * * SUN#1    | 2026-11-23T12:00:00Z | 2026-12-06T02:00:00Z",
        "0 2 * * 0#1      | 2026-12-06T02:00:00Z | 2027-01-03T02:00:00Z",
        "0 2 * * 7#1      | 2026-12-06T02:00:00Z | 2027-01-03T02:00:00Z",
        "0 0 * 1,4,7,10 MON#1 | 2026-11-23T12:00:00Z | 2027-01-04T00:00:00Z",
        "0 0 L * *        | 2026-11-23T12:00:00Z | 2026-11-30T00:00:00Z",
        "0 0 L 2 *        | 2027-03-01T00:00:00Z | 2028-02-29T00:00:00Z",
        "0 0 LW * *       | 2027-01-01T00:00:00Z | 2027-01-29T00:00:00Z",
        "0 0 LW * *       | 2027-01-30T00:00:00Z | 2027-02-26T00:00:00Z",
        "0 0 15W * *      | 2026-11-01T00:00:00Z | 2026-11-16T00:00:00Z",
        "0 0 15W * *      | 2026-08-01T00:00:00Z | 2026-08-14T00:00:00Z",
        "0 0 1W * *       | 2026-07-31T12:00:00Z | 2026-08-03T00:00:00Z",
        "0 0 * * 5L       | 2026-11-23T12:00:00Z | 2026-11-27T00:00:00Z",
        "0 0 * * FRIL     | 2026-11-27T00:00:00Z | 2026-12-25T00:00:00Z",
        "30 22 * JAN-MAR FRI | 2026-11-23T12:00:00Z | 2027-01-01T22:30:00Z",
        "0 0 * * 7        | 2026-11-23T12:00:00Z | 2026-11-29T00:00:00Z",
        "0 0 * * 5-7      | 2026-11-28T12:00:00Z | 2026-11-29T00:00:00Z",
        "0 2 1-7 * SUN    | 2026-11-24T12:00:00Z | 2026-11-29T02:00:00Z",
        "0 0 ? * WED      | 2026-11-23T12:00:00Z | 2026-11-25T00:00:00Z",
        "@hourly          | 2026-11-23T12:00:00Z | 2026-11-23T13:00:00Z",
        "@daily           | 2026-11-23T12:00:00Z | 2026-11-24T00:00:00Z",
        "@midnight        | 2026-11-23T12:00:00Z | 2026-11-24T00:00:00Z",
        "@weekly          | 2026-11-23T12:00:00Z | 2026-11-29T00:00:00Z",
        "@monthly         | 2026-11-23T12:00:00Z | 2026-12-01T00:00:00Z",
        "@yearly          | 2026-11-23T12:00:00Z | 2027-01-01T00:00:00Z",
        "@annually        | 2026-11-23T12:00:00Z | 2027-01-01T00:00:00Z"
      })
  void findsTheNextTime(String schedule, Instant after, Instant expected) {
    CronSchedule cron = CronSchedule.parse(schedule, "Etc/UTC");
    assertThat(cron.next(after)).hasValue(expected);
    assertThat(cron.isDue(expected)).isTrue();
    assertThat(cron.isDue(expected.plusSeconds(59))).isTrue();
    assertThat(cron.isDue(expected.plusSeconds(60))).isEqualTo(schedule.startsWith("* "));
  }

  @Test
  void keepsTheTimeOfDayWhenTheClocksChange() {
    CronSchedule cron = CronSchedule.parse("0 9 * * *", "Europe/Berlin");
    assertThat(cron.next(Instant.parse("2026-03-28T08:00:00Z")))
        .hasValue(Instant.parse("2026-03-29T07:00:00Z"));
    assertThat(cron.next(Instant.parse("2026-10-24T07:00:00Z")))
        .hasValue(Instant.parse("2026-10-25T08:00:00Z"));
  }

  @Test
  void knowsThatADayNeverComes() {
    assertThat(CronSchedule.parse("0 0 31 2 *", "Etc/UTC").next(FIRST)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "* * * *",
        "* * * * * *",
        "60 * * * *",
        "0 24 * * *",
        "0 0 0 * *",
        "@often",
        "0 0 * 13 *",
        "0 0 * * 8",
        "{{7*7}} * * * *"
      })
  void refusesWhatIsNoScheduleInASentence(String schedule) {
    assertThatThrownBy(() -> CronSchedule.parse(schedule, "Etc/UTC"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'" + schedule + "' is not a cron schedule");
  }

  @Test
  void refusesADayNearOneThatSomeMonthsLack() {
    assertThatThrownBy(() -> CronSchedule.parse("0 0 31W * *", "Etc/UTC"))
        .hasMessageContaining("use LW");
  }

  @Test
  void refusesAnUnknownZoneInASentence() {
    assertThatThrownBy(() -> CronSchedule.parse("@daily", "Europe/Atlantis"))
        .hasMessage("'Europe/Atlantis' is not a time zone: use a name such as Europe/Berlin");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 2 * * SUN#1 | 0 2 1-7 * *",
        "0 2 * * MON#5 | 0 2 29-31 * *",
        "0 2 * * 5L    | 0 2 22-31 * *",
        "0 2 L * *     | 0 2 28-31 * *",
        "0 2 LW * *    | 0 2 26-31 * *",
        "0 2 15W * *   | 0 2 13-17 * *",
        "0 2 1W * *    | 0 2 1-3 * *",
        "0 2 15 * SUN#1| 0 2 15,1-7 * *",
        "0 2 * * MON#2,5L | 0 2 8-14,22-31 * *",
        "0 2 * * MON,5L | 0 2 * * *",
        "0 2 L,15 * MON | 0 2 28-31,15 * MON",
        "0 2 * * 5-7 | 0 2 * * 5,6,0",
        "0 2 * * 1-7/2 | 0 2 * * 1,3,5,0",
        "0 2 * * 0-7 | 0 2 * * 0,1,2,3,4,5,6",
        "@weekly       | 0 0 * * 0",
        "0 2 ? * 7     | 0 2 * * 0",
        "0 2 * * 1-5   | 0 2 * * 1-5"
      })
  void coversWithTheNarrowestFiveFields(String schedule, String expected) {
    assertThat(CronSchedule.parse(schedule, "Etc/UTC").forCronJob()).isEqualTo(expected);
  }

  @Test
  void aCronJobFiresWheneverTheScheduleIsDue() {
    var random = new Random(20261123);
    Pattern admitted = Pattern.compile(Formats.CRON);
    int read = 0;
    int due = 0;
    for (int i = 0; i < 700; i++) {
      String text = RandomSchedules.next(random);
      assertThat(text).matches(admitted);
      String zone = random.nextBoolean() ? "Etc/UTC" : "Europe/Berlin";
      CronSchedule schedule;
      try {
        schedule = CronSchedule.parse(text, zone);
      } catch (IllegalArgumentException e) {
        // The policy says so in its status.
        continue;
      }
      read++;
      String plain = schedule.forCronJob();
      assertThat(isPlain(plain)).as("%s becomes %s", text, plain).isTrue();
      CronSchedule cover = CronSchedule.parse(plain, zone);
      for (int j = 0; j < 6; j++) {
        Instant from = FIRST.plus(random.nextInt(DAYS * 1440), ChronoUnit.MINUTES);
        Instant minute = j % 2 == 0 ? schedule.next(from).orElse(from) : from;
        if (schedule.isDue(minute)) {
          due++;
          assertThat(cover.isDue(minute))
              .as("%s is due at %s %s, and %s is not", text, minute, zone, plain)
              .isTrue();
        }
      }
    }
    assertThat(read).isGreaterThan(500);
    assertThat(due).isGreaterThan(1000);
  }

  /** What robfig/cron, which the CronJob controller uses, takes: no step of 0, no range upwards. */
  private static boolean isPlain(String schedule) {
    String[] fields = schedule.split(" ", -1);
    int[] least = {0, 0, 1, 1, 0};
    int[] most = {59, 23, 31, 12, 6};
    var part = Pattern.compile("(\\*|[0-9A-Z]+)(?:-([0-9A-Z]+))?(?:/([1-9][0-9]*))?");
    for (int i = 0; i < 5; i++) {
      for (String text : fields[i].split(",", -1)) {
        var matcher = part.matcher(text);
        if (!matcher.matches()) {
          return false;
        }
        if (!matcher.group(1).equals("*")) {
          int from = number(matcher.group(1));
          int to = matcher.group(2) == null ? from : number(matcher.group(2));
          if (from < least[i] || to > most[i] || from > to) {
            return false;
          }
        }
      }
    }
    return fields.length == 5;
  }

  private static int number(String text) {
    int name = List.of("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT").indexOf(text);
    return name >= 0 ? name : Integer.parseInt(text);
  }
}
