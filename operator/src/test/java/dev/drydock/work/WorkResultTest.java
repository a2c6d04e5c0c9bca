package dev.drydock.work;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.work.WorkResult.HostResult;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class WorkResultTest {
  private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

  private static WorkResult of(int hosts, String message) {
    return new WorkResult(
        NOON,
        Outcome.Failed,
        "2 of 3 hosts are done",
        IntStream.range(0, hosts)
            .mapToObj(i -> new HostResult("host-" + i, Outcome.Failed, message))
            .toList());
  }

  /** More than there is room for, however well they can be deflated. */
  private static List<HostResult> many() {
    var random = new Random(1);
    return IntStream.range(0, 900)
        .mapToObj(_ -> new HostResult(Long.toHexString(random.nextLong()), Outcome.Failed, "no"))
        .toList();
  }

  @Test
  void comesBackAsItWas() {
    WorkResult result = of(3, "apt-get ended with 100");
    assertThat(WorkResult.decode(result.encode())).contains(result);
    var unfinished = new WorkResult(NOON, Outcome.CutOff, "no time left", List.of(), true);
    assertThat(WorkResult.decode(unfinished.encode())).contains(unfinished);
  }

  @Test
  void fitsIntoATerminationMessage() {
    for (int hosts : List.of(0, 10, 50, 500)) {
      String json = of(hosts, "ü".repeat(400)).encode();
      assertThat(json.getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(4096);
      WorkResult read = WorkResult.decode(json).orElseThrow();
      assertThat(read.hosts().size() + read.cut()).isEqualTo(hosts);
    }
  }

  @Test
  void whoIsDoneIsToldOfAWholeFleet() {
    var hosts =
        IntStream.range(0, 300)
            .mapToObj(
                i ->
                    new HostResult(
                        "validator-" + i, Outcome.Succeeded, (i % 9) + " packages upgraded"))
            .toList();
    var result = new WorkResult(NOON, Outcome.CutOff, "no time left", hosts, true);
    WorkResult read = WorkResult.decode(result.encode()).orElseThrow();
    assertThat(read.cut()).as("the next run would begin them again").isZero();
    assertThat(read.hosts()).hasSize(300);
  }

  @Test
  void whatIsLostIsToldHoweverLittleRoomThereIs() {
    List<HostResult> hosts =
        Stream.concat(
                many().stream(),
                Stream.of(new HostResult("gone", Outcome.Failed, "ü".repeat(400), true)))
            .toList();
    String json = new WorkResult(NOON, Outcome.Failed, "much failed", hosts).encode();
    WorkResult read = WorkResult.decode(json).orElseThrow();
    assertThat(read.cut()).isPositive();
    assertThat(read.hosts().stream().filter(HostResult::lost))
        .extracting(HostResult::name)
        .containsExactly("gone");
  }

  @Test
  void isNothingElse() {
    assertThat(WorkResult.decode("")).isEmpty();
    assertThat(WorkResult.decode("{}")).isEmpty();
    assertThat(WorkResult.decode("Killed")).isEmpty();
  }
}
