package dev.drydock.hosthealth;

import static dev.drydock.hosthealth.Fixtures.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.AlertState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.HostState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.Phase;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.RemedyPhase;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.RemedyState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.State;
import dev.drydock.kernel.Severity;
import dev.drydock.port.Alert;
import dev.drydock.probe.Finding;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PostboxTest {
  private static final AlertState FIRING = Fixtures.alert(Phase.Firing, NOON, null);
  private static final AlertState RESOLVED =
      Fixtures.alert(Phase.Resolved, NOON, NOON.plusSeconds(60));

  private final RecordingOutbox outbox = new RecordingOutbox();
  private final Map<String, String> holds = new HashMap<>();
  private final HostHealthPolicy policy =
      Fixtures.policy("interval: 1m\nnotify: {channels: [ops, boss], repeatEvery: 4h}\n");

  @BeforeEach
  void open() {
    outbox.open("ns", "ops", Severity.INFO);
    outbox.open("ns", "boss", Severity.CRITICAL);
  }

  @Test
  void remembersInTheAlertWhoWasTold() {
    AlertState first = only(post(FIRING, NOON));
    assertThat(first.told()).as("on its way").isEmpty();
    AlertState second = only(post(first, NOON.plusSeconds(5)));
    assertThat(second.told()).containsExactly("ops");
    assertThat(second.lastTold()).isEqualTo("2026-11-23T12:00:05Z");
    assertThat(outbox.arrived("ns", "ops")).hasSize(1);
    assertThat(outbox.arrived("ns", "boss")).as("a Warning is not for the boss").isEmpty();
  }

  @Test
  void tellsOnceOfARemedyThatCameToNothing() {
    HostState host = remedied(RemedyPhase.NotHelped, NOON.plusSeconds(5));
    for (int minute = 0; minute < 30; minute++) {
      post(policy, host, NOON.plusSeconds(60L * minute));
    }
    assertThat(outbox.arrived("ns", "ops"))
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.phase()).isEqualTo(Alert.Phase.NOTICE);
              assertThat(letter.summary()).isEqualTo("a: load: remedy did not help: stopped api");
            });
    assertThat(outbox.arrived("ns", "boss")).as("a Warning is not for the boss").isEmpty();

    HostHealthPolicy critical =
        Serialization.unmarshal(
            Serialization.asYaml(policy).replace("Warning", "Critical"), HostHealthPolicy.class);
    post(critical, remedied(RemedyPhase.NotHelped, NOON.plusSeconds(300)), NOON.plusSeconds(301));
    assertThat(outbox.arrived("ns", "boss"))
        .singleElement()
        .satisfies(letter -> assertThat(letter.severity()).isEqualTo(Severity.CRITICAL));
  }

  @ParameterizedTest
  @EnumSource(names = {"Held", "NotHelped", "Failed", "Interrupted"})
  void tellsOfWhatWaitsForAPersonHoweverLateThatIs(RemedyPhase phase) {
    var once = Fixtures.policy("interval: 1m\nnotify: {channels: [ops]}\n");
    AlertState told = Fixtures.told(FIRING, List.of("ops"), List.of());
    HostState host = remedied(phase, NOON.plusSeconds(5), told);
    // The operator was down all night.
    Instant morning = NOON.plus(Duration.ofHours(9));
    post(once, host, morning);
    post(once, host, morning.plusSeconds(5));
    assertThat(outbox.arrived("ns", "ops"))
        .singleElement()
        .satisfies(
            letter ->
                assertThat(letter.summary())
                    .startsWith("a: load: remedy ")
                    .endsWith(": stopped api"));

    var forgetful = new RecordingOutbox();
    forgetful.open("ns", "ops", Severity.INFO);
    new Postbox(forgetful, once, _ -> true, holds, morning.plusSeconds(9000)).post(host, "");
    assertThat(forgetful.arrived("ns", "ops")).as("it was told").isEmpty();
    HostState again = remedied(phase, morning, told);
    new Postbox(forgetful, once, _ -> true, holds, morning.plusSeconds(9005)).post(again, "");
    assertThat(forgetful.arrived("ns", "ops")).as("another try").hasSize(1);
  }

  @Test
  void waitsForNoChannelThatIsNotDeclaredToTellOfARemedy() {
    var late = Fixtures.policy("interval: 1m\nnotify: {channels: [late]}\n");
    HostState host = remedied(RemedyPhase.Failed, NOON);
    var postbox = new Postbox(outbox, late, _ -> false, holds, NOON);
    postbox.post(host, "");
    assertThat(postbox.isUnderway()).isFalse();
    outbox.open("ns", "late", Severity.INFO);
    new Postbox(outbox, late, _ -> true, holds, NOON).post(host, "");
    assertThat(outbox.arrived("ns", "late")).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(names = {"Held", "NotHelped", "Failed", "Interrupted"})
  void pagesNobodyAfterARestartForATryWhoseAlertIsOver(RemedyPhase phase) {
    AlertState next = Fixtures.alert(Phase.Firing, NOON.plus(Duration.ofHours(8)), null);
    for (HostState host :
        List.of(
            remedied(phase, NOON.plusSeconds(5)),
            remedied(phase, NOON.plusSeconds(5), RESOLVED),
            remedied(phase, NOON.plusSeconds(5), Fixtures.told(next, List.of("ops"), List.of())))) {
      var restarted = new RecordingOutbox();
      restarted.open("ns", "ops", Severity.INFO);
      Instant night = NOON.plus(Duration.ofHours(9));
      for (int turn = 0; turn < 2; turn++) {
        new Postbox(restarted, policy, _ -> true, holds, night.plusSeconds(turn)).post(host, "");
      }
      assertThat(restarted.arrived("ns", "ops"))
          .filteredOn(letter -> letter.phase() == Alert.Phase.NOTICE)
          .hasSize(phase == RemedyPhase.Held ? 1 : 0);
      holds.clear();
    }
  }

  private void post(HostHealthPolicy which, HostState host, Instant now) {
    new Postbox(outbox, which, _ -> true, holds, now).post(host, "load 9");
  }

  private static HostState remedied(RemedyPhase phase, Instant finished, AlertState... alerts) {
    var host = Fixtures.host("a", alerts);
    return new HostState(
        host.name(),
        host.state(),
        null,
        null,
        null,
        host.alerts(),
        List.of(),
        List.of(),
        List.of(
            new RemedyState(
                "load",
                phase,
                NOON.toString(),
                finished.toString(),
                "stopped api",
                null,
                List.of())),
        List.of(),
        List.of());
  }

  @Test
  void tellsNobodyOfWhatIsOnlyPending() {
    post(Fixtures.alert(Phase.Pending, NOON, null), NOON);
    assertThat(outbox.arrived("ns", "ops")).isEmpty();
  }

  @Test
  void tellsOfTheEndThoseWhoHeardOfTheStart() {
    AlertState alert = Fixtures.told(RESOLVED, List.of("ops"), List.of());
    assertThat(post(alert, NOON).alerts()).as("until it has arrived").hasSize(1);
    assertThat(post(alert, NOON).alerts()).as("everybody was told").isEmpty();
    assertThat(outbox.arrived("ns", "ops"))
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.phase()).isEqualTo(Alert.Phase.RESOLVED);
              assertThat(letter.startedAt()).isEqualTo(NOON);
              assertThat(letter.endedAt()).isEqualTo(NOON.plusSeconds(60));
            });
  }

  @Test
  void takesBackTheStartOfWhatIsOverAlready() {
    outbox.hold();
    post(FIRING, NOON);
    assertThat(post(RESOLVED, NOON.plusSeconds(1)).alerts()).isEmpty();
    outbox.release();
    assertThat(outbox.arrived("ns", "ops")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"'', true", "'since: 1h,', false"})
  void tellsOfALogLineThatNoLaterLookCanSee(String since, boolean told) {
    HostHealthPolicy logs =
        Fixtures.policy(
            """
            - {name: api, severity: Warning, logs: {pm2: api, %s pattern: OutOfMemory}}
            interval: 1m
            notify: {channels: [ops, boss]}
            """
                .formatted(since));
    // It can't be sent before the next look, as with a long groupWait.
    outbox.hold();
    post(logs, Fixtures.host("a", named("api", FIRING)), NOON);
    HostState over = Fixtures.host("a", named("api", RESOLVED));
    over = new Postbox(outbox, logs, _ -> true, holds, NOON).post(over, "");
    assertThat(over.alerts()).hasSize(told ? 1 : 0);
    outbox.release();
    for (int turn = 0; turn < 2; turn++) {
      over = new Postbox(outbox, logs, _ -> true, holds, NOON).post(over, "");
    }
    assertThat(over.alerts()).isEmpty();
    assertThat(outbox.arrived("ns", "ops"))
        .extracting(Alert::phase)
        .containsExactlyElementsOf(
            told ? List.of(Alert.Phase.FIRING, Alert.Phase.RESOLVED) : List.of());
  }

  @Test
  void tellsOfTheEndWhereTheStartArrivedUnnoticed() {
    // Delivered, and the operator was killed before that was written.
    post(FIRING, NOON);
    AlertState over = only(post(RESOLVED, NOON.plusSeconds(60)));
    assertThat(over.told()).containsExactly("ops");
    assertThat(post(over, NOON.plusSeconds(65)).alerts()).isEmpty();
    assertThat(outbox.arrived("ns", "ops"))
        .extracting(Alert::phase)
        .containsExactly(Alert.Phase.FIRING, Alert.Phase.RESOLVED);
  }

  @Test
  void tellsAgainOnceEveryRepeat() {
    AlertState told = Fixtures.told(FIRING, List.of("ops"), List.of());
    assertThat(only(post(told, NOON.plus(Duration.ofHours(3)))).lastTold())
        .isEqualTo(NOON.toString());
    AlertState again = only(post(told, NOON.plus(Duration.ofHours(4))));
    assertThat(again.lastTold()).isEqualTo("2026-11-23T16:00:00Z");
    post(again, NOON.plus(Duration.ofHours(5)));
    assertThat(outbox.arrived("ns", "ops").stream().map(Alert::phase))
        .filteredOn(phase -> phase == Alert.Phase.REPEATED)
        .hasSize(1);
  }

  @Test
  void pagesNobodyAgainForADeadHostThatWasSuspended() {
    AlertState dead =
        named(HealthPlan.UNREACHABLE, Fixtures.told(FIRING, List.of("ops"), List.of()));
    Instant later = NOON.plus(Duration.ofHours(5));
    HostState host = unknown(NOON.toString(), dead);
    dead = only(new Postbox(outbox, policy, _ -> true, holds, later).post(host, ""));
    assertThat(outbox.arrived("ns", "ops"))
        .as("it goes on")
        .singleElement()
        .satisfies(letter -> assertThat(letter.phase()).isEqualTo(Alert.Phase.REPEATED));
    post(policy, unknown(null, dead), later.plus(Duration.ofHours(5)));
    assertThat(outbox.arrived("ns", "ops")).as("nobody looks").hasSize(1);
  }

  @Test
  void whatWasToldDoesNotEndBySilenceWhileThePolicyIsSuspended() {
    HostState host =
        new HealthPlan(policy.getSpec().checks(), Duration.ofMinutes(10), Fixtures.FLAPPING)
            .next(
                "a",
                Fixtures.host("a", Fixtures.told(FIRING, List.of("ops"), List.of())),
                new Sighting.NotLookedAt("the policy is suspended"),
                null,
                NOON)
            .orElseThrow();
    new Postbox(outbox, policy, _ -> true, holds, NOON).sustain(host);
    assertThat(outbox.sustained).containsExactly("ops FIRING");
    assertThat(outbox.arrived("ns", "ops")).isEmpty();
  }

  private static HostState unknown(@Nullable String since, AlertState alert) {
    return new HostState(
        "a",
        State.Unknown,
        "the Host is suspended",
        since,
        null,
        List.of(alert),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }

  @ParameterizedTest
  @CsvSource({"false, 11", "true, 20"})
  void remembersNoMoreChannelsThanStatusHasRoomFor(boolean oldOnesAreThere, int remembered) {
    List<String> old = names("old");
    List<String> renamed = names("new");
    renamed.forEach(channel -> outbox.open("ns", channel, Severity.INFO));
    HostHealthPolicy next =
        Fixtures.policy("interval: 1m\nnotify: {channels: %s}\n".formatted(renamed));
    Predicate<String> declared = channel -> oldOnesAreThere || renamed.contains(channel);
    HostState host = Fixtures.host("a", Fixtures.told(FIRING, old, List.of()));
    for (int turn = 0; turn < 2; turn++) {
      host = new Postbox(outbox, next, declared, holds, NOON).post(host, "");
    }
    List<String> told = only(host).told();
    assertThat(told).containsAll(renamed).hasSize(remembered);
    HostState over = Fixtures.host("a", Fixtures.told(RESOLVED, told, old));
    over = new Postbox(outbox, next, declared, holds, NOON).post(over, "");
    assertThat(only(over).told()).isEqualTo(told);
    assertThat(only(over).toldResolved()).hasSize(remembered - 11).isSubsetOf(told);
  }

  private static List<String> names(String prefix) {
    return IntStream.range(0, 11).mapToObj(i -> prefix + i).toList();
  }

  @Test
  void sustainsWhatGoesOn() {
    post(Fixtures.told(FIRING, List.of("ops"), List.of()), NOON);
    assertThat(outbox.sustained).containsExactly("ops FIRING");
  }

  @Test
  void waitsForAChannelThatExistsAndIsNotOpenYet() {
    var late = Fixtures.policy("interval: 1m\nnotify: {channels: [late]}\n");
    AlertState over = Fixtures.told(RESOLVED, List.of("late"), List.of());
    assertThat(
            new Postbox(outbox, late, _ -> true, holds, NOON)
                .post(Fixtures.host("a", over), "")
                .alerts())
        .as("the operator has just started")
        .hasSize(1);
    assertThat(
            new Postbox(outbox, late, _ -> false, holds, NOON)
                .post(Fixtures.host("a", over), "")
                .alerts())
        .as("the channel was deleted")
        .isEmpty();
    outbox.open("ns", "late", Severity.INFO);
    new Postbox(outbox, late, _ -> true, holds, NOON).post(Fixtures.host("a", over), "");
    assertThat(outbox.arrived("ns", "late")).hasSize(1);
  }

  @Test
  void tellsOfTheEndWhereNobodyKnowsWhetherTheStartArrived() {
    // Written as firing, sent by an operator that was killed: the next one finds it resolved.
    AlertState over = only(post(RESOLVED, NOON.plusSeconds(60)));
    assertThat(over.told()).containsExactly("ops");
    assertThat(outbox.arrived("ns", "ops"))
        .extracting(Alert::phase)
        .containsExactly(Alert.Phase.RESOLVED);
  }

  @ParameterizedTest
  @CsvSource({"10m, 60", "0s, 180"})
  void tellsOfTheEndThoughTheCheckFailedForAMomentMeanwhile(String pending, int ended) {
    var check =
        Fixtures.check("load", dev.drydock.api.v1alpha1.common.Severity.Warning, pending, "0s");
    var plan = new HealthPlan(List.of(check), Duration.ofHours(1), Fixtures.FLAPPING);
    outbox.hold();
    HostState host = Fixtures.host("a", Fixtures.told(FIRING, List.of("ops"), List.of()));
    int minute = 1;
    for (char look : "fbf".toCharArray()) {
      Instant at = NOON.plus(Duration.ofMinutes(minute++));
      Finding finding = look == 'b' ? new Finding.Bad("9", "load is 9") : new Finding.Fine("1");
      var looked = new Sighting.Looked(Map.of("load", finding), "", "", at, false);
      host = plan.next("a", host, looked, null, at).orElseThrow();
      host = new Postbox(outbox, policy, _ -> true, holds, at).post(host, "");
    }
    // The operator is started anew, and the service is back.
    var forgetful = new RecordingOutbox();
    forgetful.open("ns", "ops", Severity.INFO);
    forgetful.open("ns", "boss", Severity.CRITICAL);
    Instant later = NOON.plus(Duration.ofHours(1));
    new Postbox(forgetful, policy, _ -> true, holds, later).post(host, "");
    assertThat(new Postbox(forgetful, policy, _ -> true, holds, later).post(host, "").alerts())
        .isEmpty();
    assertThat(forgetful.arrived("ns", "ops"))
        .singleElement()
        .satisfies(
            letter -> {
              assertThat(letter.phase()).isEqualTo(Alert.Phase.RESOLVED);
              assertThat(letter.endedAt()).isEqualTo(NOON.plusSeconds(ended));
            });
  }

  private static AlertState named(String check, AlertState alert) {
    return Serialization.unmarshal(
        Serialization.asJson(alert).replaceFirst("\"load\"", "\"" + check + "\""),
        AlertState.class);
  }

  @Test
  void callsNothingFineThatNobodyLooksAtAnyMore() {
    AlertState gateway = named("gateway", Fixtures.told(RESOLVED, List.of("ops"), List.of()));
    post(gateway, NOON);
    assertThat(outbox.arrived("ns", "ops").getLast().summary())
        .as("the check was renamed")
        .isEqualTo("a: gateway: not watched any more, fine or not, after 1m; it was: load is 9");

    AlertState fired = Fixtures.told(FIRING, List.of("ops"), List.of());
    HostState gone =
        new HealthPlan(policy.getSpec().checks(), Duration.ofMinutes(10), Fixtures.FLAPPING)
            .next(
                "b",
                Fixtures.host("b", fired),
                new Sighting.NotCovered(),
                null,
                NOON.plus(Duration.ofHours(2)))
            .orElseThrow();
    new Postbox(outbox, policy, _ -> true, holds, NOON).post(gone, "");
    assertThat(outbox.arrived("ns", "ops").getLast().summary())
        .as("the Host was deleted, or its label removed")
        .isEqualTo("b: load: not watched any more, fine or not, after 2h; it was: load is 9");

    post(Fixtures.told(RESOLVED, List.of("ops"), List.of()), NOON);
    assertThat(outbox.arrived("ns", "ops").getLast().summary())
        .isEqualTo("a: load: fine again after 1m; it was: load is 9");
  }

  @Test
  void endsEverythingWithAPolicyThatIsDeleted() {
    outbox.hold();
    post(FIRING, NOON);
    new Postbox(outbox, policy, _ -> false, holds, NOON)
        .farewell(Fixtures.host("a", Fixtures.told(RESOLVED, List.of("ops"), List.of())));
    outbox.release();
    assertThat(outbox.arrived("ns", "ops")).extracting(Alert::phase).contains(Alert.Phase.RESOLVED);
  }

  @Test
  void saysWhatTheLetterIsAbout() {
    var postbox = new Postbox(outbox, policy, _ -> true, holds, NOON);
    postbox.post(Fixtures.host("ethbig", FIRING), "load 9 on 2 CPUs");
    assertThat(postbox.isUnderway()).isTrue();
    Alert letter = outbox.arrived("ns", "ops").getFirst();
    assertThat(letter.summary()).isEqualTo("ethbig: load: load is 9");
    assertThat(letter.detail()).isEqualTo("load 9 on 2 CPUs");
    assertThat(letter.source()).isEqualTo("HostHealthPolicy/ns/fleet");
    assertThat(letter.labels())
        .containsEntry("host", "ethbig")
        .containsEntry("check", "load")
        .containsEntry("policy", "fleet")
        .containsEntry("namespace", "ns");
  }

  private HostState post(AlertState alert, Instant now) {
    return new Postbox(outbox, policy, _ -> true, holds, now).post(Fixtures.host("a", alert), "");
  }

  private static AlertState only(HostState host) {
    assertThat(host.alerts()).hasSize(1);
    return host.alerts().getFirst();
  }
}
