package dev.drydock.api.v1alpha1.backup;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.drydock.api.v1alpha1.common.Condition;
import dev.drydock.api.v1alpha1.common.Outcome;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is saved, how old it is, and whether that was proven. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record BackupJobStatus(
    @JsonPropertyDescription("The metadata.generation that this status was derived from.")
        @Nullable Long observedGeneration,
    @Size(max = 8)
        @JsonPropertyDescription(
            "Ready: the job is accepted and installed. Fresh: the newest restorable backup is not"
                + " older than maxAge. LastRunSucceeded: the last backup did. Reconciling and"
                + " Stalled as kstatus reads them.")
        List<Condition> conditions,
    @JsonPropertyDescription("What is saved, in a word, for example sqlite on ethbig.")
        @Nullable String source,
    @JsonPropertyDescription("When the next backup is due.") @Nullable String nextRun,
    @JsonPropertyDescription("The last try to make a backup, or the one that runs now.")
        @Nullable Run lastRun,
    @JsonPropertyDescription("The last backup that was made.") @Nullable Backup lastBackup,
    @JsonPropertyDescription(
            "When the newest backup that can be restored was made, as the repository says.")
        @Nullable String newestRestorable,
    @JsonPropertyDescription("How many backups the repository holds.") @Nullable Integer snapshots,
    @JsonPropertyDescription("The last integrity check.") @Nullable Proof lastCheck,
    @JsonPropertyDescription("The last restore drill.") @Nullable Proof lastDrill,
    @JsonPropertyDescription(
            "The command that restores the newest backup into a place that must be empty.")
        @Nullable String restoreCommand,
    @JsonPropertyDescription("Names of the CronJobs that do the work.") @Nullable CronJobs cronJobs,
    @Size(max = 256)
        @JsonPropertyDescription("The value of the annotation drydock.dev/run last handled.")
        @Nullable String lastHandledRun) {

  public BackupJobStatus {
    conditions = conditions == null ? List.of() : List.copyOf(conditions);
  }

  /** One try to make a backup. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Run(
      @JsonPropertyDescription("When it was due; absent where a person started it.")
          @Nullable String scheduled,
      @JsonPropertyDescription("Name of the Job, whose pod has the log.") @Nullable String job,
      @JsonPropertyDescription("When it started.") @Nullable String started,
      @JsonPropertyDescription("When it ended; absent while it runs.") @Nullable String finished,
      @JsonPropertyDescription("How it ended; absent while it runs.") @Nullable Outcome outcome,
      @JsonPropertyDescription("What happened, in a sentence that says what to do.")
          @Nullable String message) {}

  /** A backup. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Backup(
      @Required @JsonPropertyDescription("When it was made.") String time,
      @Required @JsonPropertyDescription("Its id in the restic repository.") String snapshot,
      @JsonPropertyDescription("How many bytes it holds.") @Nullable Long bytes,
      @JsonPropertyDescription("The same for people, for example 1.2Gi.") @Nullable String size,
      @JsonPropertyDescription("How long it took, for example 42s.") @Nullable String duration) {}

  /** How a check or a drill ended. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Proof(
      @Required @JsonPropertyDescription("When it ended.") String time,
      @Required @JsonPropertyDescription("How it ended.") Outcome outcome,
      @JsonPropertyDescription("Id of the backup that was restored.") @Nullable String snapshot,
      @JsonPropertyDescription("How long it took, for example 42s.") @Nullable String duration,
      @JsonPropertyDescription("What was found, in a sentence that says what to do.")
          @Nullable String message) {}

  /** CronJobs. */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record CronJobs(
      @JsonPropertyDescription("Makes the backups.") @Nullable String backup,
      @JsonPropertyDescription("Checks the repository.") @Nullable String integrityCheck,
      @JsonPropertyDescription("Restores into scratch.") @Nullable String restoreDrill) {}
}
