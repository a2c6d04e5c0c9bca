package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceSchedule;
import dev.drydock.maintenance.Conflicts.Found;
import dev.drydock.maintenance.Conflicts.Meeting;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * Knows which tasks of a namespace will meet on a host. It looks ahead when a schedule or a host
 * was changed, or a meeting is over, and once a day, since more comes in sight; and not again
 * before twenty times as long has passed as it took.
 */
final class ConflictWatch {
  private static final Duration LEAST_PAUSE = Duration.ofSeconds(1);
  private static final Duration PASSED = Duration.ofHours(1);
  private static final Duration OLD = Duration.ofDays(1);
  private static final int SHARE = 20;

  private final Clock clock;
  private final BiConsumer<String, String> wake;
  private final Map<String, View> namespaces = new ConcurrentHashMap<>();

  private record View(int key, Found found, Instant at, Duration took) {}

  /**
   * What is known.
   *
   * @param found the meetings of one schedule
   * @param stale whether something has changed since: ask again in a while
   */
  record Answer(Found found, boolean stale) {}

  /**
   * @param wake is told the namespace and name of a schedule whose meetings have changed
   */
  ConflictWatch(Clock clock, BiConsumer<String, String> wake) {
    this.clock = clock;
    this.wake = wake;
  }

  /**
   * The next meetings of one schedule.
   *
   * @param all finds all of its namespace
   * @param hosts likewise
   */
  Answer of(
      MaintenanceSchedule schedule,
      Supplier<Collection<MaintenanceSchedule>> all,
      Collection<Host> hosts) {
    String namespace = schedule.getMetadata().getNamespace();
    String name = schedule.getMetadata().getName();
    if (!worksOnHosts(schedule) && !isKnownToMeet(namespace, name)) {
      return new Answer(new Found(List.of(), true), false);
    }
    Collection<MaintenanceSchedule> schedules = all.get();
    int key = key(schedules, hosts);
    View view =
        namespaces.compute(
            namespace,
            (_, known) -> isFresh(known, key) ? known : look(schedules, hosts, key, known));
    return new Answer(of(view.found(), name), view.key() != key);
  }

  private static boolean worksOnHosts(MaintenanceSchedule schedule) {
    return schedule.getSpec().tasks().stream()
        .anyMatch(task -> Conflicts.workedOn(schedule.getSpec(), task).isPresent());
  }

  private boolean isKnownToMeet(String namespace, String name) {
    View known = namespaces.get(namespace);
    return known != null && !of(known.found(), name).meetings().isEmpty();
  }

  private boolean isFresh(View known, int key) {
    if (known == null) {
      return false;
    }
    Instant now = clock.instant();
    Duration pause = known.took().multipliedBy(SHARE);
    if (now.isBefore(known.at().plus(pause.compareTo(LEAST_PAUSE) > 0 ? pause : LEAST_PAUSE))) {
      return true;
    }
    boolean passed =
        known.found().meetings().stream().anyMatch(meeting -> meeting.at().isBefore(now))
            && known.at().plus(PASSED).isBefore(now);
    return known.key() == key && !passed && now.isBefore(known.at().plus(OLD));
  }

  private View look(
      Collection<MaintenanceSchedule> schedules, Collection<Host> hosts, int key, View before) {
    Instant begun = clock.instant();
    var works = new ArrayList<Conflicts.Work>();
    for (MaintenanceSchedule schedule : schedules) {
      try {
        works.addAll(
            Conflicts.works(
                schedule.getMetadata().getName(),
                schedule.getSpec(),
                Calendar.of(schedule.getSpec()),
                selection -> WorkHosts.names(selection, hosts)));
      } catch (IllegalArgumentException e) {
        // Its own turn says so.
      }
    }
    Found found = Conflicts.in(works, begun);
    Instant now = clock.instant();
    tell(schedules, before == null ? List.of() : before.found().meetings(), found.meetings());
    return new View(key, found, now, Duration.between(begun, now));
  }

  private void tell(
      Collection<MaintenanceSchedule> schedules, List<Meeting> before, List<Meeting> now) {
    Set<Meeting> changed = new HashSet<>(before);
    now.forEach(
        meeting -> {
          if (!changed.remove(meeting)) {
            changed.add(meeting);
          }
        });
    for (MaintenanceSchedule schedule : schedules) {
      String name = schedule.getMetadata().getName();
      if (changed.stream().anyMatch(meeting -> isOf(meeting, name))) {
        wake.accept(schedule.getMetadata().getNamespace(), name);
      }
    }
  }

  private static Found of(Found found, String schedule) {
    return new Found(
        found.meetings().stream()
            .filter(meeting -> isOf(meeting, schedule))
            .sorted(Comparator.comparing(Meeting::at))
            .toList(),
        found.complete());
  }

  private static boolean isOf(Meeting meeting, String schedule) {
    return meeting.first().startsWith(schedule + "/")
        || meeting.second().startsWith(schedule + "/");
  }

  /** Changes with every specification, and with the labels of hosts. */
  private static int key(Collection<MaintenanceSchedule> schedules, Collection<Host> hosts) {
    int key = 0;
    for (MaintenanceSchedule schedule : schedules) {
      key +=
          31 * schedule.getMetadata().getUid().hashCode()
              ^ schedule.getMetadata().getGeneration().hashCode() * 0x9e3779b9;
    }
    for (Host host : hosts) {
      key +=
          17 * host.getMetadata().getUid().hashCode()
              ^ String.valueOf(host.getMetadata().getLabels()).hashCode() * 0x85ebca6b;
    }
    return key;
  }
}
