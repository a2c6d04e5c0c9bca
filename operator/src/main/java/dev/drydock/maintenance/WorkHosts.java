package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.common.HostSelection;
import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.host.Host;
import dev.drydock.api.v1alpha1.host.HostSpec.Permit;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleSpec;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.HostOutcome;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import dev.drydock.api.v1alpha1.maintenance.SystemUpdate;
import dev.drydock.api.v1alpha1.maintenance.SystemUpdate.RebootPolicy;
import dev.drydock.kernel.Conditions;
import dev.drydock.kube.HostSelector;
import dev.drydock.kube.Reaches;
import dev.drydock.probe.LookAssignment.Reach;
import dev.drydock.work.HostWork;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The hosts that a task is done on. Pure.
 *
 * @param needed whether the task needs any
 * @param found those that exist, by name
 * @param missing names of those that don't
 */
record WorkHosts(boolean needed, List<Found> found, List<String> missing) {
  /** Of a task that needs none. */
  static final WorkHosts NONE = new WorkHosts(false, List.of(), List.of());

  private static final int NAMED = 3;

  WorkHosts {
    found = List.copyOf(found);
    missing = List.copyOf(missing);
  }

  /**
   * One host.
   *
   * @param reach how a pod reaches it; nothing if its jump hosts lead nowhere, which is a refusal
   * @param refusal why no work may be done on it until a person changes something; nothing if it
   *     may
   * @param away why it can't be used for the time being; nothing if it can
   */
  record Found(Host host, Optional<Reach> reach, Optional<String> refusal, Optional<String> away) {
    String name() {
      return host.getMetadata().getName();
    }

    boolean isAssigned() {
      return reach.isPresent() && !isSuspended(host);
    }
  }

  /**
   * The hosts of {@code task}.
   *
   * @param hosts all of the namespace, by name
   */
  static WorkHosts of(MaintenanceScheduleSpec spec, MaintenanceTask task, Map<String, Host> hosts) {
    Optional<HostSelection> selection = Conflicts.workedOn(spec, task);
    if (selection.isEmpty()) {
      return NONE;
    }
    return new WorkHosts(
        true,
        hosts.values().stream()
            .filter(host -> selects(selection.get(), host))
            .sorted(Comparator.comparing(host -> host.getMetadata().getName()))
            .map(host -> found(host, task, hosts))
            .toList(),
        selection.get().names().stream()
            .filter(name -> !hosts.containsKey(name))
            .sorted()
            .toList());
  }

  private static Found found(Host host, MaintenanceTask task, Map<String, Host> hosts) {
    Optional<Reach> reach = Reaches.of(host, name -> Optional.ofNullable(hosts.get(name)));
    return new Found(
        host,
        reach,
        refusal(host, task)
            .or(() -> reach.isPresent() ? Optional.empty() : Optional.of(unreachable(host))),
        away(host));
  }

  /** The names of the hosts that a selection means. */
  static Set<String> names(HostSelection selection, Collection<Host> hosts) {
    var names = new LinkedHashSet<>(selection.names());
    hosts.stream()
        .filter(host -> selects(selection, host))
        .forEach(host -> names.add(host.getMetadata().getName()));
    return names;
  }

  /** Those that a pod is sent to. */
  List<Found> assigned() {
    return found.stream().filter(Found::isAssigned).toList();
  }

  Set<String> names() {
    return found.stream().map(Found::name).collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /** Why nothing can be done until a person changes something. */
  Optional<String> refusal() {
    if (!needed) {
      return Optional.empty();
    }
    if (!missing.isEmpty()) {
      return Optional.of(
          "there is no Host " + String.join(", ", missing) + " in this namespace: create it");
    }
    int assigned = assigned().size();
    if (assigned > TaskEnd.MOST_HOSTS) {
      return Optional.of(
          "a task works on "
              + TaskEnd.MOST_HOSTS
              + " hosts at the most, and "
              + assigned
              + " are selected: divide them among several tasks");
    }
    return found.stream().allMatch(one -> one.refusal().isPresent())
        ? some(found.stream().flatMap(one -> one.refusal().stream()).toList())
        : Optional.empty();
  }

  /**
   * Why nothing can be done for the time being: of several hosts, one that can be used is enough.
   */
  Optional<String> away() {
    List<Found> usable = found.stream().filter(one -> one.refusal().isEmpty()).toList();
    return !usable.isEmpty() && usable.stream().allMatch(one -> one.away().isPresent())
        ? some(usable.stream().flatMap(one -> one.away().stream()).toList())
        : Optional.empty();
  }

  /**
   * How the work of a Job ended on each host, with those that it was not sent to: one that nobody
   * can reach makes the run bad, others are named. Those that have joined since are not its own.
   */
  TaskEnd withLeftOut(TaskEnd end, MaintenanceTask task, TaskJob job) {
    boolean isOnEach =
        HostWork.of(task).filter(work -> work.reach() == HostWork.Reach.EACH).isPresent();
    if (!isOnEach || end.hosts().isEmpty()) {
      return end;
    }
    var unreached = new ArrayList<Found>();
    var suspended = new ArrayList<String>();
    var back = new ArrayList<String>();
    for (Found one : found) {
      if (job.hosts().contains(one.name()) || isNewerThan(job, one.host())) {
        continue;
      }
      if (isSuspended(one.host())) {
        suspended.add(one.name());
      } else if (one.reach().isEmpty()) {
        unreached.add(one);
      } else {
        back.add(one.name());
      }
    }
    var message = new ArrayList<String>();
    some(unreached.stream().map(one -> unreachable(one.host())).toList()).ifPresent(message::add);
    message.add(end.message());
    some(suspended).ifPresent(names -> message.add("left out, since suspended: " + names));
    some(back)
        .ifPresent(
            names ->
                message.add(
                    "left out, since suspended, out of reach or not selected when it began: "
                        + names));
    return new TaskEnd(
        end.outcome() == Outcome.Succeeded && !unreached.isEmpty()
            ? Outcome.Blocked
            : end.outcome(),
        String.join("; ", message),
        Stream.concat(
                end.hosts().stream(),
                unreached.stream()
                    .map(
                        one ->
                            new HostOutcome(one.name(), Outcome.Blocked, unreachable(one.host()))))
            .sorted(TaskEnd.LOST_FIRST)
            .limit(TaskEnd.MOST_HOSTS)
            .sorted(Comparator.comparing(HostOutcome::name))
            .toList(),
        end.unfinished());
  }

  private static boolean isNewerThan(TaskJob job, Host host) {
    return Instant.parse(host.getMetadata().getCreationTimestamp()).isAfter(job.created());
  }

  /** Whether labels were asked for that no host has. */
  boolean isNobody() {
    return needed && found.isEmpty() && missing.isEmpty();
  }

  private static Optional<String> some(List<String> reasons) {
    return reasons.isEmpty()
        ? Optional.empty()
        : Optional.of(
            reasons.stream().limit(NAMED).collect(Collectors.joining("; "))
                + (reasons.size() > NAMED ? "; and " + (reasons.size() - NAMED) + " more" : ""));
  }

  private static boolean selects(HostSelection selection, Host host) {
    return HostSelector.selects(
        selection,
        host.getMetadata().getName(),
        Optional.ofNullable(host.getMetadata().getLabels()).orElse(Map.of()));
  }

  private static String unreachable(Host host) {
    return "the jump hosts of the Host "
        + host.getMetadata().getName()
        + " lead nowhere: see its condition Ready";
  }

  private static boolean isSuspended(Host host) {
    return Boolean.TRUE.equals(host.getSpec().suspend());
  }

  private static Optional<String> refusal(Host host, MaintenanceTask task) {
    String name = host.getMetadata().getName();
    if (isSuspended(host)) {
      return Optional.of("the Host " + name + " is suspended");
    }
    return permits(task).stream()
        .filter(permit -> !host.getSpec().permits().contains(permit))
        .findFirst()
        .map(
            permit ->
                "the Host " + name + " does not permit " + permit + ": add it to its spec.permits");
  }

  /** What a host must permit, or nothing of the task can be done there. */
  private static List<Permit> permits(MaintenanceTask task) {
    if (task.systemUpdate() != null) {
      SystemUpdate.@Nullable Reboot reboot = task.systemUpdate().reboot();
      return reboot != null && reboot.policy() == RebootPolicy.Never
          ? List.of(Permit.Update)
          : List.of(Permit.Update, Permit.Reboot);
    }
    if (task.serviceRestart() != null) {
      return List.of(Permit.Restart);
    }
    return List.of(task.command() != null ? Permit.Command : Permit.Check);
  }

  private static Optional<String> away(Host host) {
    String name = host.getMetadata().getName();
    if (host.getStatus() == null) {
      return Optional.of("the Host " + name + " was not looked at yet");
    }
    return Conditions.isTrue(host.getStatus().conditions(), "Ready")
        ? Optional.empty()
        : Optional.of(
            "the Host "
                + name
                + " is not Ready"
                + host.getStatus().conditions().stream()
                    .filter(condition -> condition.type().equals("Ready"))
                    .findFirst()
                    .map(condition -> ": " + condition.message())
                    .orElse(""));
  }
}
