package dev.drydock.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleSpec;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.ChecklistState;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import dev.drydock.maintenance.Approvals.Approval;
import dev.drydock.maintenance.Checklists.Turn;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What people are told, agree to, and do. */
class PeopleTest {
  /** A second Saturday at 06:00 is 05:00 UTC in winter; a first Friday at 09:00 is 08:00. */
  private static final MaintenanceScheduleSpec SPEC =
      Schedules.of(
          """
          timeZone: Europe/Berlin
          hosts: {names: [a]}
          tasks:
          - name: upgrade
            schedule: "0 6 ? 1,4,7,10 SAT#2"
            announce: {before: [7d, 28d, 1d]}
            approval: Required
            command: {run: a}
          - {name: late, schedule: "30 23 * * *", approval: Required, announce: {before: [1h]}, command: {run: a}}
          - {name: free, schedule: "0 1 * * *", command: {run: a}}
          - {name: review, schedule: "0 9 ? * FRI#1", checklist: {items: [Look], due: 72h}}
          """);

  private static final Calendar CALENDAR = Calendar.of(SPEC);
  private static final MaintenanceTask UPGRADE = SPEC.tasks().getFirst();
  private static final MaintenanceTask REVIEW = SPEC.tasks().getLast();
  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

  @Test
  void approvesRunsByTheirDateInTheSchedulesZone() {
    var read =
        Approvals.read(
            "upgrade@2027-01-09, late@2026-11-25,,upgrade@2027-01-09", SPEC, CALENDAR, NOW);
    assertThat(read.problems()).isEmpty();
    assertThat(read.granted())
        .containsExactlyInAnyOrder(
            new Approval("upgrade", LocalDate.of(2027, 1, 9)),
            new Approval("late", LocalDate.of(2026, 11, 25)));
    assertThat(read.cover("upgrade", Instant.parse("2027-01-09T05:00:00Z"), CALENDAR)).isTrue();
    assertThat(read.cover("late", Instant.parse("2026-11-25T22:30:00Z"), CALENDAR)).isTrue();
    assertThat(read.cover("late", Instant.parse("2026-11-24T22:30:00Z"), CALENDAR)).isFalse();
    assertThat(read.cover("upgrade", Instant.parse("2027-04-10T04:00:00Z"), CALENDAR)).isFalse();
  }

  @Test
  void approvesWhatIsStartedTodayThoughItIsNotDue() {
    var read = Approvals.read("upgrade@2026-11-24", SPEC, CALENDAR, NOW);
    assertThat(read.problems()).isEmpty();
    assertThat(read.granted()).containsExactly(new Approval("upgrade", LocalDate.of(2026, 11, 24)));
    assertThat(Approvals.read("upgrade@2026-11-24", SPEC, CALENDAR, NOW.plusSeconds(900_000)))
        .as("a date that is over is fine")
        .isEqualTo(read);
    assertThat(Approvals.read("upgrade@2026-11-25", SPEC, CALENDAR, NOW).problems()).hasSize(1);
  }

  @Test
  void whatIsAddedKeepsWhatStands() {
    var read =
        Approvals.read("upgrade@2027-01-09,late@2026-11-23,late@2026-11-25", SPEC, CALENDAR, NOW);
    assertThat(read.standing(LocalDate.of(2026, 11, 24)))
        .isEqualTo("late@2026-11-25,upgrade@2027-01-09,");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "upgrade            | 'upgrade' approves nothing: write <task>@<date>, for example major-upgrade@2027-01-09",
        "upgrade@soon       | 'upgrade@soon' approves nothing: write <task>@<date>, for example major-upgrade@2027-01-09",
        "upgrade@2027-02-30 | 'upgrade@2027-02-30' approves nothing: write <task>@<date>, for example major-upgrade@2027-01-09",
        "nothing@2027-01-09 | there is no task 'nothing' in this schedule; it has upgrade, late, free, review",
        "free@2027-01-09    | task free needs no approval: it starts when it is due",
        "upgrade@2027-01-10 | task upgrade has no run on 2027-01-10: its next run is on 2027-01-09"
      })
  void saysWhyAnApprovalApprovesNothing(String value, String problem) {
    var read = Approvals.read(value + ",late@2026-11-24", SPEC, CALENDAR, NOW);
    assertThat(read.problems()).containsExactly(problem);
    assertThat(read.granted()).containsExactly(new Approval("late", LocalDate.of(2026, 11, 24)));
  }

  @Test
  void announcesEachTimeOnce() {
    assertThat(told("2026-12-12T04:59:59Z")).isEmpty();
    assertThat(told("2026-12-12T05:00:00Z")).containsExactly(List.of("2027-01-09/28d"));
    assertThat(told("2026-12-12T05:00:00Z", "2027-01-09/28d")).isEmpty();
    assertThat(told("2027-01-02T05:00:00Z", "2027-01-09/28d"))
        .containsExactly(List.of("2027-01-09/7d"));
    assertThat(Announcements.next(UPGRADE, CALENDAR, NOW))
        .hasValue(Instant.parse("2026-12-12T05:00:00Z"));
    assertThat(Announcements.next(UPGRADE, CALENDAR, Instant.parse("2026-12-12T05:00:00Z")))
        .hasValue(Instant.parse("2027-01-02T05:00:00Z"));
  }

  @Test
  void tellsWhatIsLateInOneAndNothingAfterTheRun() {
    assertThat(told("2027-01-08T12:00:00Z"))
        .containsExactly(List.of("2027-01-09/28d", "2027-01-09/7d", "2027-01-09/1d"));
    assertThat(told("2027-01-08T12:00:00Z", "2027-01-09/1d")).isEmpty();
    assertThat(told("2027-01-09T04:59:59Z", "2027-01-09/28d"))
        .containsExactly(List.of("2027-01-09/7d", "2027-01-09/1d"));
    assertThat(told("2027-01-09T05:00:00Z")).isEmpty();
    Instant now = Instant.parse("2027-01-08T12:00:00Z");
    assertThat(
            Announcements.due(UPGRADE, CALENDAR, List.of(), now).getFirst().message(CALENDAR, now))
        .isEqualTo("upgrade is due on 2027-01-09T06:00 Europe/Berlin, in 17h");
  }

  @Test
  void forgetsWhatWasToldOfRunsThatAreOver() {
    assertThat(
            Announcements.remembered(
                UPGRADE, CALENDAR, List.of("2026-10-10/1d", "2027-01-09/28d"), NOW))
        .containsExactly("2027-01-09/28d");
    assertThat(Announcements.due(SPEC.tasks().get(2), CALENDAR, List.of(), NOW)).isEmpty();
  }

  private static List<List<String>> told(String now, String... announced) {
    return Announcements.due(UPGRADE, CALENDAR, List.of(announced), Instant.parse(now)).stream()
        .map(Announcements.Announcement::keys)
        .toList();
  }

  /** 2026-12-04 and 2027-01-01 are first Fridays. */
  @Test
  void opensAListWhenItIsDueAndShowsWhenItIsOverdue() {
    assertThat(Checklists.turn(REVIEW, CALENDAR, null, NOW, NOW)).isEqualTo(new Turn(null, null));
    ChecklistState open =
        new ChecklistState("2026-12-04T08:00:00Z", "2026-12-07T08:00:00Z", null, false);
    Turn first = turn(null, "2026-12-04T08:00:01Z");
    assertThat(first).isEqualTo(new Turn(open, null));
    assertThat(turn(open, "2026-12-07T08:00:00Z").state()).isEqualTo(open);
    ChecklistState overdue = new ChecklistState(open.opened(), open.due(), null, true);
    assertThat(turn(open, "2026-12-07T08:00:01Z").state()).isEqualTo(overdue);
    ChecklistState done =
        new ChecklistState(open.opened(), open.due(), "2026-12-08T00:00:00Z", false);
    assertThat(turn(done, "2026-12-20T00:00:00Z")).isEqualTo(new Turn(done, null));
    ChecklistState next =
        new ChecklistState("2027-01-01T08:00:00Z", "2027-01-04T08:00:00Z", null, false);
    assertThat(turn(overdue, "2027-01-01T08:00:00Z")).isEqualTo(new Turn(next, overdue));
    assertThat(turn(done, "2027-01-01T08:00:00Z")).isEqualTo(new Turn(next, null));
  }

  private static Turn turn(@Nullable ChecklistState before, String now) {
    return Checklists.turn(REVIEW, CALENDAR, before, NOW, Instant.parse(now));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      nullValues = "-",
      value = {
        "review            | -",
        "review@2026-12-04 | -",
        "review@2026-12-05 | task review has no open list of 2026-12-05: the open one is of 2026-12-04",
        "review@           | task review has no open list of : the open one is of 2026-12-04",
        "upgrade           | task upgrade is no checklist: it is done when its run ends",
        "nothing           | there is no task 'nothing' in this schedule; it has upgrade, late, free, review",
        "review,review     | the list of task review that opened on 2026-12-04 is done already"
      })
  void closesAList(String value, @Nullable String problem) {
    var open = new ChecklistState("2026-12-04T08:00:00Z", "2026-12-07T08:00:00Z", null, true);
    Instant now = Instant.parse("2026-12-09T00:00:00Z");
    var done = Checklists.done(value, Map.of("review", open), SPEC, CALENDAR, now);
    assertThat(done.problems()).isEqualTo(problem == null ? List.of() : List.of(problem));
    boolean closes = problem == null || value.contains(",");
    assertThat(done.states().get("review"))
        .isEqualTo(
            closes ? new ChecklistState(open.opened(), open.due(), now.toString(), false) : open);
  }

  @Test
  void closesNoListThatWasNeverOpen() {
    assertThat(Checklists.done("review", Map.of(), SPEC, CALENDAR, NOW).problems())
        .containsExactly("task review has not been due yet");
  }
}
