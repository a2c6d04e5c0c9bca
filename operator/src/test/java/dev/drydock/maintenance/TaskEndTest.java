package dev.drydock.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.work.WorkResult;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TaskEndTest {
  private static final Instant NOW = Instant.parse("2026-11-25T02:10:00Z");

  @Test
  void saysThatAPodBeforeTheLastOneWasEnded() {
    assertThat(message(job("Complete", 0))).isEqualTo("nothing to upgrade");
    assertThat(message(job("Failed", 1))).isEqualTo("nothing to upgrade");
    String taken =
        "nothing to upgrade; an earlier pod of this run was ended amid its work, and this one took"
            + " it up";
    assertThat(message(job("Complete", 1))).isEqualTo(taken);
    assertThat(message(job("Failed", 2))).isEqualTo(taken);
  }

  @Test
  void knowsWhetherTheNextRunGoesOnWithOtherHosts() {
    assertThat(
            TaskEnd.ofWork(
                    new WorkResult(NOW, Outcome.Failed, "no time left", List.of(), true).toJson())
                .orElseThrow()
                .unfinished())
        .isTrue();
    assertThat(
            TaskEnd.ofWork(
                    new WorkResult(NOW, Outcome.Failed, "all were begun", List.of()).toJson())
                .orElseThrow()
                .unfinished())
        .isFalse();
  }

  private static String message(Job job) {
    var pod =
        new PodBuilder()
            .withNewMetadata()
            .withName("updates-1")
            .addToLabels("batch.kubernetes.io/job-name", "updates")
            .endMetadata()
            .withNewStatus()
            .addNewContainerStatus()
            .withNewState()
            .withNewTerminated()
            .withExitCode(0)
            .withFinishedAt(NOW.toString())
            .withMessage(
                new WorkResult(NOW, Outcome.Succeeded, "nothing to upgrade", List.of()).toJson())
            .endTerminated()
            .endState()
            .endContainerStatus()
            .endStatus()
            .build();
    return TaskEnd.of(TaskJob.of(job), false, TaskEnd::ofWork, "ops", List.of(pod), NOW)
        .orElseThrow()
        .message();
  }

  private static Job job(String end, int failedPods) {
    return new JobBuilder()
        .withNewMetadata()
        .withName("updates")
        .withCreationTimestamp(NOW.toString())
        .endMetadata()
        .withNewSpec()
        .endSpec()
        .withNewStatus()
        .withFailed(failedPods)
        .addNewCondition()
        .withType(end)
        .withStatus("True")
        .withLastTransitionTime(NOW.toString())
        .endCondition()
        .endStatus()
        .build();
  }
}
