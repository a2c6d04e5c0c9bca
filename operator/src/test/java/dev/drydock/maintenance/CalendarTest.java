package dev.drydock.maintenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.drydock.maintenance.Calendar.Slot;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;

class CalendarTest {
  private static final Calendar CALENDAR =
      Calendar.of(
          Schedules.of(
              """
              timeZone: Europe/Berlin
              hosts: {names: [a]}
              tasks:
              - {name: vacuum, schedule: "0 3 * * WED", command: {run: a}}
              - {name: update, schedule: "0 3 * * WED", command: {run: a}}
              - {name: often, schedule: "* * * * *", suspend: true, command: {run: a}}
              - {name: never, schedule: "0 0 30 2 *", command: {run: a}}
              - {name: night, schedule: "30 2 * * *", command: {run: a}}
              """));

  @Test
  void listsTheNextRunsOverAllTasks() {
    // 2026-11-25 is a Wednesday.
    assertThat(CALENDAR.next(Instant.parse("2026-11-24T02:00:00Z"), 4))
        .containsExactly(
            new Slot("night", Instant.parse("2026-11-25T01:30:00Z")),
            new Slot("vacuum", Instant.parse("2026-11-25T02:00:00Z")),
            new Slot("update", Instant.parse("2026-11-25T02:00:00Z")),
            new Slot("night", Instant.parse("2026-11-26T01:30:00Z")));
    assertThat(CALENDAR.next("never", Instant.EPOCH)).isEmpty();
    assertThat(CALENDAR.next("often", Instant.EPOCH)).isPresent();
  }

  /** What others get wrong: a run that was due while nobody was there. */
  @Test
  void remembersWhatWasDueInBetween() {
    Instant now = Instant.parse("2026-11-24T12:00:00Z");
    Instant due = Instant.parse("2026-11-24T01:30:00Z");
    assertThat(CALENDAR.latest("night", now.minus(Duration.ofDays(1)), now)).hasValue(due);
    assertThat(CALENDAR.latest("night", due, now)).isEmpty();
    assertThat(CALENDAR.latest("night", due.minusMillis(1), due)).hasValue(due);
  }

  /** What others get wrong: after more than a hundred missed starts a schedule stands still. */
  @Test
  void catchesUpOverAnyNumberOfMissedRuns() {
    Instant now = Instant.parse("2026-11-24T12:00:30Z");
    assertThat(CALENDAR.latest("often", Instant.EPOCH, now))
        .hasValue(Instant.parse("2026-11-24T12:00:00Z"));
  }

  /** What others get wrong: a change of the clocks runs one twice or never. */
  @Test
  void hasOneRunADayWhenTheClocksChange() {
    Instant now = Instant.parse("2026-01-01T12:00:00Z");
    LocalDate date = LocalDate.of(2026, 1, 2);
    for (int i = 0; i < 365; i++) {
      assertThat(CALENDAR.isDueOn("night", date)).isTrue();
      now = CALENDAR.next("night", now).orElseThrow();
      assertThat(CALENDAR.date(now)).isEqualTo(date);
      date = date.plusDays(1);
    }
  }

  @Test
  void namesTheTaskThatItCannotRead() {
    assertThatThrownBy(
            () ->
                Calendar.of(
                    Schedules.of("tasks: [{name: odd, schedule: often, command: {run: a}}]")))
        .hasMessage("task odd: 'often' is not a cron schedule");
    assertThatThrownBy(() -> CALENDAR.cron("x")).hasMessageContaining("there is no task x");
  }
}
