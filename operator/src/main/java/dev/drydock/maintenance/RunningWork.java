package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.maintenance.MaintenanceSchedule;
import dev.drydock.kernel.Work;
import dev.drydock.kube.PlannedWork;
import dev.drydock.maintenance.TaskJob.Phase;
import dev.drydock.work.HostWork;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which hosts this operator has let Jobs start on. It is brought back from the Jobs themselves
 * after a restart. The hosts' own locks are what keeps two from working at once; this one spares
 * the second the start.
 */
final class RunningWork {
  private final PlannedWork works;

  /** By namespace and host: the Job. */
  private final Map<String, Holder> hosts = new HashMap<>();

  private record Holder(String schedule, TaskJob job) {}

  RunningWork(PlannedWork works) {
    this.works = works;
  }

  /** Takes all hosts of a schedule's Job for it, or none: then it returns who is there. */
  synchronized Optional<String> begin(MaintenanceSchedule schedule, TaskJob job) {
    String namespace = schedule.getMetadata().getNamespace();
    for (String host : job.hosts()) {
      Holder holder = hosts.get(namespace + "/" + host);
      if (holder != null && !holder.job().name().equals(job.name())) {
        return Optional.of(name(namespace, holder.job()));
      }
    }
    hold(schedule, job);
    return Optional.empty();
  }

  private void hold(MaintenanceSchedule schedule, TaskJob job) {
    String namespace = schedule.getMetadata().getNamespace();
    var work = new Work(name(namespace, job), job.touches());
    Duration absence = absence(schedule, job.task());
    for (String host : job.hosts()) {
      hosts.put(namespace + "/" + host, new Holder(job.schedule(), job));
      works.expect(namespace, host, by(namespace, job), work, absence);
    }
  }

  private static Duration absence(MaintenanceSchedule schedule, String task) {
    return schedule.getSpec().tasks().stream()
        .filter(one -> one.name().equals(task))
        .flatMap(one -> HostWork.of(one).stream())
        .map(HostWork::absence)
        .findFirst()
        .orElse(HostWork.ABSENCE);
  }

  /**
   * Says which Jobs a schedule has: the hosts of those that have ended, are gone, or were suspended
   * amid their work, are free. One that was let start just now may still seem to wait.
   */
  synchronized void update(MaintenanceSchedule schedule, Collection<TaskJob> jobs) {
    Set<String> names = new HashSet<>();
    for (TaskJob job : jobs) {
      if (job.phase() == Phase.Running) {
        hold(schedule, job);
      }
      if (job.phase() == Phase.Running || (job.phase() == Phase.Waiting && !job.begun())) {
        names.add(job.name());
      }
    }
    free(schedule, job -> !names.contains(job.name()));
  }

  /** Says that a Job was not let start after all. */
  synchronized void end(MaintenanceSchedule schedule, TaskJob job) {
    free(schedule, holder -> holder.name().equals(job.name()));
  }

  private void free(MaintenanceSchedule schedule, Predicate<TaskJob> isOver) {
    String namespace = schedule.getMetadata().getNamespace();
    hosts
        .entrySet()
        .removeIf(
            entry -> {
              TaskJob job = entry.getValue().job();
              boolean goes =
                  entry.getKey().startsWith(namespace + "/")
                      && entry.getValue().schedule().equals(schedule.getMetadata().getName())
                      && isOver.test(job);
              if (goes) {
                works.end(
                    namespace,
                    entry.getKey().substring(namespace.length() + 1),
                    by(namespace, job));
              }
              return goes;
            });
  }

  /** A Job as people and locks name it. */
  static String name(String namespace, TaskJob job) {
    return "maintenance " + namespace + "/" + job.schedule() + "/" + job.task();
  }

  private static String by(String namespace, TaskJob job) {
    return "MaintenanceSchedule/" + namespace + "/" + job.schedule() + "/" + job.task();
  }
}
