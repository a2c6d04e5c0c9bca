package dev.drydock.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Schedules when the clocks change, against one that looks at the clock minute by minute. */
class ClockChangeTest {
  private static final Instant FIRST = Instant.parse("2024-01-01T00:00:00Z");
  private static final Instant LAST = Instant.parse("2029-01-01T00:00:00Z");

  private static final List<String> SCHEDULES =
      List.of(
          "0 0 * * *",
          "30 0 * * *",
          "0 1 * * *",
          "15 1 * * *",
          "45 1 * * *",
          "0 2 * * *",
          "5 2 * * *",
          "30 2 * * *",
          "59 2 * * *",
          "0 3 * * *",
          "30 3 * * *",
          "15 3,4 * * *",
          "45 23 * * *",
          "*/20 2 * * *",
          "*/15 0-3 * * *",
          "* 2 * * *",
          "* * * * *",
          "*/7 * * * *",
          "0 * * * *",
          "35 * * * *",
          "0 */1 * * *",
          "10 0-23 * * *",
          "0 */2 * * *",
          "30 */6 * * *",
          "30 2 ? * SUN#1",
          "0 0 * * 5",
          "15 2 * * SUN",
          "30 0 L * *",
          "10 1 1,15 * 6",
          "20 * 1W * *",
          "30 2 ? 3,10 SUNL");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Europe/Berlin",
        "Europe/London",
        "America/New_York",
        "America/St_Johns",
        "America/Santiago",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
        "Asia/Beirut",
        "Asia/Gaza",
        "Pacific/Chatham",
        "America/Havana"
      })
  void agreesWithTheClockAroundEveryChange(String name) {
    ZoneId zone = ZoneId.of(name);
    int changes = 0;
    ZoneOffsetTransition change = zone.getRules().nextTransition(FIRST);
    while (change != null && change.getInstant().isBefore(LAST)) {
      changes++;
      Instant from = change.getInstant().minus(Duration.ofHours(26));
      Instant to = change.getInstant().plus(Duration.ofHours(26));
      for (String schedule : SCHEDULES) {
        compare(schedule, new CronOracle(schedule), zone, from, to);
      }
      change = zone.getRules().nextTransition(change.getInstant());
    }
    assertThat(changes).isGreaterThanOrEqualTo(10);
  }

  @Test
  void agreesWithTheClockAtTwelveThousandRandomPlaces() {
    var random = new Random(20261124);
    List<String> zones = ZoneId.getAvailableZoneIds().stream().sorted().toList();
    Map<String, CronOracle> oracles = new HashMap<>();
    int tried = 0;
    int due = 0;
    while (tried < 12_000) {
      String text = RandomSchedules.next(random);
      ZoneId zone = ZoneId.of(zones.get(random.nextInt(zones.size())));
      CronSchedule schedule;
      try {
        schedule = CronSchedule.parse(text, zone.getId());
      } catch (IllegalArgumentException e) {
        continue;
      }
      tried++;
      Instant at = FIRST.plus(Duration.ofMinutes(random.nextInt(5 * 365 * 1440)));
      Instant near = tried % 3 == 0 ? at : schedule.next(at).orElse(at);
      if (tried % 3 == 2) {
        ZoneOffsetTransition change = zone.getRules().nextTransition(at);
        near = change == null ? near : change.getInstant();
      }
      Instant from = CronOracle.minute(near).minus(Duration.ofHours(random.nextInt(12)));
      CronOracle oracle = oracles.computeIfAbsent(text, CronOracle::new);
      due += compare(text, oracle, zone, from, from.plus(Duration.ofHours(14)));
    }
    assertThat(due).isGreaterThan(30_000);
  }

  /** How many due instants there are in between. */
  private static int compare(
      String text, CronOracle oracle, ZoneId zone, Instant from, Instant to) {
    CronSchedule schedule = CronSchedule.parse(text, zone.getId());
    List<Instant> expected = oracle.due(zone, from, to);
    var forwards = new ArrayList<Instant>();
    Instant at = from.minusMillis(1);
    while (schedule.next(at).filter(next -> next.isBefore(to)).isPresent()) {
      at = schedule.next(at).orElseThrow();
      forwards.add(at);
    }
    assertThat(forwards).as("%s in %s from %s", text, zone, from).isEqualTo(expected);
    var backwards = new ArrayList<Instant>();
    at = to.minusMillis(1);
    while (schedule.previous(at).filter(last -> !last.isBefore(from)).isPresent()) {
      at = schedule.previous(at).orElseThrow();
      backwards.add(at);
      at = at.minusNanos(1);
    }
    Collections.reverse(backwards);
    assertThat(backwards).as("%s in %s back to %s", text, zone, from).isEqualTo(expected);
    for (Instant due : expected) {
      assertThat(schedule.isDue(due)).as("%s in %s at %s", text, zone, due).isTrue();
      assertThat(schedule.isDue(due.plusMillis(59_999))).isTrue();
      Instant before = due.minusSeconds(60);
      if (!before.isBefore(from)) {
        assertThat(schedule.isDue(before)).isEqualTo(expected.contains(before));
      }
    }
    return expected.size();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // Spring: 02:30 does not exist on March 29, and is made up for at 03:00.
        "30 2 * * *     | Europe/Berlin       | 2026-03-28T12:00:00Z | 2026-03-29T01:00:00Z",
        "30 2 * * *     | Europe/Berlin       | 2026-03-29T01:00:00Z | 2026-03-30T00:30:00Z",
        // All that were left out, once.
        "*/15 2 * * *   | Europe/Berlin       | 2026-03-28T12:00:00Z | 2026-03-29T01:00:00Z",
        "*/15 2 * * *   | Europe/Berlin       | 2026-03-29T01:00:00Z | 2026-03-30T00:00:00Z",
        // With what is due just then anyway.
        "0 2,3 * * *    | Europe/Berlin       | 2026-03-29T00:59:00Z | 2026-03-29T01:00:00Z",
        "0 2,3 * * *    | Europe/Berlin       | 2026-03-29T01:00:00Z | 2026-03-30T00:00:00Z",
        // Autumn: 02:30 comes twice, and counts once.
        "30 2 * * *     | Europe/Berlin       | 2026-10-24T12:00:00Z | 2026-10-25T00:30:00Z",
        "30 2 * * *     | Europe/Berlin       | 2026-10-25T00:30:00Z | 2026-10-26T01:30:00Z",
        // Each real hour.
        "30 * * * *     | Europe/Berlin       | 2026-10-25T00:30:00Z | 2026-10-25T01:30:00Z",
        "30 * * * *     | Europe/Berlin       | 2026-03-29T00:30:00Z | 2026-03-29T01:30:00Z",
        // A step names hours of the day: none is lost, none comes twice.
        "0 */2 * * *    | Europe/Berlin       | 2026-03-29T00:30:00Z | 2026-03-29T01:00:00Z",
        "0 */2 * * *    | Europe/Berlin       | 2026-10-25T00:00:00Z | 2026-10-25T03:00:00Z",
        // Half an hour, and a day without a midnight.
        "10 2 * * *     | Australia/Lord_Howe | 2026-10-03T12:00:00Z | 2026-10-03T15:30:00Z",
        "0 0 * * *      | Asia/Beirut         | 2026-03-28T12:00:00Z | 2026-03-28T22:00:00Z",
        "0 0 * * SUN#5  | Asia/Beirut         | 2026-03-28T12:00:00Z | 2026-03-28T22:00:00Z",
        // A day that did not exist at all.
        "0 12 30 * *    | Pacific/Apia        | 2011-12-01T00:00:00Z | 2011-12-30T10:00:00Z"
      })
  void makesUpForWhatTheClocksLeaveOut(
      String schedule, String zone, Instant after, Instant expected) {
    CronSchedule cron = CronSchedule.parse(schedule, zone);
    assertThat(cron.next(after)).hasValue(expected);
    assertThat(cron.previous(expected)).hasValue(expected);
    assertThat(cron.isDue(expected)).isTrue();
  }

  /** What robfig/cron 3.0.1 does, found by running it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "30 2 * * *  | Europe/Berlin       | 2026-03-28T01:30:00Z | true",
        "30 2 * * *  | Europe/Berlin       | 2026-03-29T01:00:00Z | false",
        "30 2 * * *  | Europe/Berlin       | 2026-03-30T00:30:00Z | true",
        "30 2 * * *  | Europe/Berlin       | 2026-10-25T00:30:00Z | true",
        "0 2,3 * * * | Europe/Berlin       | 2026-03-29T01:00:00Z | true",
        "0 2 ? * SUN#1 | Etc/UTC           | 2027-01-03T02:00:00Z | true",
        "0 0 * * *   | Asia/Beirut         | 2026-03-28T22:00:00Z | false",
        "10 3 * * *  | Australia/Lord_Howe | 2026-10-03T16:10:00Z | false",
        "40 3 * * *  | Australia/Lord_Howe | 2026-10-03T16:40:00Z | true",
        "0 2 * * *   | Europe/Berlin       | 2026-03-27T01:00:30Z | false"
      })
  void knowsWhatTheCronJobControllerStarts(
      String schedule, String zone, Instant due, boolean covered) {
    assertThat(new ControllerTimes(schedule, zone).contain(due)).isEqualTo(covered);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Europe/Berlin", "America/Santiago", "Australia/Lord_Howe"})
  void theCronJobControllerStartsWhatIsFarFromAChange(String name) {
    var rules = ZoneId.of(name).getRules();
    for (String text : SCHEDULES) {
      CronSchedule schedule = CronSchedule.parse(text, name);
      var controller = new ControllerTimes(text, name);
      Instant at = FIRST;
      for (int i = 0; i < 400; i++) {
        at = schedule.next(at).orElseThrow();
        ZoneOffsetTransition change = rules.nextTransition(at.minus(Duration.ofHours(25)));
        if (change != null && change.getInstant().isAfter(at)) {
          assertThat(controller.contain(at)).as("%s at %s", text, at).isTrue();
        }
      }
    }
  }
}
