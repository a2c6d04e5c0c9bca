package dev.drydock.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.maintenance.MaintenanceScheduleStatus.Run;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSchedulingGate;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PodGateTest {
  private static final KubernetesSerialization YAML = new KubernetesSerialization();
  private static final Job ONCE = job(0, "{active: 1}");
  private static final Job TRIED_AGAIN = job(1, "{active: 1}");

  @Test
  void ofTwoPodsTheFirstBeginsAndTheOtherNever() {
    Pod first = gated("a", "2026-11-25T02:00:01Z");
    Pod second = gated("b", "2026-11-25T02:00:02Z");
    assertThat(next(null, ONCE, second, first)).isEqualTo("a first");
    assertThat(next(null, ONCE, second)).as("the other one is not seen yet").isEqualTo("b first");
    for (Job job : List.of(ONCE, TRIED_AGAIN)) {
      assertThat(next("a", job, first, second)).as("killed before it let it").isEqualTo("a first");
      assertThat(next("a", job, begun("a", "Pending"), second)).isEqualTo("none");
      assertThat(next("a", job, begun("a", "Running"), second)).isEqualTo("none");
      assertThat(next("a", job, second)).as("a is not seen any more").isEqualTo("none");
    }
    assertThat(next("a", ONCE, begun("a", "Failed"), second)).isEqualTo("none");
    assertThat(next("a", job(0, "{failed: 1}"), second)).isEqualTo("none");
  }

  @Test
  void aJobWhosePodIsGoneWaitsInVain() {
    Pod second = gated("b", "2026-11-25T02:00:02Z");
    Run lastRun = new Run(null, "updates", null, null, null, null, List.of()).withPod("a");
    assertThat(PodGate.isBarred(lastRun, ONCE, List.of(second))).isTrue();
    assertThat(PodGate.isBarred(lastRun, ONCE, List.of(begun("a", "Failed"), second))).isTrue();
    assertThat(PodGate.isBarred(lastRun, ONCE, List.of(begun("a", "Running"), second))).isFalse();
    assertThat(PodGate.isBarred(lastRun, ONCE, List.of(begun("a", "Succeeded"), second)))
        .as("its Job is about to say so")
        .isFalse();
    assertThat(PodGate.isBarred(lastRun, ONCE, List.of())).isFalse();
    assertThat(PodGate.isBarred(null, ONCE, List.of(second))).isFalse();
  }

  @Test
  void whatIsTriedAgainBeginsOnceTheOneBeforeHasEnded() {
    Pod second = gated("b", "2026-11-25T02:00:02Z");
    assertThat(next("a", TRIED_AGAIN, begun("a", "Failed"), second)).isEqualTo("b follows");
    assertThat(next("a", job(1, "{failed: 1}"), second)).isEqualTo("b follows");
    assertThat(next("a", job(1, "{uncountedTerminatedPods: {failed: [uid]}}"), second))
        .isEqualTo("b follows");
    assertThat(next("b", TRIED_AGAIN, begun("a", "Failed"), second))
        .as("killed before it let it")
        .isEqualTo("b follows");
    assertThat(next("a", TRIED_AGAIN, begun("a", "Succeeded"), second))
        .as("its Job is about to say that it is done")
        .isEqualTo("none");
    assertThat(next(null, job(1, "{failed: 1}"), second))
        .as("nobody knows whether the one before had begun")
        .isEqualTo("b follows");
  }

  @Test
  void anUpdateThatAPersonSuspendedAndResumedGoesOn() {
    Pod second = gated("b", "2026-11-25T02:30:02Z");
    Run begun =
        new Run(null, "updates", "2026-11-25T02:00:00Z", null, null, null, List.of()).withPod("a");
    Job same = job(1, "{active: 1, startTime: '2026-11-25T02:00:00Z'}");
    assertThat(PodGate.next(begun, same, List.of(second))).as("a may be at work still").isEmpty();
    Job resumed = job(1, "{active: 1, startTime: '2026-11-25T02:30:00Z'}");
    assertThat(PodGate.next(begun, resumed, List.of(second)))
        .hasValueSatisfying(begin -> assertThat(begin.follows()).isTrue());
    assertThat(PodGate.next(begun, resumed, List.of(begun("a", "Running"), second)))
        .as("it has yet to end")
        .isEmpty();
    Job once = job(0, "{active: 1, startTime: '2026-11-25T02:30:00Z'}");
    assertThat(PodGate.isBarred(begun, once, List.of(second))).isTrue();
    assertThat(PodGate.isBarred(begun, once, List.of())).as("whether there is one or not").isTrue();
    assertThat(PodGate.isBarred(begun, once, List.of(begun("a", "Running")))).isFalse();
    assertThat(PodGate.isBarred(begun, resumed, List.of())).as("it is waited for").isFalse();
    assertThat(PodGate.next(begun.withPod(null), once, List.of(second)))
        .as("none had begun")
        .hasValueSatisfying(begin -> assertThat(begin.follows()).isFalse());
  }

  @Test
  void podsThatWereMadeWithoutAGateHaveBegun() {
    assertThat(next(null, ONCE, begun("a", "Pending"))).isEqualTo("none");
    assertThat(next(null, ONCE, begun("a", "Pending"), gated("b", "2026-11-25T02:00:02Z")))
        .isEqualTo("none");
  }

  @Test
  void otherRunsAndPodsThatGoDoNotCount() {
    Pod first = gated("a", "2026-11-25T02:00:01Z");
    var another = new Run(null, "another", null, null, null, null, List.of()).withPod("a");
    assertThat(PodGate.next(another, ONCE, List.of(first)))
        .hasValueSatisfying(begin -> assertThat(begin.follows()).isFalse());
    first.getMetadata().setDeletionTimestamp("2026-11-25T02:00:03Z");
    assertThat(next(null, ONCE, first)).isEqualTo("none");
    Pod stranger = gated("c", "2026-11-25T02:00:01Z");
    stranger.getMetadata().getLabels().put("batch.kubernetes.io/job-name", "another");
    assertThat(next(null, ONCE, stranger)).isEqualTo("none");
  }

  @Test
  void theGatesOfOthersStay() {
    Pod pod = gated("a", "2026-11-25T02:00:01Z");
    pod.getSpec()
        .setSchedulingGates(
            List.of(
                new PodSchedulingGate("kueue.x-k8s.io/topology"),
                new PodSchedulingGate(PodGate.NAME)));
    assertThat(PodGate.next(null, ONCE, List.of(pod)).orElseThrow().left())
        .containsExactly(new PodSchedulingGate("kueue.x-k8s.io/topology"));
  }

  private static String next(@Nullable String begun, Job job, Pod... pods) {
    Run lastRun = new Run(null, "updates", null, null, null, null, List.of()).withPod(begun);
    return PodGate.next(begun == null ? null : lastRun, job, List.of(pods))
        .map(begin -> begin.pod() + (begin.follows() ? " follows" : " first"))
        .orElse("none");
  }

  private static Job job(int backoffLimit, String status) {
    return YAML.unmarshal(
        """
        apiVersion: batch/v1
        kind: Job
        metadata: {name: updates}
        spec: {backoffLimit: %d, template: {spec: {schedulingGates: [{name: drydock.dev/one-pod}]}}}
        status: %s
        """
            .formatted(backoffLimit, status),
        Job.class);
  }

  private static Pod gated(String name, String created) {
    return pod(name, created, "{schedulingGates: [{name: drydock.dev/one-pod}]}", "Pending");
  }

  private static Pod begun(String name, String phase) {
    return pod(name, "2026-11-25T02:00:01Z", "{}", phase);
  }

  private static Pod pod(String name, String created, String spec, String phase) {
    return YAML.unmarshal(
        """
        apiVersion: v1
        kind: Pod
        metadata:
          name: %s
          uid: uid-%s
          creationTimestamp: %s
          labels: {batch.kubernetes.io/job-name: updates}
        spec: %s
        status: {phase: %s}
        """
            .formatted(name, name, created, spec, phase),
        Pod.class);
  }
}
