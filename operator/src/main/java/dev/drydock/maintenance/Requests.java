package dev.drydock.maintenance;

import dev.drydock.api.v1alpha1.maintenance.MaintenanceSchedule;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceTask;
import dev.drydock.kernel.Text;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What people ask of a schedule by its annotations. Pure.
 *
 * @param run the task that is to run now; nothing if there is none, or that was handled
 * @param runValue the annotation's value, or what was last handled
 * @param approvals what the annotation approves
 * @param problems a sentence for each part that nothing can be done about
 * @param isNew whether something of it was not handled before
 */
record Requests(
    Optional<MaintenanceTask> run,
    @Nullable String runValue,
    Optional<Approvals> approvals,
    @Nullable String approvalValue,
    Optional<String> done,
    @Nullable String doneValue,
    List<String> problems,
    boolean isNew) {
  private static final int LENGTH = 256;

  static Requests of(MaintenanceSchedule schedule, Calendar calendar, Instant now) {
    Map<String, String> annotations = schedule.getMetadata().getAnnotations();
    String run = value(annotations, MaintenanceManifests.RUN);
    String approve = value(annotations, Approvals.ANNOTATION);
    String done = value(annotations, Checklists.ANNOTATION);
    var status = schedule.getStatus();
    var problems = new ArrayList<String>();
    Optional<MaintenanceTask> wanted = Optional.empty();
    if (run != null) {
      try {
        MaintenanceTask task = Tasks.named(run.split("@", 2)[0], schedule.getSpec());
        if (!MaintenanceManifests.isJob(task)) {
          throw new IllegalArgumentException(
              "task " + task.name() + " is a checklist: people do it, nothing is started");
        }
        wanted = Optional.of(task);
      } catch (IllegalArgumentException e) {
        problems.add(
            "the annotation " + MaintenanceManifests.RUN + " starts nothing: " + e.getMessage());
      }
    }
    Optional<Approvals> approvals =
        Optional.ofNullable(approve)
            .map(value -> Approvals.read(value, schedule.getSpec(), calendar, now));
    approvals.ifPresent(read -> problems.addAll(read.problems()));
    String handledRun = status == null ? null : status.lastHandledRun();
    String handledDone = status == null ? null : status.lastHandledDone();
    return new Requests(
        wanted.filter(_ -> !run(run).equals(handledRun)),
        run == null ? handledRun : run,
        approvals,
        approve,
        Optional.ofNullable(done).filter(value -> !value.equals(handledDone)),
        done == null ? handledDone : done,
        List.copyOf(problems),
        (run != null && !run.equals(handledRun))
            || (approve != null
                && !approve.equals(status == null ? null : status.lastHandledApproval())));
  }

  private static String run(@Nullable String value) {
    return value == null ? "" : value;
  }

  private static @Nullable String value(@Nullable Map<String, String> annotations, String name) {
    String value = annotations == null ? null : annotations.get(name);
    return value == null || value.isBlank() ? null : Text.line(value, LENGTH);
  }
}
