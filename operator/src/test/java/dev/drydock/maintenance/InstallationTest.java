package dev.drydock.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.batch.v1.CronJobBuilder;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class InstallationTest {
  private static final Instant AT = Instant.parse("2026-11-26T03:00:00Z");
  private static final HasMetadata READ =
      new ConfigMapBuilder().withNewMetadata().withName("vacuum").endMetadata().build();

  private final Installation installation = new Installation(7, AT);

  @BeforeEach
  void make() {
    installation.add(cronJob(2));
    installation.add(READ);
  }

  @Test
  void standsWhileAllIsThereAsItWasMade() {
    assertThat(standsAfter(3600, cronJob(2), READ)).isTrue();
  }

  @Test
  void doesNotStandWhenItIsDerivedFromSomethingElse() {
    assertThat(installation.stands(8, Stream.of(cronJob(2), READ), AT)).isFalse();
  }

  @Test
  void waitsForTheInformerButNotForLong() {
    assertThat(standsAfter(59)).isTrue();
    assertThat(standsAfter(59, cronJob(1), READ)).isTrue();
    assertThat(standsAfter(60, cronJob(1), READ)).isFalse();
    assertThat(standsAfter(60, cronJob(2))).isFalse();
  }

  @Test
  void doesNotStandWhenSomebodyChangedOrDeletedIt() {
    assertThat(standsAfter(1, cronJob(3), READ)).isFalse();
    assertThat(standsAfter(1, cronJob(2), READ)).isTrue();
    assertThat(standsAfter(2, READ)).isFalse();
    assertThat(standsAfter(2, cronJob(1), READ)).isFalse();
    assertThat(standsAfter(2, cronJob(2))).isFalse();
  }

  @Test
  void doesNotStandWhenSomethingOfItWasRefused() {
    installation.incomplete();
    assertThat(standsAfter(1, cronJob(2), READ)).isFalse();
  }

  @Test
  void knowsAnObjectAsItWasMadeFromOneThatWasThereBefore() {
    assertThat(installation.isMade(cronJob(1))).isFalse();
    assertThat(installation.isMade(cronJob(2))).isTrue();
    assertThat(installation.isMade(cronJob(3))).isFalse();
    assertThat(installation.isMade(READ)).isTrue();
    assertThat(new Installation(7, AT).isMade(cronJob(2))).isFalse();
  }

  @Test
  void keepsWhatWasReplacedUntilNobodyReadsIt() {
    HasMetadata old =
        new ConfigMapBuilder().withNewMetadata().withName("cron").endMetadata().build();
    assertThat(installation.isOver(old, AT.plusSeconds(899))).isFalse();
    assertThat(installation.isOver(old, AT.plusSeconds(900))).isTrue();
    assertThat(installation.isOver(cronJob(9), AT.plusSeconds(900)))
        .as("the one of that name and another kind is not replaced")
        .isFalse();
    assertThat(installation.isOver(READ, AT.plusSeconds(9000))).isFalse();
  }

  private boolean standsAfter(long seconds, HasMetadata... present) {
    return installation.stands(7, Stream.of(present), AT.plusSeconds(seconds));
  }

  private static HasMetadata cronJob(long generation) {
    return new CronJobBuilder()
        .withNewMetadata()
        .withName("cron")
        .withGeneration(generation)
        .endMetadata()
        .build();
  }
}
