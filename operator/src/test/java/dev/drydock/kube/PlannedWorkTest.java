package dev.drydock.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.kernel.Work;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Of the two hosts of one Job, what is believed while it works on the first one. */
class PlannedWorkTest {
  private static final Instant START = Instant.parse("2026-11-25T02:00:00Z");
  private static final Work UPDATES = new Work("maintenance ops/x/updates", List.of(Work.HOST));
  private static final String JOB = "MaintenanceSchedule/ops/x/updates";

  private final PlannedWork works = new PlannedWork();

  @BeforeEach
  void letStart() {
    expect();
  }

  private void expect() {
    for (String host : List.of("first", "last")) {
      works.expect("ops", host, JOB, UPDATES, Duration.ofMinutes(15));
    }
  }

  private boolean looked(String host, String holder, double minute) {
    works.seen("ops", host, holder, at(minute));
    return works.on("ops", host, at(minute)).isPresent();
  }

  private boolean missed(String host, double minute) {
    works.unseen("ops", host, at(minute));
    return works.on("ops", host, at(minute)).isPresent();
  }

  private static Instant at(double minute) {
    return START.plusSeconds(Math.round(minute * 60));
  }

  @Test
  void excusesNothingOnAHostThatDoesNotNameItsWork() {
    assertThat(works.on("ops", "last", at(0))).isEmpty();
    assertThat(looked("first", UPDATES.holder(), 1)).isTrue();
    assertThat(looked("last", "", 1)).isFalse();
    assertThat(looked("last", "maintenance ops/other/vacuum", 2)).isFalse();
  }

  @Test
  void believesAHostThatWasAtWorkWhileItIsRebooted() {
    looked("first", UPDATES.holder(), 20);
    assertThat(missed("first", 21)).isTrue();
    assertThat(missed("first", 34)).isTrue();
    assertThat(looked("first", "", 34.5)).as("its services may still be starting").isTrue();
    assertThat(missed("first", 35)).as("longer than a reboot may take").isFalse();
    assertThat(missed("first", 100)).as("nor ever again").isFalse();
    assertThat(looked("first", UPDATES.holder(), 101)).as("until it is seen at work").isTrue();
  }

  @Test
  void givesAHostThatIsUpAgainTimeToStartItsServices() {
    looked("first", UPDATES.holder(), 20);
    missed("first", 21);
    missed("first", 23);
    assertThat(looked("first", "", 24)).isTrue();
    assertThat(looked("first", "", 27.9)).isTrue();
    assertThat(looked("first", "", 28)).isFalse();
  }

  /** A quick update: begun after one look, and rebooting at the next. */
  @ParameterizedTest
  @CsvSource({"6, true", "9.9, true", "10, false", "60, false"})
  void believesOnceForAShortTimeThatAHostWasTakenBetweenTwoLooks(double minute, boolean believed) {
    looked("first", "", 4);
    assertThat(missed("first", 5)).isTrue();
    assertThat(missed("first", minute)).isEqualTo(believed);
    looked("first", "", 61);
    assertThat(missed("first", 62)).as("once").isFalse();
  }

  @Test
  void isToldByTheNewestLookWhateverAnOlderOneSays() {
    looked("first", UPDATES.holder(), 20);
    missed("first", 22);
    assertThat(looked("first", "", 10)).as("that was before the work").isFalse();
    expect();
    assertThat(works.on("ops", "first", at(22))).as("said again").contains(UPDATES);
  }

  @Test
  void knowsForCertainWhatThisOperatorDoesItself() {
    var remedy = new Work("remedy ops/fleet/api", List.of());
    works.begin("ops", "last", "HostHealthPolicy/ops/fleet/api", remedy);
    looked("last", "", 1);
    assertThat(works.on("ops", "last", at(200))).contains(remedy);
    works.end("ops", "last", "HostHealthPolicy/ops/fleet/api");
    assertThat(works.on("ops", "last", at(200))).isEmpty();
    looked("first", UPDATES.holder(), 20);
    works.end("ops", "first", JOB);
    assertThat(missed("first", 21)).as("the Job has ended").isFalse();
  }
}
