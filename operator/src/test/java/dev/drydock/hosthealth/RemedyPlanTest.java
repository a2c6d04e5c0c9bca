package dev.drydock.hosthealth;

import static dev.drydock.hosthealth.Fixtures.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.hosthealth.Check;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicySpec.Mode;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.AlertState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.Phase;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.RemedyPhase;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.RemedyState;
import dev.drydock.hosthealth.RemedyPlan.Begin;
import dev.drydock.hosthealth.RemedyPlan.Decision;
import dev.drydock.hosthealth.RemedyPlan.Evidence;
import dev.drydock.hosthealth.RemedyPlan.Nothing;
import dev.drydock.hosthealth.RemedyPlan.Observe;
import dev.drydock.hosthealth.RemedyPlan.Others;
import dev.drydock.hosthealth.RemedyPlan.Refuse;
import dev.drydock.hosthealth.RemedyPlan.Situation;
import dev.drydock.hosthealth.RemedyPlan.Wait;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RemedyPlanTest {
  private static final String RESTART = "steps: [{restart: {pm2: [api]}}]";
  private static final String ALL = "permits: [Check, Restart, Update]\n  sudo: Passwordless";
  private static final String SWAP =
      "cooldown: 10m\n  maxPerDay: 2\n  steps: [{resetSwap: {}}, {recordTop: {by: Memory, count: 10}},"
          + " {restartHeaviest: {pm2: [a, b]}}]";

  @Test
  void beginsWhereAnAlertFiresAndNothingSpeaksAgainstIt() {
    assertThat(decide(situation(RESTART))).isEqualTo(new Begin("restart api"));
    assertThat(decide(situation(SWAP)))
        .isEqualTo(
            new Begin(
                "1. take swap off and on again, if available memory exceeds the swap in use; 2."
                    + " record the 10 processes that use most memory; 3. restart whichever of a, b"
                    + " uses most memory"));
  }

  @ParameterizedTest
  @EnumSource(
      value = Phase.class,
      names = {"Pending", "Clearing", "Resolved"})
  void doesNothingAboutWhatDoesNotFire(Phase phase) {
    assertThat(decide(new Changed(situation(RESTART)).alert(phase, NOON).it))
        .isEqualTo(new Nothing());
  }

  @Test
  void saysInObserveModeWhatItWouldDo() {
    var observe = new Changed(situation(RESTART)).mode(Mode.Observe);
    assertThat(decide(observe.it)).isEqualTo(new Observe("would restart api"));
    assertThat(decide(observe.host("permits: [Check]").it))
        .isEqualTo(
            new Observe(
                "would restart api; but that would be refused: the Host a does not permit Restart,"
                    + " which it takes to restart api: add it to the Host's spec.permits"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "restart: {pm2: [x]}         | permits: [Check]          | does not permit Restart",
        "stop: {pm2: x}              | permits: [Check]          | does not permit Restart",
        "restartHeaviest: {pm2: [x]} | permits: [Check]          | does not permit Restart",
        "resetSwap: {}               | permits: [Check]          | does not permit Restart",
        "cleanDisk: {packageCache: true} | permits: [Check, Restart] | does not permit Update",
        "resetSwap: {}               | permits: [Check, Restart] | it takes root",
        "restart: {systemd: [x]}     | permits: [Check, Restart] | it takes root",
        "stop: {pm2: offender}       | permits: [Check, Restart] | offender means the process",
      })
  void refusesWhatTheHostDoesNotPermit(String step, String host, String why) {
    var it = new Changed(situation("steps: [{" + step + "}]")).host(host).it;
    assertThat(decide(it))
        .isInstanceOfSatisfying(Refuse.class, no -> assertThat(no.message()).contains(why));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"recordTop: {}", "recordLogs: {pm2: all}", "recordConfig: {pm2: x}", "hold: {}"})
  void recordsWhereverItMayLook(String step) {
    var it = new Changed(situation("steps: [{" + step + "}]")).host("permits: [Check]").it;
    assertThat(decide(it)).isInstanceOf(Begin.class);
  }

  @Test
  void needsNoSudoAsRoot() {
    var it = new Changed(situation("steps: [{resetSwap: {}}]")).host("permits: [Check, Restart]");
    assertThat(decide(it.user("root").it)).isInstanceOf(Begin.class);
  }

  @Test
  void coolsDownAndKeepsToItsLimitADay() {
    var once = state(RemedyPhase.Failed, -5, -4, -5);
    assertThat(decide(new Changed(situation(SWAP)).alert(-60).before(once).it))
        .isInstanceOfSatisfying(
            Wait.class,
            wait ->
                assertThat(wait.message())
                    .isEqualTo("the next try is due at 2026-11-23T12:05:00Z; the last one: said"));
    var before = state(RemedyPhase.Failed, -11, -10, -11);
    assertThat(decide(new Changed(situation(SWAP)).alert(-60).before(before).it))
        .isInstanceOf(Begin.class);
    var often = state(RemedyPhase.Failed, -11, -10, -600, -11);
    assertThat(decide(new Changed(situation(SWAP)).alert(-60).before(often).it))
        .isInstanceOfSatisfying(
            Wait.class,
            wait ->
                assertThat(wait.message())
                    .startsWith(
                        "tried 2 times within 24h, which is the most: the next try is due at"
                            + " 2026-11-24T02:00:00Z"));
    var yesterday = state(RemedyPhase.Failed, -11, -10, -1500, -1450, -11);
    assertThat(decide(new Changed(situation(SWAP)).alert(-60).before(yesterday).it))
        .isInstanceOf(Begin.class);
  }

  @Test
  void hasDefaults() {
    var before = state(RemedyPhase.Helped, -29, -28, -29);
    assertThat(decide(new Changed(situation(RESTART)).alert(-5).before(before).it))
        .isInstanceOf(Wait.class);
    before = state(RemedyPhase.Helped, -31, -28, -31);
    assertThat(decide(new Changed(situation(RESTART)).alert(-5).before(before).it))
        .isInstanceOf(Begin.class);
    before = state(RemedyPhase.Helped, -31, -28, -300, -200, -31);
    assertThat(decide(new Changed(situation(RESTART)).alert(-5).before(before).it))
        .isInstanceOf(Wait.class);
  }

  @Test
  void doesNotTryAgainWhatDidNotHelpUntilTheAlertHasEndedOrIsAcknowledged() {
    var before = state(RemedyPhase.NotHelped, -600, -599, -600);
    assertThat(decide(new Changed(situation(RESTART)).alert(-700).before(before).it))
        .isInstanceOfSatisfying(
            Wait.class, wait -> assertThat(wait.message()).contains("no further try until"));
    assertThat(decide(new Changed(situation(RESTART)).alert(-5).before(before).it))
        .as("another occurrence")
        .isInstanceOf(Begin.class);
    var acknowledged = state(RemedyPhase.Acknowledged, -600, -10);
    assertThat(decide(new Changed(situation(RESTART)).alert(-700).before(acknowledged).it))
        .isInstanceOf(Begin.class);
  }

  @Test
  void isHeldWhateverHappens() {
    var held = state(RemedyPhase.Held, -6000, -5999);
    assertThat(decide(new Changed(situation(RESTART)).alert(-1).before(held).it))
        .isEqualTo(new Wait("said"));
  }

  @Test
  void waitsForALookThatIsNewerThanTheLastTry() {
    var before = state(RemedyPhase.Helped, -60, 0, -60);
    var it = new Changed(situation(RESTART)).alert(-70).before(before);
    assertThat(decide(it.evidence(NOON, "").it)).isEqualTo(new Nothing());
    assertThat(decide(it.evidence(null, "").it)).isEqualTo(new Nothing());
    assertThat(decide(it.evidence(NOON.plusSeconds(1), "").it)).isInstanceOf(Begin.class);
  }

  @Test
  void waitsForWhoeverIsAtWork() {
    assertThat(decide(new Changed(situation(RESTART)).evidence(NOON, "maintenance x/y/z").it))
        .isEqualTo(new Wait("waits for the end of planned work: maintenance x/y/z"));
    assertThat(decide(new Changed(situation(RESTART)).others("disk", 1, 2).it))
        .isEqualTo(new Wait("waits for the remedy of disk, which is at work there"));
    assertThat(decide(new Changed(situation(RESTART)).others("", 2, 2).it))
        .isInstanceOfSatisfying(
            Wait.class, wait -> assertThat(wait.message()).contains("maxRemediesPercent"));
    var running = state(RemedyPhase.Running, -1, -1);
    assertThat(decide(new Changed(situation(RESTART)).before(running).it)).isEqualTo(new Nothing());
  }

  @ParameterizedTest
  @CsvSource({"1,34,1", "2,34,1", "3,34,1", "6,34,2", "10,34,3", "10,100,10", "500,1,5", "3,1,1"})
  void isAtWorkOnAShareOfTheHostsAndOnOneAlways(int hosts, int percent, int most) {
    assertThat(RemedyPlan.most(hosts, percent)).isEqualTo(most);
  }

  @Test
  void waitsWhileThePolicyIsSuspended() {
    var it = situation(RESTART);
    assertThat(
            decide(
                new Situation(
                    it.mode(),
                    true,
                    it.check(),
                    it.host(),
                    "a",
                    it.alert(),
                    null,
                    it.evidence(),
                    it.others())))
        .isEqualTo(new Wait("the policy is suspended"));
  }

  private static Decision decide(Situation it) {
    return RemedyPlan.decide(it, NOON);
  }

  private static RemedyState state(RemedyPhase phase, int started, int finished, int... tries) {
    return new RemedyState(
        "load",
        phase,
        at(started).toString(),
        at(finished).toString(),
        "said",
        null,
        java.util.Arrays.stream(tries).mapToObj(minute -> at(minute).toString()).toList());
  }

  private static Instant at(int minute) {
    return NOON.plus(Duration.ofMinutes(minute));
  }

  static Check check(String remedy) {
    return Serialization.unmarshal(
        "name: load\nseverity: Warning\nload: {above: \"4\"}\nremedy:\n  " + remedy, Check.class);
  }

  private static Situation situation(String remedy) {
    return new Situation(
        Mode.Act,
        false,
        check(remedy),
        Fixtures.host("a", "{}", ALL).getSpec(),
        "a",
        Fixtures.alert(Phase.Firing, NOON.minusSeconds(60), null),
        null,
        new Evidence(NOON, ""),
        new Others("", 0, 1));
  }

  /** A situation with one thing changed at a time. */
  private static final class Changed {
    private final Situation it;

    Changed(Situation it) {
      this.it = it;
    }

    private Changed with(
        Mode mode,
        dev.drydock.api.v1alpha1.host.HostSpec host,
        @Nullable AlertState alert,
        @Nullable RemedyState before,
        Evidence evidence,
        Others others) {
      return new Changed(
          new Situation(mode, false, it.check(), host, "a", alert, before, evidence, others));
    }

    Changed mode(Mode mode) {
      return with(mode, it.host(), it.alert(), it.before(), it.evidence(), it.others());
    }

    Changed host(String more) {
      return with(
          it.mode(),
          Fixtures.host("a", "{}", more).getSpec(),
          it.alert(),
          it.before(),
          it.evidence(),
          it.others());
    }

    Changed user(String user) {
      var host = Fixtures.host("a", "{}", "permits: [Check, Restart]");
      return with(
          it.mode(),
          Serialization.unmarshal(
                  Serialization.asYaml(host).replaceFirst("user: \"?drydock\"?", "user: " + user),
                  dev.drydock.api.v1alpha1.host.Host.class)
              .getSpec(),
          it.alert(),
          it.before(),
          it.evidence(),
          it.others());
    }

    Changed alert(int since) {
      return alert(Phase.Firing, at(since));
    }

    Changed alert(Phase phase, Instant since) {
      return with(
          it.mode(),
          it.host(),
          Fixtures.alert(phase, since, null),
          it.before(),
          it.evidence(),
          it.others());
    }

    Changed before(RemedyState before) {
      return with(it.mode(), it.host(), it.alert(), before, it.evidence(), it.others());
    }

    Changed evidence(@Nullable Instant badAt, String work) {
      return with(
          it.mode(), it.host(), it.alert(), it.before(), new Evidence(badAt, work), it.others());
    }

    Changed others(String here, int hosts, int most) {
      return with(
          it.mode(),
          it.host(),
          it.alert(),
          it.before(),
          it.evidence(),
          new Others(here, hosts, most));
    }
  }

  @Test
  void knowsEveryStepThatAPolicyCanWrite() {
    for (String step :
        List.of(
            "resetSwap: {}",
            "recordTop: {}",
            "recordLogs: {journal: nginx}",
            "recordConfig: {pm2: a}",
            "restart: {systemd: [nginx]}",
            "restartHeaviest: {pm2: [a]}",
            "stop: {pm2: a}",
            "hold: {}",
            "cleanDisk: {unusedImages: true}")) {
      assertThat(
              RemedyPlan.steps(
                  java.util.Objects.requireNonNull(check("steps: [{" + step + "}]").remedy())))
          .as(step)
          .hasSize(1);
    }
  }
}
