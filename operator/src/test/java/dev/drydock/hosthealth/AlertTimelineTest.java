package dev.drydock.hosthealth;

import static dev.drydock.hosthealth.Fixtures.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.common.Severity;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.AlertState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.Phase;
import dev.drydock.hosthealth.AlertTimeline.Rule;
import dev.drydock.probe.Demand;
import dev.drydock.probe.Evaluation;
import dev.drydock.probe.Finding;
import dev.drydock.probe.HostLook;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AlertTimelineTest {
  private static final Finding BAD = new Finding.Bad("9", "load is 9");
  private static final Finding FINE = new Finding.Fine("1");
  private static final Finding UNKNOWN = new Finding.Unknown("no answer");
  private static final Finding PLANNED = new Finding.Planned("maintenance: load is 9");
  private static final Finding IMPOSSIBLE = new Finding.Impossible("never");

  /**
   * One letter a minute: b(ad), f(ine), u(nknown), i(mpossible), p(lanned); and what stands after
   * each: P, F, C, R, or - for nothing.
   */
  @ParameterizedTest(name = "for {0}, clearFor {1}: {2} becomes {3}")
  @CsvSource({
    "0m, 0m, bbff, FFRR",
    "2m, 0m, bbbb, PPFF",
    "2m, 0m, bbfb, PP-P",
    "2m, 0m, bubb, PPFF",
    "2m, 0m, buuf, PPP-",
    "3m, 0m, bbubb, PPPFF",
    "0m, 3m, bffff, FCCCR",
    "0m, 3m, bffbfff, FCCFCCC",
    "0m, 3m, bfuuf, FCCCR",
    "0m, 0m, buuuu, FFFFF",
    "0m, 0m, uuu, ---",
    "0m, 0m, fff, ---",
    "0m, 0m, bi, FR",
    "0m, 0m, iii, ---",
    "5m, 5m, bfbfbfbfbf, P-P-P-P-P-",
    "0m, 2m, bfbfbff, FCFCFCC",
    "0m, 0m, bfb, FRF",
    "2m, 2m, bbbfffbbbb, PPFCCRRRFF",
    "2m, 0m, bbbfbbfbbb, PPFRRRRRRF",
    "2m, 0m, bpb, PPF",
    "2m, 0m, bpppb, PPPPF",
    "2m, 0m, bpfb, PP-P",
    "2m, 0m, ppbbb, --PPF",
    "0m, 0m, bppf, FFFR",
    "0m, 3m, bfpff, FCCCR"
  })
  void goesFromMinuteToMinute(String pending, String clearing, String findings, String phases) {
    var rule = rule(minutes(pending), minutes(clearing));
    @Nullable AlertState alert = null;
    var seen = new StringBuilder();
    for (int minute = 0; minute < findings.length(); minute++) {
      Finding finding =
          switch (findings.charAt(minute)) {
            case 'b' -> BAD;
            case 'f' -> FINE;
            case 'i' -> IMPOSSIBLE;
            case 'p' -> PLANNED;
            default -> UNKNOWN;
          };
      // Through status, as over a restart: nothing else is remembered.
      alert = AlertTimeline.next(alert, rule, finding, at(minute), false).orElse(null);
      seen.append(alert == null ? "-" : alert.phase().name().substring(0, 1));
    }
    assertThat(seen).hasToString(phases);
  }

  @Test
  void keepsTheTimeOfTheFirstBadLookAndOfTheFirstFineOne() {
    var rule = rule(Duration.ofMinutes(2), Duration.ofMinutes(5));
    AlertState alert = next(null, rule, BAD, 0);
    alert = next(alert, rule, BAD, 1);
    alert = next(alert, rule, BAD, 2);
    assertThat(alert.since()).isEqualTo("2026-11-23T12:00:00Z");
    alert = next(alert, rule, FINE, 3);
    alert = next(alert, rule, FINE, 4);
    assertThat(alert.since()).isEqualTo("2026-11-23T12:00:00Z");
    assertThat(alert.fineSince()).isEqualTo("2026-11-23T12:03:00Z");
    alert = next(alert, rule, BAD, 5);
    assertThat(alert.since()).isEqualTo("2026-11-23T12:00:00Z");
    assertThat(alert.fineSince()).isNull();
  }

  @Test
  void startsAnewAfterItWasResolved() {
    var rule = rule(Duration.ZERO, Duration.ZERO);
    AlertState over =
        Fixtures.told(Fixtures.alert(Phase.Resolved, NOON, at(1)), List.of("ops"), List.of("ops"));
    AlertState anew = next(over, rule, BAD, 7);
    assertThat(anew.phase()).isEqualTo(Phase.Firing);
    assertThat(anew.since()).isEqualTo("2026-11-23T12:07:00Z");
    assertThat(anew.told()).isEmpty();
  }

  @Test
  void remembersWhoIsStillToHearOfTheEnd() {
    var rule = rule(Duration.ZERO, Duration.ZERO);
    AlertState over =
        Fixtures.told(
            Fixtures.alert(Phase.Resolved, NOON, at(1)), List.of("ops", "boss"), List.of("boss"));
    AlertState anew = next(over, rule, BAD, 2);
    assertThat(anew.told()).isEmpty();
    assertThat(anew.owed()).containsExactly("ops");
    assertThat(next(anew, rule, FINE, 3).owed()).containsExactly("ops");
    AlertState third =
        next(Fixtures.told(next(anew, rule, FINE, 3), List.of("boss"), List.of()), rule, BAD, 4);
    assertThat(third.owed()).containsExactly("ops", "boss");
  }

  @Test
  void staysOverUntilEverybodyHasHeardSo() {
    var rule = rule(Duration.ofMinutes(10), Duration.ZERO);
    AlertState over =
        Fixtures.told(Fixtures.alert(Phase.Resolved, NOON, at(1)), List.of("ops"), List.of());
    AlertState again = next(next(over, rule, BAD, 2), rule, BAD, 3);
    assertThat(again.phase()).isEqualTo(Phase.Resolved);
    assertThat(again.told()).containsExactly("ops");
    assertThat(again.fineSince()).isEqualTo(at(1).toString());
    assertThat(again.failingSince()).isEqualTo(at(2).toString());
    assertThat(next(again, rule, FINE, 4)).as("one bad look, and nothing is lost").isEqualTo(over);
    assertThat(AlertTimeline.interrupted(again)).hasValue(over);
    assertThat(AlertTimeline.dropped(again, at(4))).hasValue(over);
    assertThat(AlertTimeline.ended(over)).as("everybody has heard").isEmpty();
    AlertState pending = AlertTimeline.ended(again).orElseThrow();
    assertThat(pending.phase()).isEqualTo(Phase.Pending);
    assertThat(pending.since()).isEqualTo(at(2).toString());
    assertThat(pending.told()).isEmpty();
    assertThat(next(pending, rule, BAD, 12).phase()).isEqualTo(Phase.Firing);
    AlertState anew = next(again, rule, BAD, 12);
    assertThat(anew.phase()).as("and what lasts is told in its time").isEqualTo(Phase.Firing);
    assertThat(anew.since()).isEqualTo(at(2).toString());
    assertThat(anew.told()).isEmpty();
  }

  @Test
  void keepsWhoWasTold() {
    AlertState told =
        Fixtures.told(Fixtures.alert(Phase.Firing, NOON, null), List.of("ops"), List.of());
    var rule = rule(Duration.ZERO, Duration.ofMinutes(5));
    assertThat(next(told, rule, BAD, 1).told()).containsExactly("ops");
    assertThat(next(told, rule, FINE, 1).told()).containsExactly("ops");
    assertThat(next(next(told, rule, FINE, 1), rule, FINE, 9).told()).containsExactly("ops");
  }

  @Test
  void writesWanderingFiguresOnlyWhenItIsToRefresh() {
    var rule = rule(Duration.ZERO, Duration.ZERO);
    AlertState alert = next(null, rule, BAD, 0);
    var wandered = new Finding.Bad("9.5", "load is 9.5");
    assertThat(next(alert, rule, wandered, 1)).isEqualTo(alert);
    assertThat(AlertTimeline.next(alert, rule, wandered, at(1), true))
        .hasValueSatisfying(now -> assertThat(now.message()).isEqualTo("load is 9.5"));
    var other = new Finding.Bad("x", "another sentence");
    assertThat(next(alert, rule, other, 1).message()).isEqualTo("another sentence");
  }

  /** What a host prints of one unit, and of who works there. */
  private static Finding gateway(String state, String work) {
    var demand = new Demand.Units(List.of("gateway"), null);
    String printed =
        """
        @work 0
         %s
        @units 0
         Id=gateway.service
         LoadState=loaded
         ActiveState=%s
         SubState=dead
         Result=success
        """
            .formatted(work, state);
    return Evaluation.of(demand, HostLook.read(List.of(demand), printed));
  }

  @ParameterizedTest
  @ValueSource(strings = {"host", "unit gateway.service"})
  void plannedWorkOnWhatIsDownDoesNotEndItsAlert(String touched) {
    var rule = rule(Duration.ZERO, Duration.ZERO);
    AlertState alert = next(null, rule, gateway("inactive", "held 0"), 0);
    assertThat(alert.phase()).isEqualTo(Phase.Firing);
    String work = "held 1\n begin\t1\t1764000000\tmaintenance ops/x/updates\t" + touched;
    assertThat(next(alert, rule, gateway("inactive", work), 1)).isEqualTo(alert);
    assertThat(next(alert, rule, gateway("active", work), 1).phase()).isEqualTo(Phase.Resolved);
    assertThat(AlertTimeline.next(null, rule, gateway("inactive", work), at(1), false)).isEmpty();
  }

  @Test
  void endsWhatNobodyAsksForAnyMore() {
    assertThat(AlertTimeline.dropped(Fixtures.alert(Phase.Pending, NOON, null), at(1))).isEmpty();
    assertThat(AlertTimeline.dropped(Fixtures.alert(Phase.Firing, NOON, null), at(1)))
        .hasValue(Fixtures.alert(Phase.Resolved, NOON, at(1)));
    assertThat(AlertTimeline.dropped(Fixtures.alert(Phase.Clearing, NOON, at(1)), at(3)))
        .hasValue(Fixtures.alert(Phase.Resolved, NOON, at(1)));
    AlertState over = Fixtures.alert(Phase.Resolved, NOON, at(1));
    assertThat(AlertTimeline.dropped(over, at(3))).hasValue(over);
  }

  private static AlertState next(
      @Nullable AlertState before, Rule rule, Finding finding, int minute) {
    Optional<AlertState> next = AlertTimeline.next(before, rule, finding, at(minute), false);
    return next.orElseThrow();
  }

  private static Instant at(int minute) {
    return NOON.plus(Duration.ofMinutes(minute));
  }

  private static Duration minutes(String text) {
    return Duration.ofMinutes(Long.parseLong(text.replace("m", "")));
  }

  private static Rule rule(Duration pending, Duration clearing) {
    return new Rule("load", Severity.Warning, pending, clearing);
  }
}
