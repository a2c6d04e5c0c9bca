package dev.drydock.api.v1alpha1.maintenance;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Condition;
import dev.drydock.api.v1alpha1.common.Outcome;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is next, and how the last runs went. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record MaintenanceScheduleStatus(
    @JsonPropertyDescription("The metadata.generation that this status was derived from.")
        @Nullable Long observedGeneration,
    @Size(max = 8)
        @JsonPropertyDescription(
            "Ready: the schedule is accepted and installed. Conflicting: two tasks want one host at"
                + " the same time; they will wait for each other. LastRunSucceeded: how the last"
                + " run of any task ended. Reconciling and Stalled as kstatus reads them.")
        List<Condition> conditions,
    @JsonPropertyDescription("All tasks in figures.") @Nullable Summary summary,
    @Size(max = 10) @JsonPropertyDescription("The next ten runs, over all tasks.")
        List<NextRun> nextRuns,
    @Size(max = 50) @JsonPropertyDescription("Each task, by name.") List<TaskState> tasks,
    @Size(max = 256)
        @JsonPropertyDescription("The value of the annotation drydock.dev/run last handled.")
        @Nullable String lastHandledRun,
    @Size(max = 256)
        @JsonPropertyDescription("The value of the annotation drydock.dev/approve last handled.")
        @Nullable String lastHandledApproval,
    @Size(max = 256)
        @JsonPropertyDescription("The value of the annotation drydock.dev/done last handled.")
        @Nullable String lastHandledDone) {

  public MaintenanceScheduleStatus {
    conditions = conditions == null ? List.of() : List.copyOf(conditions);
    nextRuns = nextRuns == null ? List.of() : List.copyOf(nextRuns);
    tasks = tasks == null ? List.of() : List.copyOf(tasks);
  }

  /** All tasks in figures. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Summary(
      @JsonPropertyDescription("How many tasks there are.") int tasks,
      @JsonPropertyDescription("The task that is due next.") @Nullable String next,
      @JsonPropertyDescription("When it is due.") @Nullable String nextRun,
      @JsonPropertyDescription("The task that ran last.") @Nullable String last,
      @JsonPropertyDescription("How that run ended; Running while it does.")
          @Nullable String outcome) {}

  /** A run to come. */
  public record NextRun(
      @Required @JsonPropertyDescription("The task's name.") String task,
      @Required @JsonPropertyDescription("When it is due.") String time) {}

  /** One task. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record TaskState(
      @Required @JsonPropertyDescription("The task's name.") String name,
      @JsonPropertyDescription("Name of the CronJob that starts it.") @Nullable String cronJob,
      @JsonPropertyDescription("When it is due next.") @Nullable String nextRun,
      @JsonPropertyDescription("When the last run that succeeded ended.")
          @Nullable String lastSuccess,
      @JsonPropertyDescription("The last run, or the one that runs now.") @Nullable Run lastRun,
      @Size(max = 10)
          @JsonPropertyDescription("Dates of runs that a person has approved, as in 2027-01-09.")
          List<String> approvedFor,
      @Size(max = 20)
          @JsonPropertyDescription(
              "What was announced already, as date and time before it: 2027-01-09/28d.")
          List<String> announced,
      @JsonPropertyDescription("The checklist that is open, or was open last.")
          @Nullable ChecklistState checklist) {

    public TaskState {
      approvedFor = approvedFor == null ? List.of() : List.copyOf(approvedFor);
      announced = announced == null ? List.of() : List.copyOf(announced);
    }
  }

  /** One run of a task. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Run(
      @JsonPropertyDescription("When it was due; absent where a person started it.")
          @Nullable String scheduled,
      @JsonPropertyDescription("Name of the Job, whose pod has the log.") @Nullable String job,
      @JsonPropertyDescription("When it started.") @Nullable String started,
      @JsonPropertyDescription("When it ended; absent while it runs.") @Nullable String finished,
      @JsonPropertyDescription(
              "Succeeded; Failed; Missed: it could not start in time; CutOff: too little was left of"
                  + " the window; Frozen: it was due in a freeze; Blocked: something else has to"
                  + " happen first; Skipped: it was not due after all. Absent while it runs.")
          @Nullable Outcome outcome,
      @JsonPropertyDescription("What happened, in a sentence that says what to do.")
          @Nullable String message,
      @Size(max = 500) @JsonPropertyDescription("How it went on each host, by name.")
          List<HostOutcome> hosts) {

    public Run {
      hosts = hosts == null ? List.of() : List.copyOf(hosts);
    }
  }

  /** How a run went on one host. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record HostOutcome(
      @Required @JsonPropertyDescription("The Host's name.") String name,
      @JsonPropertyDescription("How it ended there; absent while it runs.")
          @Nullable Outcome outcome,
      @JsonPropertyDescription("What happened there.") @Nullable String message) {}

  /** A list for people. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record ChecklistState(
      @Required @JsonPropertyDescription("When it was opened.") String opened,
      @Required @JsonPropertyDescription("When it has to be done.") String due,
      @JsonPropertyDescription("When a person said that it is done.") @Nullable String done,
      @JsonPropertyDescription("True: it is past due and not done.") @Nullable Boolean overdue) {}
}
