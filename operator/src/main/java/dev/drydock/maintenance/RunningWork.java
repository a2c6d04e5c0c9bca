package dev.drydock.maintenance;

import dev.drydock.kernel.Work;
import dev.drydock.kube.PlannedWork;
import dev.drydock.maintenance.TaskJob.Phase;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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

  /** Takes all hosts of a Job for it, or none: then it returns who is there. */
  synchronized Optional<String> begin(String namespace, TaskJob job) {
    for (String host : job.hosts()) {
      Holder holder = hosts.get(namespace + "/" + host);
      if (holder != null && !holder.job().name().equals(job.name())) {
        return Optional.of(name(namespace, holder.job()));
      }
    }
    job.hosts().forEach(host -> hold(namespace, host, job));
    return Optional.empty();
  }

  private void hold(String namespace, String host, TaskJob job) {
    hosts.put(namespace + "/" + host, new Holder(job.schedule(), job));
    works.begin(namespace, host, by(namespace, job), new Work(name(namespace, job), job.touches()));
  }

  /**
   * Says which Jobs a schedule has: the hosts of those that have ended, or are gone, are free. One
   * that was let start just now may still seem to wait.
   */
  synchronized void update(String namespace, String schedule, Collection<TaskJob> jobs) {
    Set<String> names = new HashSet<>();
    for (TaskJob job : jobs) {
      if (job.phase() != Phase.Ended) {
        names.add(job.name());
      }
      if (job.phase() == Phase.Running) {
        job.hosts().forEach(host -> hold(namespace, host, job));
      }
    }
    hosts
        .entrySet()
        .removeIf(
            entry -> {
              TaskJob job = entry.getValue().job();
              boolean isOver =
                  entry.getKey().startsWith(namespace + "/")
                      && entry.getValue().schedule().equals(schedule)
                      && !names.contains(job.name());
              if (isOver) {
                works.end(
                    namespace,
                    entry.getKey().substring(namespace.length() + 1),
                    by(namespace, job));
              }
              return isOver;
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
