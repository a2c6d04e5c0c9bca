package dev.drydock.bench;

import dev.drydock.kernel.CronOracle;
import dev.drydock.kernel.CronSchedule;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.List;

/**
 * Compares schedules with a clock that is read minute by minute (R8): every zone of the JDK, around
 * every change of its clocks from 2000 to 2037, and once a year elsewhere. Prints each difference,
 * and the sum. Arguments: how many zones, spread over all; or {@code all}.
 */
final class CalendarBenchmark {
  private static final Instant FIRST = Instant.parse("2000-01-01T00:00:00Z");
  private static final Instant LAST = Instant.parse("2038-01-01T00:00:00Z");
  private static final int YEARS = 38;
  private static final Duration AROUND = Duration.ofHours(26);

  private static final List<String> SCHEDULES =
      List.of(
          "0 0 * * *",
          "30 0 * * *",
          "15 0 * * SUN",
          "0 1 * * *",
          "15 1 * * *",
          "30 1 * * *",
          "45 1 * * *",
          "0 2 * * *",
          "5 2 * * *",
          "30 2 * * *",
          "59 2 * * *",
          "0 3 * * *",
          "30 3 * * *",
          "15 3,4 * * *",
          "0 4 * * *",
          "0 12 * * *",
          "0 22 * * FRI",
          "30 22 * * *",
          "45 23 * * *",
          "59 23 * * *",
          "*/20 2 * * *",
          "*/15 0-3 * * *",
          "* 1 * * *",
          "* 2 * * *",
          "* * * * *",
          "*/7 * * * *",
          "0 * * * *",
          "35 * * * *",
          "0 */2 * * *",
          "30 */6 * * *",
          "0 */12 * * *",
          "30 2 ? * SUN#1",
          "0 0 ? * SUNL",
          "30 0 L * *",
          "0 3 LW * *",
          "10 1 1,15 * 6",
          "20 * 1W * *",
          "0 2 1-7 * 0",
          "30 2 ? 3,4,9,10,11 SUN",
          "@weekly");

  private CalendarBenchmark() {}

  public static void main(String... arguments) {
    List<String> names = ZoneId.getAvailableZoneIds().stream().sorted().toList();
    int step =
        arguments[0].equals("all") ? 1 : Math.ceilDiv(names.size(), Integer.parseInt(arguments[0]));
    List<CronOracle> oracles =
        SCHEDULES.stream()
            .map(schedule -> new CronOracle(schedule.equals("@weekly") ? "0 0 * * 0" : schedule))
            .toList();
    long start = System.nanoTime();
    long compared = 0;
    long differences = 0;
    long changes = 0;
    int zones = 0;
    for (int i = 0; i < names.size(); i += step) {
      ZoneId zone = ZoneId.of(names.get(i));
      zones++;
      List<Instant> places = places(zone);
      changes += places.size() - YEARS;
      for (Instant place : places) {
        Instant from = CronOracle.minute(place).minus(AROUND);
        Instant to = CronOracle.minute(place).plus(AROUND);
        for (int j = 0; j < SCHEDULES.size(); j++) {
          CronSchedule schedule = CronSchedule.parse(SCHEDULES.get(j), zone.getId());
          List<Instant> expected = oracles.get(j).due(zone, from, to);
          compared += expected.size();
          if (!forwards(schedule, from, to).equals(expected)
              || !backwards(schedule, from, to).equals(expected)) {
            differences++;
            System.out.println(SCHEDULES.get(j) + " in " + zone + " around " + place);
          }
        }
      }
    }
    System.out.printf(
        "{\"what\": \"calendar\", \"zones\": %d, \"years\": %d, \"schedules\": %d,"
            + " \"changes\": %d, \"runs\": %d, \"differences\": %d, \"seconds\": %d}%n",
        zones,
        YEARS,
        SCHEDULES.size(),
        changes,
        compared,
        differences,
        Duration.ofNanos(System.nanoTime() - start).toSeconds());
    System.exit(differences == 0 ? 0 : 1);
  }

  private static List<Instant> places(ZoneId zone) {
    var places = new ArrayList<Instant>();
    for (int year = 0; year < YEARS; year++) {
      places.add(FIRST.plus(Duration.ofDays(365L * year + 17L * year % 365)));
    }
    ZoneOffsetTransition change = zone.getRules().nextTransition(FIRST);
    while (change != null && change.getInstant().isBefore(LAST)) {
      places.add(change.getInstant());
      change = zone.getRules().nextTransition(change.getInstant());
    }
    return places;
  }

  private static List<Instant> forwards(CronSchedule schedule, Instant from, Instant to) {
    var due = new ArrayList<Instant>();
    Instant at = schedule.next(from.minusMillis(1)).orElse(to);
    while (at.isBefore(to)) {
      due.add(at);
      at = schedule.next(at).orElse(to);
    }
    return due;
  }

  private static List<Instant> backwards(CronSchedule schedule, Instant from, Instant to) {
    var due = new ArrayList<Instant>();
    Instant before = from.minusMillis(1);
    Instant at = schedule.previous(to.minusMillis(1)).orElse(before);
    while (!at.isBefore(from)) {
      due.add(at);
      at = schedule.previous(at.minusNanos(1)).orElse(before);
    }
    return due.reversed();
  }
}
