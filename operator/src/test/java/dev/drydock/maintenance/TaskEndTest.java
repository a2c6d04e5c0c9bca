package dev.drydock.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.HostOutcome;
import dev.drydock.work.WorkResult;
import dev.drydock.work.WorkResult.HostResult;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.UncountedTerminatedPods;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TaskEndTest {
  private static final Instant NOW = Instant.parse("2026-11-25T02:10:00Z");

  @Test
  void isWhatThePodThatCameLastSays() {
    assertThat(message(job("Complete", 0))).isEqualTo("nothing to upgrade");
    assertThat(message(job("Complete", 1)))
        .as("whether it took up what the one before it had begun, it alone knows")
        .isEqualTo("nothing to upgrade");
  }

  @Test
  void saysWhichHostsAreLost() {
    var result =
        new WorkResult(
            NOW,
            Outcome.Failed,
            "failed: b",
            List.of(
                new HostResult("b", Outcome.Failed, "gone", true),
                new HostResult("a", Outcome.Succeeded, "all is well")));
    assertThat(TaskEnd.ofWork(result.encode()).orElseThrow().hosts())
        .containsExactly(
            new HostOutcome("a", Outcome.Succeeded, "all is well"),
            new HostOutcome("b", Outcome.Failed, "gone", true));
  }

  @Test
  void knowsWhetherTheNextRunGoesOnWithOtherHosts() {
    assertThat(
            TaskEnd.ofWork(
                    new WorkResult(NOW, Outcome.Failed, "no time left", List.of(), true).encode())
                .orElseThrow()
                .unfinished())
        .isTrue();
    assertThat(
            TaskEnd.ofWork(
                    new WorkResult(NOW, Outcome.Failed, "all were begun", List.of()).encode())
                .orElseThrow()
                .unfinished())
        .isFalse();
  }

  private static Pod pod(String status) {
    return new KubernetesSerialization()
        .unmarshal(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: updates-1, labels: {batch.kubernetes.io/job-name: updates}}
            status: %s
            """
                .formatted(status),
            Pod.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {phase: Pending, containerStatuses: [{state: {waiting: {reason: ErrImagePull, message: "no\\nimage"}}}]} | ErrImagePull: no image
          {phase: Pending, containerStatuses: [{state: {waiting: {reason: CreateContainerConfigError, message: 'secret "x" not found'}}}]} | CreateContainerConfigError: secret "x" not found
          {phase: Pending, conditions: [{type: PodScheduled, status: "False", reason: Unschedulable, message: 0/1 nodes}]} | Unschedulable: 0/1 nodes
          {phase: Pending, containerStatuses: [{state: {waiting: {reason: ContainerCreating}}}]} | ContainerCreating
          {phase: Pending} | no node has begun it yet
          {phase: Running, containerStatuses: [{state: {running: {startedAt: t}}}]} | -
          {phase: Pending, containerStatuses: [{state: {running: {startedAt: t}}}]} | -
          {phase: Failed, reason: Evicted} | -
          """)
  void knowsWhatAPodWaitsForThatHasNotBegun(String status, String expected) {
    Job job = job("Suspended", 0);
    Pod pod = pod(status);
    assertThat(TaskEnd.awaited(job, false, List.of(pod)).map(TaskEnd.Awaited::what).orElse("-"))
        .isEqualTo(expected);
    pod.getMetadata().setCreationTimestamp(NOW.toString());
    job.getStatus().setFailed(1);
    Pod before =
        pod("{phase: Failed, containerStatuses: [{state: {terminated: {exitCode: 137}}}]}");
    assertThat(TaskEnd.awaited(job, false, List.of(before, pod)))
        .isEqualTo(
            expected.equals("-")
                ? Optional.empty()
                : Optional.of(
                    new TaskEnd.Awaited(
                        "the next one, which goes on with that, has not begun since "
                            + NOW
                            + ": "
                            + expected
                            + ": mend that before the Job's activeDeadlineSeconds are over",
                        Optional.of(NOW))));
  }

  @Test
  void aNextPodThatIsNotMadeIsAwaitedFromTheEndOfTheOneBefore() {
    Job job = job("Suspended", 0);
    job.getStatus().setFailed(1);
    Pod before =
        pod(
            "{phase: Failed, containerStatuses: [{state: {terminated: {exitCode: 137, finishedAt:"
                + " \"2026-11-24T10:00:00Z\"}}}]}");
    assertThat(TaskEnd.awaited(job, false, List.of(before)).orElseThrow())
        .satisfies(
            awaited -> {
              assertThat(awaited.again()).contains(Instant.parse("2026-11-24T10:00:00Z"));
              assertThat(awaited.what()).contains("the cluster has made none", "job/updates");
            });
    before.getStatus().setPhase("Succeeded");
    assertThat(TaskEnd.awaited(job, false, List.of(before)))
        .as("it is about to be counted")
        .isEmpty();
  }

  @Test
  void aPodOnANodeThatIsDownIsAwaitedWhateverItsJobComesTo() {
    Job job = job("FailureTarget", 0);
    Pod pod = pod("{phase: Running, containerStatuses: [{state: {running: {startedAt: t}}}]}");
    pod.setSpec(new PodSpecBuilder().withNodeName("worker-1").build());
    assertThat(TaskEnd.awaited(job, false, List.of(pod))).as("at work").isEmpty();
    pod.getMetadata().setDeletionTimestamp(NOW.toString());
    for (int failed : new int[] {0, 1}) {
      job.getStatus().setFailed(failed);
      assertThat(TaskEnd.awaited(job, false, List.of(pod)).orElseThrow())
          .satisfies(
              awaited -> {
                assertThat(awaited.again()).contains(NOW);
                assertThat(awaited.what()).contains("kubectl delete node worker-1");
              });
    }
    assertThat(TaskJob.of(job).phase()).isEqualTo(TaskJob.Phase.Running);
  }

  @Test
  void aPodThatIsNotShownMayBeAtWork() {
    Job job = job("Suspended", 0);
    assertThat(TaskEnd.awaited(job, false, List.of()).orElseThrow().what())
        .contains("describe job/updates");
    job.getStatus().setActive(1);
    assertThat(TaskEnd.awaited(job, false, List.of())).isEmpty();
    job.getStatus().setActive(null);
    job.getStatus().setReady(1);
    assertThat(TaskEnd.awaited(job, false, List.of())).isEmpty();
    job.getStatus().setReady(null);
    job.getStatus()
        .setUncountedTerminatedPods(new UncountedTerminatedPods(List.of("uid"), List.of()));
    assertThat(TaskEnd.awaited(job, false, List.of())).isEmpty();
  }

  @Test
  void hostsThatAPodHadNoRoomForAreCounted() {
    var word = new WorkResult(NOW.toString(), Outcome.Failed, "much failed", List.of(), 12, false);
    assertThat(TaskEnd.ofWork(word.toJson()).orElseThrow().message())
        .isEqualTo("much failed; its log alone has how it went on others: 12");
  }

  @Test
  void hostsThatStatusHasNoRoomForAreCountedToo() {
    List<HostResult> hosts =
        IntStream.range(0, 600)
            .mapToObj(i -> new HostResult("host-" + i, Outcome.Failed, "x".repeat(300)))
            .toList();
    var word = new WorkResult(NOW.toString(), Outcome.Failed, "all failed", hosts, 12, false);
    TaskEnd end = TaskEnd.ofWork(word.toJson()).orElseThrow();
    assertThat(end.message()).endsWith("; its log alone has how it went on others: 112");
    assertThat(end.hosts())
        .hasSize(500)
        .allSatisfy(host -> assertThat(host.message()).hasSizeLessThanOrEqualTo(40));
  }

  @Test
  void whatWasGivenUpSaysWhatItsPodWaitedFor() {
    Job job = job("FailureTarget", 1);
    job.getMetadata().setAnnotations(Map.of(TaskJob.GIVEN_UP, "ErrImagePull: no image"));
    assertThat(TaskJob.of(job).phase()).isEqualTo(TaskJob.Phase.Ended);
    TaskEnd end =
        TaskEnd.of(TaskJob.of(job), false, false, TaskEnd::ofWork, "ops", List.of(), NOW)
            .orElseThrow();
    assertThat(end.outcome()).isEqualTo(Outcome.Missed);
    assertThat(end.message())
        .isEqualTo(
            "it was let start, but no pod of it had begun until 2026-11-25T02:10:00Z: ErrImagePull:"
                + " no image; when that is mended, start it with the annotation drydock.dev/run");
    assertThat(end.unfinished()).as("hosts that were done stay done").isTrue();
    // It began just then: its own word counts.
    assertThat(message(job)).startsWith("nothing to upgrade");
  }

  @Test
  void aPodThatBeganAsItsJobWasGivenUpIsWaitedForAndNotForEver() {
    Job job = job("FailureTarget", 1);
    job.getMetadata().setAnnotations(Map.of(TaskJob.GIVEN_UP, "ErrImagePull: no image"));
    Pod atWork = pod("{phase: Running, containerStatuses: [{state: {running: {startedAt: t}}}]}");
    assertThat(end(job, atWork, NOW)).as("its word counts").isEmpty();
    assertThat(end(job, atWork, NOW.plusSeconds(59))).isEmpty();
    TaskEnd end = end(job, atWork, NOW.plusSeconds(60)).orElseThrow();
    assertThat(end.outcome()).isEqualTo(Outcome.Failed);
    assertThat(end.message()).startsWith("a pod of it began just when it was given up");
    // It never began, and was ended with its Job.
    Pod ended = pod("{phase: Failed, containerStatuses: [{state: {terminated: {exitCode: 137}}}]}");
    assertThat(end(job, ended, NOW).orElseThrow().outcome()).isEqualTo(Outcome.Missed);
  }

  @Test
  void aPodOfAGivenUpJobThatHasYetToGoMayStillBegin() {
    Job job = job("FailureTarget", 1);
    job.getMetadata().setAnnotations(Map.of(TaskJob.GIVEN_UP, "ErrImagePull: no image"));
    assertThat(end(job, pod("{phase: Pending}"), NOW)).isEmpty();
    assertThat(end(job, pod("{phase: Pending}"), NOW.plusSeconds(60)).orElseThrow().outcome())
        .isEqualTo(Outcome.Missed);
  }

  @Test
  void theLastPodIsTheOneThatWasMadeLastWhateverTheClocksOfTheNodesSay() {
    String ended =
        "{phase: Failed, containerStatuses: [{state: {terminated: {exitCode: 1, finishedAt:"
            + " '%s'}}}]}";
    Pod first = pod(ended.formatted("2026-11-25T04:00:00Z"));
    first.getMetadata().setCreationTimestamp("2026-11-25T02:00:00Z");
    Pod second = pod(ended.formatted("2026-11-25T03:00:00Z"));
    second.getMetadata().setCreationTimestamp("2026-11-25T03:10:00Z");
    second.getMetadata().setName("updates-2");
    assertThat(TaskEnd.last("updates", List.of(second, first)).orElseThrow().pod())
        .isEqualTo("updates-2");
  }

  @Test
  void aJobWhosePodWentIsNoMissedOne() {
    Job job = job("FailureTarget", 1);
    job.getMetadata().setAnnotations(Map.of(TaskJob.GIVEN_UP, PodGate.BARRED));
    TaskEnd end =
        TaskEnd.of(TaskJob.of(job), false, true, TaskEnd::ofWork, "ops", List.of(), NOW)
            .orElseThrow();
    assertThat(end.outcome()).isEqualTo(Outcome.Failed);
    assertThat(end.message()).startsWith("its pod went amid its work");
  }

  @Test
  void aJobThatTheClusterEndsBeforeAPodOfItWasLetBeginIsMissed() {
    Job job = job("Failed", 1);
    Instant sure = NOW.plusSeconds(10);
    TaskEnd missed =
        TaskEnd.of(TaskJob.of(job), true, false, TaskEnd::ofWork, "ops", List.of(), sure)
            .orElseThrow();
    assertThat(missed.outcome()).isEqualTo(Outcome.Missed);
    assertThat(missed.unfinished()).isTrue();
    TaskEnd failed =
        TaskEnd.of(TaskJob.of(job), true, true, TaskEnd::ofWork, "ops", List.of(), sure)
            .orElseThrow();
    assertThat(failed.outcome()).as("its pod is gone, and did something").isEqualTo(Outcome.Failed);
  }

  private static Optional<TaskEnd> end(Job job, Pod pod, Instant now) {
    return TaskEnd.of(TaskJob.of(job), false, false, TaskEnd::ofWork, "ops", List.of(pod), now);
  }

  @Test
  void aJobThatWasLetStartHasBegunWhateverItsStatusSays() {
    Job job =
        new JobBuilder(job("Suspended", 0))
            .editSpec()
            .withSuspend(true)
            .withNewTemplate()
            .withNewMetadata()
            .addToAnnotations("drydock.dev/slot", NOW.toString())
            .endMetadata()
            .endTemplate()
            .endSpec()
            .build();
    assertThat(TaskJob.of(job).phase()).isEqualTo(TaskJob.Phase.Waiting);
    assertThat(TaskJob.of(job).begun()).isTrue();
    job.getSpec().getTemplate().getMetadata().setAnnotations(Map.of());
    assertThat(TaskJob.of(job).begun()).isFalse();
    job.getStatus().setStartTime(NOW.toString());
    assertThat(TaskJob.of(job).begun()).isTrue();
  }

  @Test
  void aJobThatIsResumedHasNotStartedBeforeTheJobControllerSaysSo() {
    Job job = job("Suspended", 0);
    job.getStatus().setStartTime(NOW.minusSeconds(7200).toString());
    assertThat(TaskJob.of(job).phase()).isEqualTo(TaskJob.Phase.Running);
    assertThat(TaskJob.of(job).started()).as("that was before").isEmpty();
    job.getStatus().getConditions().getFirst().setStatus("False");
    job.getStatus().setStartTime(NOW.toString());
    assertThat(TaskJob.of(job).started()).contains(NOW);
  }

  @Test
  void theNextPodOfAJobThatIsResumedIsWaitedFor() {
    Job job = job("Suspended", 0);
    job.getStatus().setFailed(null);
    job.getStatus().setActive(null);
    job.getStatus().setStartTime(NOW.toString());
    assertThat(TaskEnd.awaited(job, true, List.of()).orElseThrow().again()).contains(NOW);
    assertThat(TaskEnd.awaited(job, false, List.of()).orElseThrow().again()).isEmpty();
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
                new WorkResult(NOW, Outcome.Succeeded, "nothing to upgrade", List.of()).encode())
            .endTerminated()
            .endState()
            .endContainerStatus()
            .endStatus()
            .build();
    return TaskEnd.of(TaskJob.of(job), false, true, TaskEnd::ofWork, "ops", List.of(pod), NOW)
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
