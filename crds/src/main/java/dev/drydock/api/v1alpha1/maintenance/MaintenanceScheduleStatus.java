package dev.drydock.api.v1alpha1.maintenance;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Condition;
import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.common.Severity;
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
                + " the same time; they will wait for each other. LastRunSucceeded: the last run of"
                + " every task that has run succeeded. Notifying: every channel exists. Stalled as"
                + " kstatus reads it.")
        List<Condition> conditions,
    @JsonPropertyDescription("All tasks in figures.") @Nullable Summary summary,
    @Size(max = 10) @JsonPropertyDescription("The next ten runs, over all tasks.")
        List<NextRun> nextRuns,
    @Size(max = 100)
        @JsonPropertyDescription(
            "Each task, by name; also one that was taken out of the schedule, until what it began has"
                + " ended and been told.")
        List<TaskState> tasks,
    @Size(max = 256)
        @JsonPropertyDescription("The value of the annotation drydock.dev/run last handled.")
        @Nullable String lastHandledRun,
    @Size(max = 256)
        @JsonPropertyDescription("The value of the annotation drydock.dev/approve last handled.")
        @Nullable String lastHandledApproval,
    @Size(max = 256)
        @JsonPropertyDescription("The value of the annotation drydock.dev/done last handled.")
        @Nullable String lastHandledDone,
    @JsonPropertyDescription("How many values of the annotation drydock.dev/run were handled.")
        @Nullable Long handledRuns) {

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
      @JsonPropertyDescription(
              "How that run ended; until then Waiting, Running, or Open for a checklist.")
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
          @Nullable ChecklistState checklist,
      @JsonPropertyDescription("The schedule and the time zone that these times are of.")
          @Nullable String schedule,
      @JsonPropertyDescription(
              "What was due before it was dealt with: a run has started or ended, or it was nobody's,"
                  + " since the schedule was another one or suspended.")
          @Nullable String slot,
      @Size(max = 500)
          @JsonPropertyDescription(
              "Hosts that were done by runs whose time was over before they had begun all hosts; the"
                  + " next run goes on with the others.")
          List<String> done,
      @JsonPropertyDescription("What people were told to be wrong, until a run succeeds.")
          @Nullable Trouble trouble,
      @Size(max = 20) @JsonPropertyDescription("What is yet to be told.") List<Letter> letters) {

    public TaskState {
      done = done == null ? List.of() : List.copyOf(done);
      letters = letters == null ? List.of() : List.copyOf(letters);
      approvedFor = approvedFor == null ? List.of() : List.copyOf(approvedFor);
      announced = announced == null ? List.of() : List.copyOf(announced);
    }
  }

  /** What is wrong with a task. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Trouble(
      @Required @JsonPropertyDescription("When it was found.") String since,
      @Required @JsonPropertyDescription("How much it matters.") Severity severity,
      @Required @JsonPropertyDescription("What is wrong.") String message,
      @Size(max = 20) @JsonPropertyDescription("Channels that were told.") List<String> told) {

    public Trouble {
      told = told == null ? List.of() : List.copyOf(told);
    }
  }

  /** What a letter is about. */
  public enum Subject {
    Trouble,
    TroubleOver,
    News
  }

  /**
   * One message that is on its way. It is written down before it is sent, so that a restart of the
   * operator loses none.
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Letter(
      @Required
          @JsonPropertyDescription(
              "Trouble: something is wrong. TroubleOver: it is fine again. News: anything else.")
          Subject about,
      @Required @JsonPropertyDescription("When what it tells of began.") String since,
      @JsonPropertyDescription("When that was over.") @Nullable String ended,
      @Required @JsonPropertyDescription("How much it matters.") Severity severity,
      @Required @JsonPropertyDescription("What it says.") String text,
      @Size(max = 20) @JsonPropertyDescription("Channels that have not had it yet.")
          List<String> channels) {

    public Letter {
      channels = channels == null ? List.of() : List.copyOf(channels);
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
                  + " the window, or of activeDeadlineSeconds; Frozen: it was due in a freeze;"
                  + " Blocked: something else has to happen first; Skipped: it was not due after all,"
                  + " was suspended, was due while a run was at work, no Host had the labels, or its"
                  + " Job was deleted before it started. Absent while it runs.")
          @Nullable Outcome outcome,
      @JsonPropertyDescription("What happened, in a sentence that says what to do.")
          @Nullable String message,
      @Size(max = 500) @JsonPropertyDescription("How it went on each host, by name.")
          List<HostOutcome> hosts,
      @JsonPropertyDescription(
              "True: its time was over before it had begun all hosts; the next run goes on there.")
          @Nullable Boolean unfinished,
      @JsonPropertyDescription(
              "Name of the Job's pod that was let begin last. One is at a time, however many the"
                  + " cluster makes.")
          @Nullable String pod) {

    public Run {
      hosts = hosts == null ? List.of() : List.copyOf(hosts);
    }

    public Run(
        @Nullable String scheduled,
        @Nullable String job,
        @Nullable String started,
        @Nullable String finished,
        @Nullable Outcome outcome,
        @Nullable String message,
        List<HostOutcome> hosts) {
      this(scheduled, job, started, finished, outcome, message, hosts, null, null);
    }

    /** The same run, of which this pod was let begin. */
    public Run withPod(@Nullable String begun) {
      return new Run(scheduled, job, started, finished, outcome, message, hosts, unfinished, begun);
    }
  }

  /** How a run went on one host. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record HostOutcome(
      @Required @JsonPropertyDescription("The Host's name.") String name,
      @JsonPropertyDescription("How it ended there; absent while it runs.")
          @Nullable Outcome outcome,
      @JsonPropertyDescription("What happened there.") @Nullable String message,
      @JsonPropertyDescription(
              "True: it was rebooted and did not come back; whoever is told hears of it as"
                  + " Critical.")
          @Nullable Boolean lost) {

    public HostOutcome(String name, @Nullable Outcome outcome, @Nullable String message) {
      this(name, outcome, message, null);
    }
  }

  /** A list for people. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record ChecklistState(
      @Required @JsonPropertyDescription("When it was opened.") String opened,
      @Required @JsonPropertyDescription("When it has to be done.") String due,
      @JsonPropertyDescription("When a person said that it is done.") @Nullable String done,
      @JsonPropertyDescription("True: it is past due and not done.") @Nullable Boolean overdue) {}
}
