package dev.drydock.maintenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.drydock.kernel.CronSchedule;
import dev.drydock.maintenance.Conflicts.Meeting;
import dev.drydock.maintenance.Conflicts.Work;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ConflictsTest {
  /** A Tuesday. */
  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

  private static Work work(String name, String schedule, String expected, String... hosts) {
    return new Work(
        "s",
        name,
        CronSchedule.parse(schedule, "Etc/UTC"),
        Duration.parse(expected),
        Set.copyOf(List.of(hosts)),
        Set.of());
  }

  private static List<Meeting> find(Work... works) {
    var found = Conflicts.in(List.of(works), NOW);
    assertThat(found.complete()).isTrue();
    return found.meetings();
  }

  @Test
  void findsTheFirstTimeThatTwoMeet() {
    assertThat(
            find(
                work("update", "0 2 * * WED", "PT2H", "offchain"),
                work("vacuum", "0 3 * * *", "PT1H", "offchain", "other"),
                work("elsewhere", "0 3 * * *", "PT1H", "ethbig")))
        .containsExactly(
            new Meeting("s/update", "s/vacuum", "offchain", Instant.parse("2026-11-25T03:00:00Z")));
    assertThat(new Meeting("s/a", "s/b", "h", NOW).message())
        .isEqualTo("s/b is due at 2026-11-24T12:00:00Z on h while s/a is at work there");
  }

  @Test
  void findsAllPairsOfThoseThatStartTogether() {
    assertThat(
            find(
                work("a", "0 3 * * *", "PT1H", "h"),
                work("b", "0 3 * * *", "PT1H", "h"),
                work("c", "0 3 * * *", "PT1H", "h")))
        .extracting(meeting -> meeting.first() + " " + meeting.second())
        .containsExactly("s/a s/b", "s/a s/c", "s/b s/c");
  }

  @Test
  void doesNotTakeNeighborsForAMeeting() {
    assertThat(
            find(
                work("a", "0 2 * * *", "PT1H", "h"),
                work("b", "0 3 * * *", "PT1H", "h"),
                work("far", "30 2 1 6 *", "PT1H", "h")))
        .isEmpty();
  }

  @Test
  void countsWhatIsAtWorkNow() {
    assertThat(
            find(work("long", "0 11 24 11 *", "PT4H", "h"), work("b", "0 13 * * *", "PT1H", "h")))
        .hasSize(1);
  }

  @Test
  void takesTasksThatAreOrderedForNoConflict() {
    var spec =
        Schedules.of(
            """
            hosts: {names: [offchain]}
            tasks:
            - {name: update, schedule: "0 2 * * 3", window: {duration: 3h}, systemUpdate: {}}
            - {name: vacuum, schedule: "0 3 * * 3", after: [update], vacuum: {postgresql: {secretName: db, viaHost: true}}}
            - {name: restart, schedule: "30 3 * * 3", after: [vacuum], serviceRestart: {pm2: all}}
            - {name: report, schedule: "0 3 * * 3", healthReport: {policies: [a]}}
            - {name: remote, schedule: "0 3 * * 3", vacuum: {postgresql: {secretName: db}}}
            - {name: off, schedule: "0 3 * * 3", suspend: true, command: {run: a}}
            - {name: audit, schedule: "0 4 * * 3", audit: {sysctl: [{key: vm.swappiness, expect: "10"}]}}
            """);
    List<Work> works =
        Conflicts.works(
            "s", spec, Calendar.of(spec), selection -> new TreeSet<>(selection.names()));
    assertThat(works)
        .extracting(Work::task)
        .containsExactly("update", "vacuum", "restart", "audit");
    assertThat(Conflicts.in(works, NOW).meetings())
        .extracting(Meeting::first, Meeting::second)
        .containsExactly(tuple("s/restart", "s/audit"), tuple("s/update", "s/audit"));
    Instant due = Instant.parse("2026-11-25T04:00:00Z");
    assertThat(Conflicts.of(works.getLast(), due, works)).containsExactly("s/restart", "s/update");
    assertThat(Conflicts.of(works.getFirst(), due.minusSeconds(7200), works))
        .containsExactly("s/audit");
  }

  /** Against a look at every pair of runs. */
  @Test
  void agreesWithALookAtEveryPair() {
    var random = new Random(20261124);
    for (int i = 0; i < 40; i++) {
      var works = new ArrayList<Work>();
      for (int j = 0; j < 6; j++) {
        String schedule =
            random.nextInt(60) + " " + random.nextInt(24) + " * * " + random.nextInt(7);
        String host = "h" + random.nextInt(2);
        works.add(work("t" + j, schedule, "PT" + (1 + random.nextInt(9)) + "H", host, "h" + j));
      }
      var expected = new TreeSet<String>();
      for (Work one : works) {
        for (Work other : works) {
          Instant meeting = firstDuring(one, other);
          if (meeting != null) {
            expected.add(
                meeting
                    + " "
                    + (one.task().compareTo(other.task()) < 0
                        ? one.task() + other.task()
                        : other.task() + one.task()));
          }
        }
      }
      // Of each pair the first.
      var firsts = new TreeSet<String>();
      var seen = new TreeSet<String>();
      for (String meeting : expected) {
        if (seen.add(meeting.substring(meeting.indexOf(' ')))) {
          firsts.add(meeting);
        }
      }
      var found = new TreeSet<String>();
      for (Meeting meeting : find(works.toArray(Work[]::new))) {
        String one = meeting.first().substring(2);
        String other = meeting.second().substring(2);
        found.add(meeting.at() + " " + (one.compareTo(other) < 0 ? one + other : other + one));
      }
      assertThat(found).isEqualTo(firsts);
    }
  }

  /** When a run of {@code second} first begins while one of {@code first} lasts. */
  private static @Nullable Instant firstDuring(Work first, Work second) {
    if (first.task().equals(second.task())
        || first.hosts().stream().noneMatch(second.hosts()::contains)) {
      return null;
    }
    Instant at = NOW.minusMillis(1);
    while (at.isBefore(NOW.plus(Duration.ofDays(90)))) {
      at = second.cron().next(at).orElseThrow();
      Instant begun = first.cron().previous(at).orElseThrow();
      if (begun.plus(first.expected()).isAfter(at)) {
        return at.isBefore(NOW.plus(Duration.ofDays(90))) ? at : null;
      }
    }
    return null;
  }

  @Test
  @Timeout(20)
  void isThroughWithThousandsOfTasksInTime() {
    var random = new Random(1);
    var works = new ArrayList<Work>();
    for (int i = 0; i < 3000; i++) {
      String schedule = i % 7 == 0 ? "*/5 * * * *" : i % 60 + " " + i % 24 + " * * *";
      works.add(work("t" + i, schedule, "PT1H", "h" + random.nextInt(1000), "h" + i % 10));
    }
    var found = Conflicts.in(works, NOW);
    assertThat(found.meetings()).hasSize(100);
    assertThat(found.complete()).isFalse();
  }
}
