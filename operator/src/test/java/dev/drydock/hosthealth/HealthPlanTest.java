package dev.drydock.hosthealth;

import static dev.drydock.hosthealth.Fixtures.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.common.Severity;
import dev.drydock.api.v1alpha1.hosthealth.Check;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.AlertState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.CheckNote;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.HostState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.Phase;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.RemedyPhase;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.RemedyState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.State;
import dev.drydock.kernel.Work;
import dev.drydock.kube.Coverage;
import dev.drydock.kube.Coverage.Covered;
import dev.drydock.probe.Finding;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HealthPlanTest {
  private static final Check LOAD = Fixtures.check("load", Severity.Warning, "2m", "2m");
  private static final Check SPIKE = Fixtures.check("spike", Severity.Critical, "0s", "0s");
  private static final Finding FINE = new Finding.Fine("1");
  private static final Finding BAD = new Finding.Bad("9", "load is 9");

  private final HealthPlan plan =
      new HealthPlan(List.of(LOAD, SPIKE), Duration.ofMinutes(10), Fixtures.FLAPPING);

  @Test
  void isHealthyWhereEverythingIsFine() {
    HostState state = next(null, looked(0, Map.of("load", FINE, "spike", FINE)), 0);
    assertThat(state.state()).isEqualTo(State.Healthy);
    assertThat(state.alerts()).isEmpty();
  }

  @Test
  void isAsBadAsItsWorstAlertThatFires() {
    assertThat(next(null, looked(0, Map.of("load", BAD, "spike", FINE)), 0).state())
        .as("pending is not firing")
        .isEqualTo(State.Healthy);
    HostState pending = next(null, looked(0, Map.of("load", BAD, "spike", FINE)), 0);
    assertThat(next(pending, looked(2, Map.of("load", BAD, "spike", FINE)), 2).state())
        .isEqualTo(State.Degraded);
    assertThat(next(pending, looked(2, Map.of("load", BAD, "spike", BAD)), 2).state())
        .isEqualTo(State.Failing);
  }

  @Test
  void goesOnWithTheTimersThatItFindsInStatus() {
    HostState before = next(null, looked(0, Map.of("load", BAD, "spike", FINE)), 0);
    // The operator restarts here: all that is left is what was written.
    HostState read = Serialization.unmarshal(Serialization.asJson(before), HostState.class);
    assertThat(read).isEqualTo(before);
    var after = new HealthPlan(List.of(LOAD, SPIKE), Duration.ofMinutes(10), Fixtures.FLAPPING);
    HostState next =
        after
            .next("a", read, looked(2, Map.of("load", BAD, "spike", FINE)), null, at(2))
            .orElseThrow();
    assertThat(next.alerts())
        .singleElement()
        .satisfies(
            alert -> {
              assertThat(alert.phase()).isEqualTo(Phase.Firing);
              assertThat(alert.since()).isEqualTo(NOON.toString());
            });
  }

  @Test
  void neitherFiresNorResolvesWhatNobodyKnows() {
    HostState firing = next(null, looked(0, Map.of("load", FINE, "spike", BAD)), 0);
    Map<String, Finding> unknown = Map.of("load", FINE, "spike", new Finding.Unknown("df hung"));
    HostState state = next(firing, looked(60, unknown), 60);
    assertThat(alert(state, "spike")).isEqualTo(alert(firing, "spike"));
    assertThat(state.state()).isEqualTo(State.Failing);
    assertThat(state.unknown())
        .containsExactly(new CheckNote("spike", "df hung", at(60).toString()));
    HostState quiet = next(null, looked(0, unknown), 0);
    assertThat(quiet.alerts()).extracting(AlertState::check).containsExactly("unanswered");
    assertThat(alert(quiet, "unanswered").phase()).isEqualTo(Phase.Pending);
    assertThat(quiet.state()).isEqualTo(State.Unknown);
    assertThat(quiet.message()).isEqualTo("nobody knows of spike");
  }

  @Test
  void saysOnceThatALimitCanNeverBeMet() {
    HostState state =
        next(null, looked(0, Map.of("load", FINE, "spike", new Finding.Impossible("never"))), 0);
    assertThat(state.state()).isEqualTo(State.Healthy);
    assertThat(state.alerts()).isEmpty();
    assertThat(state.impossible()).containsExactly(new CheckNote("spike", "never", null));
  }

  @Test
  void raisesAnAlertOfItsOwnForAHostThatStaysOutOfSight() {
    HostState state = next(null, unseen(0), 0);
    assertThat(state.state()).isEqualTo(State.Unknown);
    assertThat(state.unknownSince()).isEqualTo(NOON.toString());
    assertThat(alert(state, "unreachable").phase()).isEqualTo(Phase.Pending);
    state = next(state, unseen(9), 9);
    assertThat(alert(state, "unreachable").phase()).isEqualTo(Phase.Pending);
    state = next(state, unseen(10), 10);
    assertThat(alert(state, "unreachable").phase()).isEqualTo(Phase.Firing);
    assertThat(alert(state, "unreachable").severity()).isEqualTo(Severity.Critical);
    assertThat(state.unknownSince()).isEqualTo(NOON.toString());
    state = next(state, looked(11, Map.of("load", FINE, "spike", FINE)), 11);
    assertThat(alert(state, "unreachable").phase()).isEqualTo(Phase.Resolved);
    assertThat(state.unknownSince()).isNull();
    assertThat(state.state()).isEqualTo(State.Healthy);
  }

  @Test
  void keepsTheAlertsOfAHostThatCanNotBeSeen() {
    HostState firing = next(null, looked(0, Map.of("load", BAD, "spike", BAD)), 0);
    HostState gone = next(firing, unseen(30), 30);
    assertThat(alert(gone, "spike")).isEqualTo(alert(firing, "spike"));
    assertThat(alert(gone, "load").phase()).isEqualTo(Phase.Pending);
    HostState suspended = next(firing, new Sighting.NotLookedAt("the Host is suspended"), 30);
    assertThat(suspended.alerts())
        .as("what fires goes on, a timer that nobody feeds does not")
        .containsExactly(alert(firing, "spike"));
    assertThat(suspended.state()).isEqualTo(State.Unknown);
    assertThat(suspended.message()).isEqualTo("the Host is suspended");
  }

  @Test
  void isFineWithoutABreakOnlyWhereSomebodySawIt() {
    Map<String, Finding> fine = Map.of("load", FINE, "spike", FINE);
    HostState firing = next(null, looked(0, Map.of("load", BAD, "spike", FINE)), 0);
    firing = next(firing, looked(2, Map.of("load", BAD, "spike", FINE)), 2);
    HostState clearing = next(firing, looked(3, fine), 3);
    assertThat(alert(clearing, "load").phase()).isEqualTo(Phase.Clearing);

    HostState blink = next(clearing, unseen(4), 4);
    assertThat(alert(next(blink, looked(5, fine), 5), "load").phase())
        .as("out of sight for less than it must last")
        .isEqualTo(Phase.Resolved);

    HostState back = next(next(clearing, unseen(4), 4), looked(20, fine), 20);
    assertThat(alert(back, "load").phase()).isEqualTo(Phase.Clearing);
    assertThat(alert(back, "load").fineSince()).isEqualTo(at(20).toString());
    assertThat(alert(next(back, looked(22, fine), 22), "load").phase()).isEqualTo(Phase.Resolved);

    Map<String, Finding> unknown = Map.of("load", new Finding.Unknown("df hung"), "spike", FINE);
    HostState dark = next(next(clearing, looked(4, unknown), 4), looked(19, unknown), 19);
    assertThat(dark.unknown().getFirst().since()).isEqualTo(at(4).toString());
    HostState lit = next(dark, looked(20, fine), 20);
    assertThat(alert(lit, "load").phase()).as("of one check").isEqualTo(Phase.Clearing);
    assertThat(alert(lit, "load").fineSince()).isEqualTo(at(20).toString());

    HostState suspended = next(clearing, new Sighting.NotLookedAt("suspended"), 4);
    assertThat(alert(next(suspended, looked(20, fine), 20), "load").fineSince())
        .isEqualTo(at(20).toString());
  }

  @Test
  void failsWithoutABreakOnlyWhereSomebodySawIt() {
    Map<String, Finding> bad = Map.of("load", BAD, "spike", FINE);
    Map<String, Finding> unknown = Map.of("load", new Finding.Unknown("df hung"), "spike", FINE);
    HostState pending = next(null, looked(0, bad), 0);
    HostState blink = next(pending, looked(1, unknown), 1);
    assertThat(alert(next(blink, looked(2, bad), 2), "load").phase()).isEqualTo(Phase.Firing);
    HostState dark = next(blink, looked(19, unknown), 19);
    HostState again = next(dark, looked(20, bad), 20);
    assertThat(alert(again, "load").phase()).isEqualTo(Phase.Pending);
    assertThat(alert(again, "load").since()).isEqualTo(at(20).toString());
  }

  @Test
  void oneLookThatSeesNothingIsNoBreakHoweverSeldomOneLooks() {
    Map<String, Finding> bad = Map.of("load", BAD);
    Map<String, Finding> unknown = Map.of("load", new Finding.Unknown("df hung"));
    for (String looks : List.of("interval: 10m", "schedule: \"*/10 * * * *\"")) {
      var seldom =
          new HealthPlan(
              List.of(LOAD),
              Duration.ofMinutes(30),
              Flapping.of(Fixtures.policy(looks + "\n").getSpec()));
      HostState pending = seldom.next("a", null, looked(0, bad), null, at(0)).orElseThrow();
      for (Sighting nothing : List.of(looked(10, unknown), unseen(10))) {
        HostState blink = seldom.next("a", pending, nothing, null, at(10)).orElseThrow();
        HostState seen = seldom.next("a", blink, looked(20, bad), null, at(20)).orElseThrow();
        assertThat(alert(seen, "load").phase()).as(looks).isEqualTo(Phase.Firing);
      }
      HostState dark = seldom.next("a", pending, looked(10, unknown), null, at(10)).orElseThrow();
      dark = seldom.next("a", dark, looked(20, unknown), null, at(20)).orElseThrow();
      HostState again = seldom.next("a", dark, looked(31, bad), null, at(31)).orElseThrow();
      assertThat(alert(again, "load").phase()).as("two").isEqualTo(Phase.Pending);
      assertThat(alert(again, "load").since()).isEqualTo(at(31).toString());
    }
  }

  @Test
  void isUnreachableWhereItsHostIsGoneOrForbidsToLook() {
    Map<String, Covered> covered = new TreeMap<>();
    covered.put("a", new Coverage.OutOfReach("there is no Host a in this namespace"));
    covered.put("off", new Coverage.LeftAlone("the Host is suspended"));
    Map<String, Sighting> seen =
        Map.of("a", looked(0, Map.of("load", FINE, "spike", FINE)), "off", unseen(0));
    assertThat(View.live(covered, seen, at(1)))
        .containsExactly(
            Map.entry("a", new Sighting.Unseen("there is no Host a in this namespace", at(1))),
            Map.entry("off", new Sighting.NotLookedAt("the Host is suspended")));
    HostState state = next(null, looked(0, Map.of("load", FINE, "spike", FINE)), 0);
    for (int minute = 1; minute <= 11; minute++) {
      state =
          next(
              state,
              View.live(covered, seen, at(minute)).getOrDefault("a", new Sighting.NothingNew()),
              minute);
    }
    assertThat(alert(state, "unreachable").phase()).isEqualTo(Phase.Firing);
    assertThat(alert(state, "unreachable").message())
        .isEqualTo("can't be looked at: there is no Host a in this namespace");
  }

  @Test
  void staysAsItIsWhileThereIsNothingNew() {
    HostState firing = next(null, looked(0, Map.of("load", FINE, "spike", BAD)), 0);
    assertThat(next(firing, new Sighting.NothingNew(), 5)).isSameAs(firing);
    assertThat(next(null, new Sighting.NothingNew(), 5).message()).isEqualTo("not looked at yet");
  }

  @Test
  void resolvesTheAlertsOfACheckThatIsDropped() {
    HostState firing = next(null, looked(0, Map.of("load", BAD, "spike", BAD)), 0);
    var without = new HealthPlan(List.of(LOAD), Duration.ofMinutes(10), Fixtures.FLAPPING);
    HostState next =
        without.next("a", firing, looked(1, Map.of("load", BAD)), null, at(1)).orElseThrow();
    assertThat(alert(next, "spike").phase()).isEqualTo(Phase.Resolved);
    assertThat(alert(next, "load").phase()).isEqualTo(Phase.Pending);
  }

  @Test
  void hasRoomInStatusHoweverOftenAllChecksAreRenamed() {
    HostState state = next(null, looked(0, Map.of("load", FINE, "spike", FINE)), 0);
    for (int round = 0; round < 5; round++) {
      String prefix = "check-" + round + "-";
      List<Check> checks =
          IntStream.range(0, 50)
              .mapToObj(i -> Fixtures.check(prefix + i, Severity.Critical, "0s", "0s"))
              .toList();
      Map<String, Finding> bad = checks.stream().collect(Collectors.toMap(Check::name, _ -> BAD));
      var renamed = new HealthPlan(checks, Duration.ofMinutes(10), Fixtures.FLAPPING);
      state = renamed.next("a", state, looked(round, bad), null, at(round)).orElseThrow();
      assertThat(state.alerts()).hasSizeLessThanOrEqualTo(120);
      assertThat(state.flaps()).hasSizeLessThanOrEqualTo(60);
      assertThat(state.alerts())
          .filteredOn(alert -> alert.phase() == Phase.Firing)
          .as("what fires comes first")
          .hasSize(50);
      HostState gone = renamed.next("a", state, unseen(round), null, at(round)).orElseThrow();
      assertThat(gone.alerts()).hasSizeLessThanOrEqualTo(120);
      assertThat(alert(gone, "unreachable").phase()).isEqualTo(Phase.Pending);
    }
  }

  @Test
  void resolvesTheAlertsOfAHostThatIsNotCoveredAnyMoreAndThenForgetsIt() {
    HostState firing = next(null, looked(0, Map.of("load", BAD, "spike", BAD)), 0);
    HostState leaving =
        plan.next("a", firing, new Sighting.NotCovered(), null, at(1)).orElseThrow();
    assertThat(leaving.alerts())
        .singleElement()
        .satisfies(alert -> assertThat(alert.phase()).isEqualTo(Phase.Resolved));
    HostState quiet = next(null, looked(0, Map.of("load", BAD, "spike", FINE)), 0);
    assertThat(plan.next("a", quiet, new Sighting.NotCovered(), null, at(1))).isEmpty();
    assertThat(plan.next("a", null, new Sighting.NotCovered(), null, at(1))).isEmpty();
  }

  @Test
  void remembersAHoldAndTheDaysTriesOfAHostThatIsNotCoveredForAWhile() {
    HostState held = withRemedy(RemedyPhase.Held, List.of());
    HostState away = plan.next("a", held, new Sighting.NotCovered(), null, at(1)).orElseThrow();
    assertThat(away.remedies()).isEqualTo(held.remedies());
    assertThat(HealthPlan.isCovered(away)).isFalse();
    assertThat(plan.next("a", away, new Sighting.NotCovered(), null, at(900_000)))
        .as("until a person acknowledges")
        .contains(away);
    HostState back = next(away, looked(0, Map.of("load", BAD, "spike", FINE)), 2);
    assertThat(back.remedies()).isEqualTo(held.remedies());
    assertThat(HealthPlan.isCovered(back)).isTrue();

    HostState tried = withRemedy(RemedyPhase.NotHelped, List.of(at(0).toString()));
    assertThat(plan.next("a", tried, new Sighting.NotCovered(), null, at(1)))
        .map(HostState::remedies)
        .contains(tried.remedies());
    assertThat(plan.next("a", tried, new Sighting.NotCovered(), null, at(90_000))).isEmpty();
  }

  private static HostState withRemedy(RemedyPhase phase, List<String> tries) {
    HostState host = Fixtures.host("a");
    return new HostState(
        host.name(),
        host.state(),
        null,
        null,
        null,
        List.of(),
        List.of(),
        List.of(),
        List.of(
            new RemedyState("load", phase, at(0).toString(), at(0).toString(), "", null, tries)),
        List.of(),
        List.of());
  }

  @Test
  void writesNothingWhereOnlyFiguresOfAFailureWander() {
    HostState state = next(null, new Sighting.Unseen("no answer in 4012 ms", NOON), 0);
    HostState later = next(state, new Sighting.Unseen("no answer in 4090 ms", at(1)), 1);
    assertThat(later).isEqualTo(state);
  }

  @Test
  void plannedWorkRaisesNoAlertAndEndsNone() {
    var planned = new Finding.Planned("maintenance ops/x/restart is at work there: it is down");
    HostState fine = next(null, looked(0, Map.of("load", FINE, "spike", FINE)), 0);
    assertThat(next(fine, looked(1, Map.of("load", FINE, "spike", planned)), 1).alerts()).isEmpty();

    HostState firing = next(null, looked(0, Map.of("load", FINE, "spike", BAD)), 0);
    assertThat(next(firing, looked(1, Map.of("load", FINE, "spike", planned)), 1).alerts())
        .isEqualTo(firing.alerts());

    HostState pending = next(null, looked(0, Map.of("load", BAD, "spike", FINE)), 0);
    HostState during = next(pending, looked(5, Map.of("load", planned, "spike", FINE)), 5);
    assertThat(during.alerts()).as("it fires only after the work").isEqualTo(pending.alerts());
    HostState after = next(during, looked(6, Map.of("load", BAD, "spike", FINE)), 6);
    assertThat(alert(after, "load").phase()).isEqualTo(Phase.Firing);
    assertThat(alert(after, "load").since()).isEqualTo(NOON.toString());
  }

  @Test
  void aRebootOnPurposeIsOutOfSightLikeAnyOther() {
    var reboot = new Work("maintenance ops/x/updates", List.of(Work.HOST));
    Map<String, Finding> bad = Map.of("load", BAD, "spike", FINE);
    HostState pending = next(null, looked(0, bad), 0);
    HostState down = plan.next("a", pending, unseen(1), reboot, at(1)).orElseThrow();
    assertThat(down.alerts()).isEqualTo(pending.alerts());
    assertThat(next(down, new Sighting.NothingNew(), 1)).isEqualTo(down);
    assertThat(alert(next(down, looked(2, bad), 2), "load").phase()).isEqualTo(Phase.Firing);
    assertThat(alert(next(down, looked(9, bad), 9), "load").phase())
        .as("out of sight for longer than it must last: nobody knows that it went on")
        .isEqualTo(Phase.Pending);
  }

  @Test
  void aHostThatIsRebootedOnPurposeIsNotUnreachable() {
    var reboot = new Work("maintenance ops/x/updates", List.of(Work.HOST));
    HostState firing = next(null, looked(0, Map.of("load", FINE, "spike", BAD)), 0);
    HostState down = plan.next("a", firing, unseen(60), reboot, at(60)).orElseThrow();
    assertThat(down.state()).isEqualTo(State.Unknown);
    assertThat(down.work()).isEqualTo(reboot.holder());
    assertThat(down.alerts()).isEqualTo(firing.alerts());
    assertThat(down.unknownSince()).isEqualTo(at(60).toString());
    assertThat(next(down, unseen(61), 61).alerts())
        .as("from its end on the time counts")
        .filteredOn(alert -> alert.check().equals(HealthPlan.UNREACHABLE))
        .extracting(AlertState::phase)
        .containsExactly(Phase.Pending);
    HostState booting =
        plan.next("a", null, looked(61, Map.of("load", FINE, "spike", BAD)), reboot, at(61))
            .orElseThrow();
    assertThat(booting.alerts()).isEmpty();

    Map<String, Finding> half = Map.of("load", FINE, "spike", new Finding.Unknown("no bus yet"));
    HostState halfWay = plan.next("a", null, looked(61, half), reboot, at(61)).orElseThrow();
    assertThat(halfWay.alerts()).as("what it can't tell yet is no news").isEmpty();
    HostState unanswered = next(next(null, looked(0, half), 0), looked(60, half), 60);
    assertThat(alert(unanswered, "unanswered").phase()).isEqualTo(Phase.Firing);
    assertThat(plan.next("a", unanswered, looked(61, half), reboot, at(61)).orElseThrow().alerts())
        .as("what was told already is not over")
        .isEqualTo(unanswered.alerts());
  }

  @Test
  void isNotWellWhileARemedyIsAtWorkOrHolds() {
    Sighting fine = looked(1, Map.of("load", FINE, "spike", FINE));
    HostState firing = next(null, looked(0, Map.of("load", FINE, "spike", BAD)), 0);
    for (RemedyPhase phase : RemedyPhase.values()) {
      HostState state = next(with(firing, "spike", phase), fine, 1);
      boolean over = phase != RemedyPhase.Running && phase != RemedyPhase.Held;
      assertThat(alert(state, "spike").phase())
          .as(phase.name())
          .isEqualTo(over ? Phase.Resolved : Phase.Firing);
      assertThat(state.state()).isEqualTo(over ? State.Healthy : State.Failing);
    }
    assertThat(alert(next(with(firing, "load", RemedyPhase.Held), fine, 1), "spike").phase())
        .as("another check")
        .isEqualTo(Phase.Resolved);
    HostState pending = next(null, looked(0, Map.of("load", BAD, "spike", FINE)), 0);
    assertThat(next(with(pending, "load", RemedyPhase.Held), fine, 1).alerts())
        .as("it was fine: its time begins anew")
        .isEmpty();
  }

  private static HostState with(HostState host, String check, RemedyPhase phase) {
    return new HostState(
        host.name(),
        host.state(),
        host.message(),
        host.unknownSince(),
        host.work(),
        host.alerts(),
        host.unknown(),
        host.impossible(),
        List.of(new RemedyState(check, phase, null, null, null, null, List.of())),
        host.flaps(),
        host.samples());
  }

  private HostState next(@Nullable HostState before, Sighting sighting, int minute) {
    return plan.next("a", before, sighting, null, at(minute)).orElseThrow();
  }

  private static AlertState alert(HostState state, String check) {
    return state.alerts().stream().filter(a -> a.check().equals(check)).findFirst().orElseThrow();
  }

  private static Sighting looked(int minute, Map<String, Finding> findings) {
    return new Sighting.Looked(findings, "load 9", "", at(minute), false);
  }

  private static Sighting unseen(int minute) {
    return new Sighting.Unseen("connection refused", at(minute));
  }

  private static Instant at(int minute) {
    return NOON.plus(Duration.ofMinutes(minute));
  }
}
