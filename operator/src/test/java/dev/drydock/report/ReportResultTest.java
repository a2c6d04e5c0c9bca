package dev.drydock.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.kernel.TerminationMessage;
import dev.drydock.probe.Figure;
import dev.drydock.probe.Finding;
import dev.drydock.probe.Looker;
import dev.drydock.probe.Metric;
import dev.drydock.report.ReportResult.CheckResult;
import dev.drydock.report.ReportResult.HostResult;
import dev.drydock.report.ReportResult.State;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReportResultTest {
  private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");

  private static final List<State> STATES = List.of(State.values());

  @Test
  void hasTheValueOfEachCheck() {
    ReportResult read =
        roundTrip(
            ReportResult.of(
                NOON,
                List.of(
                    HostResult.of("p", "b", new Looker.Unseen("no route")),
                    HostResult.of(
                        "p",
                        "a",
                        new Looker.Seen(
                            Map.of(
                                "disk", new Finding.Bad("91 %", "disk / is used to 91 %"),
                                "load", new Finding.Fine("0.10 on 2 CPUs"),
                                "db", new Finding.Unknown("no password"),
                                "memory", new Finding.Impossible("too small"),
                                "http", new Finding.Planned("restart: no answer")),
                            "load 0.10",
                            "maintenance ops/x/restart",
                            List.of(
                                Figure.ofHost(Metric.SWAP_TOTAL, 1000),
                                Figure.ofHost(Metric.SWAP_FREE, 250),
                                Figure.ofHost(Metric.LOAD5, 0.1)))))));
    assertThat(read.hosts()).extracting(HostResult::name).containsExactly("a", "b");
    assertThat(read.hosts().getLast().unseen()).isEqualTo("no route");
    HostResult host = read.hosts().getFirst();
    assertThat(host.checks())
        .containsEntry("disk", new CheckResult(State.Bad, "91 %", "disk / is used to 91 %"))
        .containsEntry("load", new CheckResult(State.Fine, "0.10 on 2 CPUs", ""))
        .containsEntry("db", new CheckResult(State.Unknown, "", "no password"))
        .containsEntry("memory", new CheckResult(State.Impossible, "", "too small"))
        .containsEntry("http", new CheckResult(State.Planned, "", "restart: no answer"));
    assertThat(host.figures()).isEqualTo(Map.of("swap used", 75.0, "load over 5m", 0.1));
    assertThat(host.work()).isEqualTo("maintenance ops/x/restart");
    assertThat(read.cut()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 20, 60, 200, 500})
  void fitsAndNamesOrCountsEveryHost(int count) {
    var random = new Random(count);
    for (int length : new int[] {4, 63}) {
      var hosts = new ArrayList<HostResult>();
      for (int i = 0; i < count; i++) {
        hosts.add(host(String.format("%03d", i) + "n".repeat(length - 3), random));
      }
      ReportResult whole = ReportResult.of(NOON, hosts);
      assertThat(whole.encode().length()).isLessThanOrEqualTo(TerminationMessage.ROOM);
      ReportResult read = roundTrip(whole);
      assertThat(read.hosts()).as("%d hosts", count).isNotEmpty();
      assertThat(read.hosts().size() + read.cut().size() + read.more()).isEqualTo(count);
      assertThat(read.hosts()).allMatch(host -> host.checks().size() == 10);
      if (read.hosts().size() < count) {
        assertThat(read.cut().size() + read.more()).isPositive();
      }
      assertThat(states(read.hosts().getFirst())).isEqualTo(states(hosts.getFirst()));
    }
  }

  private static Map<String, State> states(HostResult host) {
    var states = new TreeMap<String, State>();
    host.checks().forEach((check, result) -> states.put(check, result.state()));
    return states;
  }

  private static HostResult host(String name, Random random) {
    var checks = new TreeMap<String, CheckResult>();
    for (int i = 0; i < 10; i++) {
      State state = STATES.get(random.nextInt(STATES.size()));
      var noise = new StringBuilder();
      random.ints(random.nextInt(1, 200), 32, 0x2FF).forEach(noise::appendCodePoint);
      checks.put("check-" + i, new CheckResult(state, random.nextInt(100) + " %", "" + noise));
    }
    return new HostResult(
        "policy", name, null, "", "load " + random.nextDouble(), checks, Map.of("x", 1.0));
  }

  @Test
  void aRunThatWasNotDueIsToldFromOneThatFoundNothing() {
    assertThat(roundTrip(ReportResult.notDue(NOON)).skipped()).isTrue();
    assertThat(roundTrip(ReportResult.of(NOON, List.of())).skipped()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "{}",
        "AAAA",
        "eJw",
        "Killed",
        "java.lang.OutOfMemoryError: heap",
        "é"
      })
  void isNothingWhereAPodLeftSomethingElse(String text) {
    assertThat(ReportResult.decode(text)).isEmpty();
  }

  @Test
  void isNothingWhereItWasCutOffOrFlipped() {
    String text = ReportResult.of(NOON, List.of(host("a", new Random(1)))).encode();
    var random = new Random(7);
    for (int i = 0; i < 200; i++) {
      int at = random.nextInt(1, text.length());
      assertThat(ReportResult.decode(text.substring(0, at))).isEmpty();
      char[] flipped = text.toCharArray();
      flipped[at] = flipped[at] == 'A' ? 'B' : 'A';
      // Adler-32 finds it, or it is no JSON; that it does not throw is what counts.
      assertThat(ReportResult.decode(new String(flipped))).isNotNull();
    }
  }

  private static ReportResult roundTrip(ReportResult result) {
    return ReportResult.decode(result.encode()).orElseThrow();
  }
}
