package dev.drydock.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.maintenance.MaintenanceSchedule;
import dev.drydock.maintenance.Conflicts.Meeting;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConflictWatchTest {
  private final List<String> woken = new ArrayList<>();
  private Instant now = Instant.parse("2026-11-24T12:00:00Z");
  private final Clock clock = ((InstantSource) () -> now).withZone(ZoneOffset.UTC);
  private final ConflictWatch watch =
      new ConflictWatch(clock, (namespace, name) -> woken.add(namespace + "/" + name));

  private static MaintenanceSchedule schedule(String name, String cron) {
    return schedule(name, 1, cron, "command: {run: \"true\"}");
  }

  private static MaintenanceSchedule schedule(
      String name, long generation, String cron, String task) {
    var schedule = new MaintenanceSchedule();
    schedule.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace("ops")
            .withName(name)
            .withUid(name)
            .withGeneration(generation)
            .build());
    schedule.setSpec(
        Schedules.of(
            """
            hosts: {names: [ethbig]}
            tasks: [{name: work, schedule: "%s", %s}]
            """
                .formatted(cron, task)));
    return schedule;
  }

  private ConflictWatch.Answer answer(MaintenanceSchedule... all) {
    return watch.of(all[0], () -> List.of(all), List.of());
  }

  @Test
  void seesWhatComesInSightThoughNobodyChangesAnything() {
    MaintenanceSchedule one = schedule("one", "0 2 1 6 *");
    MaintenanceSchedule two = schedule("two", "0 2 1 6 *");
    assertThat(answer(one, two).found().meetings()).as("half a year ahead").isEmpty();
    now = now.plus(Duration.ofDays(120));
    ConflictWatch.Answer later = answer(one, two);
    assertThat(later.stale()).isFalse();
    assertThat(later.found().complete()).isTrue();
    assertThat(later.found().meetings())
        .extracting(Meeting::at)
        .containsExactly(Instant.parse("2027-06-01T02:00:00Z"));
    assertThat(woken).containsExactlyInAnyOrder("ops/one", "ops/two");
  }

  @Test
  void whatNeedsNoHostMeetsNobodyAndIsLookedAtOnlyWhereItDid() {
    MaintenanceSchedule one = schedule("one", "0 2 * * *");
    MaintenanceSchedule two = schedule("two", "0 2 * * *");
    assertThat(answer(one, two).found().meetings()).hasSize(1);
    woken.clear();
    now = now.plus(Duration.ofMinutes(1));
    MaintenanceSchedule hostless =
        schedule("one", 2, "0 2 * * *", "vacuum: {postgresql: {secretName: db}}");
    assertThat(answer(hostless, two).found().meetings()).isEmpty();
    assertThat(woken).as("the other is told").contains("ops/two");
    assertThat(
            watch.of(
                hostless,
                () -> {
                  throw new AssertionError("nobody needs the others");
                },
                List.of()))
        .satisfies(
            answer -> {
              assertThat(answer.stale()).isFalse();
              assertThat(answer.found().complete()).isTrue();
            });
  }

  @Test
  void saysThatNotAllWasLookedAt() {
    var all = new ArrayList<MaintenanceSchedule>();
    all.add(schedule("last", "0 2 1 12 *"));
    for (int i = 0; i < 30; i++) {
      all.add(schedule("daily-" + i, "0 3 * * *"));
    }
    ConflictWatch.Answer answer = answer(all.toArray(MaintenanceSchedule[]::new));
    assertThat(answer.found().meetings()).isEmpty();
    assertThat(answer.found().complete()).isFalse();
  }
}
