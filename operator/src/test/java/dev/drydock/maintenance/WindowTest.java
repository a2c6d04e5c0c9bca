package dev.drydock.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleSpec;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleSpec.Freeze;
import dev.drydock.kernel.Freezes;
import dev.drydock.kernel.Window;
import dev.drydock.kernel.Window.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WindowTest {
  private static final MaintenanceScheduleSpec SPEC =
      Schedules.of(
          """
          timeZone: Europe/Berlin
          hosts: {names: [a]}
          tasks:
          - {name: friday, schedule: "0 22 * * FRI", window: {duration: 4h, cutoff: 30m}, command: {run: a}}
          - {name: night, schedule: "0 1 * * *", window: {duration: 4h}, command: {run: a}}
          - {name: plain, schedule: "0 1 * * *", command: {run: a}}
          - {name: patient, schedule: "0 1 * * *", startingDeadlineSeconds: 3600, command: {run: a}}
          - {name: follows, schedule: "0 1 * * *", after: [plain], command: {run: a}}
          """);
  private static final Calendar CALENDAR = Calendar.of(SPEC);

  /** 2026-11-27 is a Friday; Berlin is one hour ahead of UTC. */
  @ParameterizedTest
  @CsvSource({
    // What others get wrong: open past midnight, and closed at that hour the day before.
    "friday, 2026-11-28T00:00:00Z, Open",
    "friday, 2026-11-27T00:00:00Z, Closed",
    "friday, 2026-11-27T20:59:59Z, Closed",
    "friday, 2026-11-27T21:00:00Z, Open",
    "friday, 2026-11-28T00:29:59Z, Open",
    "friday, 2026-11-28T00:30:00Z, CutOff",
    "friday, 2026-11-28T00:59:59Z, CutOff",
    "friday, 2026-11-28T01:00:00Z, Closed",
    "plain, 2026-11-28T00:00:00Z, Open",
    "plain, 2026-11-28T00:04:59Z, Open",
    "plain, 2026-11-28T00:05:00Z, Closed",
    "patient, 2026-11-28T00:59:59Z, Open",
    "patient, 2026-11-28T01:00:00Z, Closed",
    // What it comes after may have begun only just before.
    "follows, 2026-11-28T00:59:59Z, Open",
    "follows, 2026-11-28T01:00:00Z, Closed",
    // Four hours of real time when the clocks change: from 01:00 to 06:00, and to 04:00.
    "night, 2027-03-28T03:59:59Z, Open",
    "night, 2027-03-28T04:00:00Z, Closed",
    "night, 2026-10-25T02:59:59Z, Open",
    "night, 2026-10-25T03:00:00Z, Closed"
  })
  void isOpenFromItsDueTimeOn(String task, Instant now, Phase expected) {
    Instant due = CALENDAR.latest(task, Instant.EPOCH, now).orElseThrow();
    assertThat(CALENDAR.window(task, due).at(now)).isEqualTo(expected);
    assertThat(CALENDAR.window(task, due).mayStart(now)).isEqualTo(expected == Phase.Open);
    assertThat(CALENDAR.window(task, due).at(due.minusMillis(1))).isEqualTo(Phase.Ahead);
  }

  @Test
  void saysHowLongARunIsExpectedToTake() {
    assertThat(Window.expected(SPEC.tasks().getFirst())).isEqualTo(Duration.ofHours(4));
    assertThat(Window.expected(SPEC.tasks().get(2))).isEqualTo(Duration.ofHours(1));
    assertThat(Window.lateness(SPEC.tasks().getFirst())).isEqualTo(Duration.ofMinutes(210));
  }

  @Test
  void endsWhatIsAtWorkWhenItClosesButNotHalfway() {
    Instant due = Instant.parse("2026-11-27T21:00:00Z");
    Window friday = Window.of(SPEC.tasks().getFirst(), due);
    assertThat(friday.end(due)).contains(due.plus(Duration.ofHours(4)));
    assertThat(friday.end(due.plus(Duration.ofMinutes(229))))
        .contains(due.plus(Duration.ofMinutes(259)));
    assertThat(Window.of(SPEC.tasks().get(2), due).end(due)).isEmpty();
  }

  private static final List<Freeze> FREEZES =
      List.of(
          new Freeze("2026-12-20T00:00:00Z", "2027-01-03T00:00:00Z", "year end"),
          new Freeze("2027-01-03T01:00:00+01:00", "2027-01-04T00:00:00Z", null),
          new Freeze("2026-12-24T00:00:00Z", "2026-12-25T00:00:00Z", "holidays"));

  @Test
  void isFrozenOverFreezesThatFollowEachOther() {
    var frozen = Freezes.at(FREEZES, Instant.parse("2026-12-24T12:00:00Z")).orElseThrow();
    assertThat(frozen.reason()).isEqualTo("year end");
    assertThat(frozen.until()).isEqualTo("2027-01-04T00:00:00Z");
    assertThat(frozen.message()).isEqualTo("nothing starts until 2027-01-04T00:00:00Z: year end");
    assertThat(Freezes.at(FREEZES, Instant.parse("2027-01-03T00:00:00Z")).orElseThrow().message())
        .isEqualTo("nothing starts until 2027-01-04T00:00:00Z");
  }

  @ParameterizedTest
  @ValueSource(strings = {"2026-12-19T23:59:59.999Z", "2027-01-04T00:00:00Z"})
  void isNotFrozenBeforeAndAfter(Instant instant) {
    assertThat(Freezes.at(FREEZES, instant)).isEmpty();
  }
}
