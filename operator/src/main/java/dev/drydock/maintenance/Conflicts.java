package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.common.HostSelection;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleSpec;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import dev.drydock.kernel.CronSchedule;
import dev.drydock.kernel.Window;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which tasks will want one host at the same time. They will wait for each other; people would
 * rather move one of them. Tasks that {@code after} puts in an order don't count: that is meant.
 */
public final class Conflicts {
  static final Duration AHEAD = Duration.ofDays(90);
  private static final int MOST = 100;
  private static final int STEPS = 2_000_000;

  private final List<Work> works;
  private final Instant from;
  private final BitSet[] settled;
  private final List<Meeting> meetings = new ArrayList<>();
  private int steps = STEPS;
  private boolean complete = true;

  private Conflicts(List<Work> works, Instant from) {
    this.works = works;
    this.from = from;
    this.settled = new BitSet[works.size()];
    for (int i = 0; i < settled.length; i++) {
      settled[i] = new BitSet();
      settled[i].set(i);
    }
  }

  /**
   * What keeps hosts busy.
   *
   * @param after tasks of the same schedule that go first, and those that go before them
   */
  public record Work(
      String schedule,
      String task,
      CronSchedule cron,
      Duration expected,
      Set<String> hosts,
      Set<String> after) {
    public Work {
      hosts = Set.copyOf(hosts);
      after = Set.copyOf(after);
    }

    public String name() {
      return schedule + "/" + task;
    }

    private boolean isOrderedWith(Work other) {
      return schedule.equals(other.schedule)
          && (after.contains(other.task) || other.after.contains(task));
    }
  }

  /**
   * The first time that two tasks meet.
   *
   * @param first the one that is at work then; its schedule and task
   * @param second the one that is due then
   */
  public record Meeting(String first, String second, String host, Instant at) {
    /** A sentence for people. */
    public String message() {
      return second + " is due at " + at + " on " + host + " while " + first + " is at work there";
    }
  }

  /**
   * What was found.
   *
   * @param meetings by time, one for each pair of tasks
   * @param complete false: there was more to look through than is reasonable
   */
  public record Found(List<Meeting> meetings, boolean complete) {
    public Found {
      meetings = List.copyOf(meetings);
    }
  }

  private record Run(int work, Instant start) {}

  /**
   * The tasks of a schedule that are done on hosts, and are not suspended.
   *
   * @param hosts the names of the hosts that a selection means
   */
  public static List<Work> works(
      String schedule,
      MaintenanceScheduleSpec spec,
      Calendar calendar,
      Function<HostSelection, Set<String>> hosts) {
    if (Boolean.TRUE.equals(spec.suspend())) {
      return List.of();
    }
    var works = new ArrayList<Work>();
    for (MaintenanceTask task : spec.tasks()) {
      Optional<HostSelection> selection = workedOn(spec, task);
      if (selection.isPresent() && !Boolean.TRUE.equals(task.suspend())) {
        works.add(
            new Work(
                schedule,
                task.name(),
                calendar.cron(task.name()),
                Window.expected(task),
                hosts.apply(selection.get()),
                before(task, spec.tasks())));
      }
    }
    return List.copyOf(works);
  }

  /** The hosts that a task does something on, or goes through; nothing if it needs none. */
  public static Optional<HostSelection> workedOn(
      MaintenanceScheduleSpec spec, MaintenanceTask task) {
    boolean needsHosts =
        task.systemUpdate() != null
            || task.serviceRestart() != null
            || task.command() != null
            || (task.vacuum() != null && isTrue(task.vacuum().postgresql().viaHost()))
            || (task.audit() != null
                && (!task.audit().sysctl().isEmpty()
                    || task.audit().pm2() != null
                    || (task.audit().postgresql() != null
                        && isTrue(task.audit().postgresql().viaHost()))
                    || (task.audit().redis() != null && isTrue(task.audit().redis().viaHost()))));
    return needsHosts
        ? Optional.ofNullable(task.hosts() == null ? spec.hosts() : task.hosts())
        : Optional.empty();
  }

  private static boolean isTrue(@Nullable Boolean value) {
    return Boolean.TRUE.equals(value);
  }

  private static Set<String> before(MaintenanceTask task, List<MaintenanceTask> tasks) {
    var before = new LinkedHashSet<String>();
    var open = new ArrayDeque<>(task.after());
    while (!open.isEmpty()) {
      String name = open.remove();
      if (before.add(name)) {
        tasks.stream()
            .filter(other -> other.name().equals(name))
            .forEach(other -> open.addAll(other.after()));
      }
    }
    return before;
  }

  /**
   * The first meeting of each pair of tasks in the next 90 days.
   *
   * @param works those of all schedules of a namespace
   */
  public static Found in(Collection<Work> works, Instant from) {
    var conflicts = new Conflicts(List.copyOf(works), from);
    conflicts.groups().forEach(conflicts::sweep);
    conflicts.meetings.sort(
        Comparator.comparing(Meeting::at)
            .thenComparing(Meeting::first)
            .thenComparing(Meeting::second));
    boolean tooMany = conflicts.meetings.size() > MOST;
    return new Found(
        tooMany ? conflicts.meetings.subList(0, MOST) : conflicts.meetings,
        conflicts.complete && !tooMany);
  }

  /** The names of the tasks that one run of a task meets. */
  public static List<String> of(Work work, Instant due, Collection<Work> all) {
    Instant end = due.plus(work.expected());
    return all.stream()
        .filter(other -> !other.name().equals(work.name()) && !other.isOrderedWith(work))
        .filter(other -> other.hosts().stream().anyMatch(work.hosts()::contains))
        .filter(
            other ->
                other
                    .cron()
                    .previous(due)
                    .filter(start -> start.plus(other.expected()).isAfter(due))
                    .or(() -> other.cron().next(due).filter(start -> start.isBefore(end)))
                    .isPresent())
        .map(Work::name)
        .sorted()
        .toList();
  }

  /**
   * Hosts with the same tasks need to be looked at once: the tasks that share them, and one host.
   */
  private Map<List<Integer>, String> groups() {
    var byHost = new TreeMap<String, List<Integer>>();
    for (int i = 0; i < works.size(); i++) {
      for (String host : works.get(i).hosts()) {
        byHost.computeIfAbsent(host, _ -> new ArrayList<>()).add(i);
      }
    }
    var groups = new LinkedHashMap<List<Integer>, String>();
    byHost.forEach((host, group) -> groups.putIfAbsent(group, host));
    return groups;
  }

  /** Goes through the runs of all tasks of a host in their order. */
  private void sweep(List<Integer> group, String host) {
    var all = new BitSet();
    group.forEach(all::set);
    var ahead =
        new PriorityQueue<Run>(Comparator.comparing(Run::start).thenComparingInt(Run::work));
    for (int work : group) {
      settleOrdered(work, group);
      if (hasOpenPairs(work, all)) {
        offer(ahead, work, from.minus(works.get(work).expected()));
      }
    }
    var busyUntil = new LinkedHashMap<Integer, Instant>();
    int found = 0;
    while (!ahead.isEmpty()) {
      Run run = ahead.remove();
      busyUntil.values().removeIf(end -> !end.isAfter(run.start()));
      steps -= 1 + busyUntil.size();
      if (steps < 0 || found > MOST) {
        complete = false;
        return;
      }
      if (!hasOpenPairs(run.work(), all)) {
        busyUntil.remove(run.work());
        continue;
      }
      if (!run.start().isBefore(from)) {
        for (int busy : List.copyOf(busyUntil.keySet())) {
          if (settle(busy, run.work())) {
            found++;
            meetings.add(
                new Meeting(
                    works.get(busy).name(), works.get(run.work()).name(), host, run.start()));
          }
        }
      }
      busyUntil.put(run.work(), run.start().plus(works.get(run.work()).expected()));
      offer(ahead, run.work(), run.start());
    }
    // What did not meet within the time will not on another host either.
    group.forEach(work -> settled[work].or(all));
  }

  private void offer(PriorityQueue<Run> ahead, int work, Instant after) {
    works
        .get(work)
        .cron()
        .next(after)
        .filter(start -> start.isBefore(from.plus(AHEAD)))
        .ifPresent(start -> ahead.add(new Run(work, start)));
  }

  private void settleOrdered(int work, List<Integer> group) {
    if (!works.get(work).after().isEmpty()) {
      for (int other : group) {
        if (works.get(work).isOrderedWith(works.get(other))) {
          settle(work, other);
        }
      }
    }
  }

  private boolean settle(int one, int other) {
    boolean isNew = !settled[one].get(other);
    settled[one].set(other);
    settled[other].set(one);
    return isNew;
  }

  private boolean hasOpenPairs(int work, BitSet all) {
    var open = (BitSet) all.clone();
    open.andNot(settled[work]);
    return !open.isEmpty();
  }
}
