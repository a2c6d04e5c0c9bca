package dev.drydock.work;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.common.Outcome;
import dev.drydock.work.WorkResult.HostResult;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
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

  @Test
  void comesBackAsItWas() {
    WorkResult result = of(3, "apt-get ended with 100");
    assertThat(WorkResult.fromJson(result.toJson())).contains(result);
    var unfinished = new WorkResult(NOON, Outcome.CutOff, "no time left", List.of(), true);
    assertThat(WorkResult.fromJson(unfinished.toJson())).contains(unfinished);
  }

  @Test
  void fitsIntoATerminationMessage() {
    for (int hosts : List.of(0, 10, 50, 500)) {
      String json = of(hosts, "ü".repeat(400)).toJson();
      assertThat(json.getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(4096);
      WorkResult read = WorkResult.fromJson(json).orElseThrow();
      assertThat(read.hosts().size() + read.cut()).isEqualTo(hosts);
    }
  }

  @Test
  void whatIsLostIsToldHoweverLittleRoomThereIs() {
    List<HostResult> hosts =
        Stream.concat(
                of(300, "ü".repeat(400)).hosts().stream(),
                Stream.of(new HostResult("gone", Outcome.Failed, "ü".repeat(400), true)))
            .toList();
    String json = new WorkResult(NOON, Outcome.Failed, "much failed", hosts).toJson();
    WorkResult read = WorkResult.fromJson(json).orElseThrow();
    assertThat(read.cut()).isPositive();
    assertThat(read.hosts().stream().filter(HostResult::lost))
        .extracting(HostResult::name)
        .containsExactly("gone");
  }

  @Test
  void isNothingElse() {
    assertThat(WorkResult.fromJson("")).isEmpty();
    assertThat(WorkResult.fromJson("{}")).isEmpty();
    assertThat(WorkResult.fromJson("Killed")).isEmpty();
  }
}
