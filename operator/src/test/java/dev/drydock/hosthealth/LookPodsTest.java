package dev.drydock.hosthealth;

import static dev.drydock.hosthealth.Fixtures.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.probe.LookResult;
import dev.drydock.probe.Looker;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LookPodsTest {
  private static final String RESULT =
      LookResult.of(NOON, Map.of("a", new Looker.Unseen("gone"))).encode();

  @Test
  void takesTheNewestThatHasEnded() {
    assertThat(
            LookPods.newest(
                List.of(
                    pod("old", 0, NOON, RESULT),
                    pod("new", 0, NOON.plusSeconds(60), RESULT),
                    running())))
        .hasValueSatisfying(
            ended -> {
              assertThat(ended.pod()).isEqualTo("new");
              assertThat(ended.assignment()).isEqualTo("fleet-look-1");
              assertThat(ended.ended()).isEqualTo(NOON.plusSeconds(60));
              assertThat(ended.result()).hasValueSatisfying(r -> assertThat(r.hosts()).hasSize(1));
            });
  }

  @Test
  void knowsNothingOfAPodThatFailedWhateverItLeft() {
    assertThat(LookPods.newest(List.of(pod("p", 1, NOON, RESULT))))
        .hasValueSatisfying(ended -> assertThat(ended.result()).isEmpty());
    assertThat(LookPods.newest(List.of(pod("p", 0, NOON, "Exception in thread main"))))
        .hasValueSatisfying(ended -> assertThat(ended.result()).isEmpty());
    assertThat(LookPods.newest(List.of(pod("p", 0, NOON, null))))
        .hasValueSatisfying(ended -> assertThat(ended.result()).isEmpty());
  }

  @Test
  void passesOverRunsThatWereNotDue() {
    assertThat(
            LookPods.newest(
                List.of(
                    pod("due", 0, NOON, RESULT),
                    pod("not", 0, NOON.plusSeconds(60), LookResult.notDue(NOON).encode()))))
        .hasValueSatisfying(ended -> assertThat(ended.pod()).isEqualTo("due"));
  }

  @Test
  void isNothingWhereNoPodHasEnded() {
    assertThat(LookPods.newest(List.of())).isEmpty();
    assertThat(LookPods.newest(List.of(running(), new PodBuilder().build()))).isEmpty();
  }

  private static Pod running() {
    return new PodBuilder()
        .withNewMetadata()
        .withName("running")
        .endMetadata()
        .withNewStatus()
        .addNewContainerStatus()
        .withNewState()
        .withNewRunning()
        .endRunning()
        .endState()
        .endContainerStatus()
        .endStatus()
        .build();
  }

  private static Pod pod(String name, int exitCode, Instant ended, @Nullable String message) {
    return new PodBuilder()
        .withNewMetadata()
        .withName(name)
        .endMetadata()
        .withNewSpec()
        .addNewVolume()
        .withNewConfigMap()
        .withName("fleet-look-1")
        .endConfigMap()
        .endVolume()
        .endSpec()
        .withNewStatus()
        .addNewContainerStatus()
        .withNewState()
        .withNewTerminated()
        .withExitCode(exitCode)
        .withFinishedAt(ended.toString())
        .withMessage(message)
        .endTerminated()
        .endState()
        .endContainerStatus()
        .endStatus()
        .build();
  }
}
