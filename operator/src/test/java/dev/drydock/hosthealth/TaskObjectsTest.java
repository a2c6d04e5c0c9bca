package dev.drydock.hosthealth;

import static dev.drydock.hosthealth.Fixtures.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ManagedFieldsEntryBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.CronJobBuilder;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class TaskObjectsTest {

  @Test
  void keepsAnAssignmentForAJobThatWasMadeJustBeforeItWasReplaced() {
    // The assignment is as old as the CronJob; it was replaced at noon.
    CronJob cronJob =
        new CronJobBuilder()
            .withNewMetadata()
            .withCreationTimestamp(NOON.minus(Duration.ofDays(7)).toString())
            .withManagedFields(
                entry("drydock", NOON), entry("kube-controller-manager", NOON.plusSeconds(3600)))
            .endMetadata()
            .build();
    assertThat(TaskObjects.isPastItsJobs(cronJob, NOON.plusSeconds(1))).isFalse();
    assertThat(TaskObjects.isPastItsJobs(cronJob, NOON.plusSeconds(900))).isFalse();
    assertThat(TaskObjects.isPastItsJobs(cronJob, NOON.plusSeconds(901))).isTrue();
  }

  private static io.fabric8.kubernetes.api.model.ManagedFieldsEntry entry(
      String manager, Instant time) {
    return new ManagedFieldsEntryBuilder().withManager(manager).withTime(time.toString()).build();
  }
}
