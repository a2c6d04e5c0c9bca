package dev.drydock.hosthealth;

import static dev.drydock.hosthealth.Fixtures.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.common.Severity;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.FlapState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.HostState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.Phase;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.State;
import dev.drydock.port.Alert;
import dev.drydock.probe.Finding;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole stories: what each look finds, and what people are told. */
class FlappingTest {
  private final RecordingOutbox outbox = new RecordingOutbox();
  private HostHealthPolicy policy = policy("interval: 1m");
  private int minutesBetween = 1;
  private final List<Integer> writes = new ArrayList<>();
  private @Nullable HostState host;
  private int minute;

  @BeforeEach
  void open() {
    outbox.open("ns", "ops", dev.drydock.kernel.Severity.INFO);
  }

  private static HostHealthPolicy policy(String looks) {
    return Fixtures.policy(looks + "\nnotify: {channels: [ops]}\n");
  }

  private void lookEvery(int minutes, String looks) {
    minutesBetween = minutes;
    policy = policy(looks);
  }

  /** One look a letter: {@code b} bad, {@code f} fine, {@code u} out of sight. */
  private void looks(String findings) {
    for (int i = 0; i < findings.length(); i++) {
      char finding = findings.charAt(i);
      Instant at = NOON.plus(Duration.ofMinutes(minute));
      Sighting sighting =
          switch (finding) {
            case 'u' -> new Sighting.Unseen("gone", at);
            case 'b' -> looked(new Finding.Bad("9", "load is 9"), at);
            default -> looked(new Finding.Fine("1"), at);
          };
      turn(sighting, at);
      // What was under way has arrived.
      turn(new Sighting.NothingNew(), at.plusSeconds(5));
      minute += minutesBetween;
      if (minutesBetween > 1) {
        // Alerts have turns of their own.
        turn(new Sighting.NothingNew(), NOON.plus(Duration.ofMinutes(minute - 1)));
      }
    }
  }

  private static Sighting looked(Finding finding, Instant at) {
    return new Sighting.Looked(Map.of("load", finding), "", "", at, false);
  }

  private void turn(Sighting sighting, Instant at) {
    var plan =
        new HealthPlan(
            List.of(Fixtures.check("load", Severity.Critical, "0s", "0s")),
            Duration.ofMinutes(10),
            Flapping.of(policy.getSpec()));
    HostState next = plan.next("a", host, sighting, null, at).orElseThrow();
    next = new Postbox(outbox, policy, _ -> true, new HashMap<>(), at).post(next, "");
    if (!next.equals(host)) {
      writes.add(minute);
    }
    // Only what was written is left after a restart.
    host = Serialization.unmarshal(Serialization.asJson(next), HostState.class);
    assertThat(host).isEqualTo(next);
  }

  private List<String> told() {
    return outbox.arrived("ns", "ops").stream()
        .map(alert -> alert.phase() + " " + alert.summary())
        .toList();
  }

  private HostState host() {
    return Objects.requireNonNull(host);
  }

  @Test
  void threeTimesAnHourAreToldEach() {
    looks("bfbfbf");
    assertThat(told()).hasSize(6).noneMatch(letter -> letter.contains("flapping"));
    assertThat(host().flaps()).extracting(FlapState::since).containsOnlyNulls();
  }

  @Test
  void theFourthTimeIsToldAsFlappingAndNothingAfterIt() {
    looks("bfbfbf");
    HostState before = host();
    looks("b");
    assertThat(Flapping.begun(before, host())).containsExactly("load");
    assertThat(Flapping.begun(host(), host())).isEmpty();
    looks("fbfbfbfbfbfbf");
    assertThat(told()).hasSize(7);
    assertThat(told().getLast())
        .isEqualTo(
            "FIRING a: load: has fired 4 times within 1h: flapping; told again when it has been"
                + " steady for 30m; now load is 9");
    assertThat(host().state()).as("a Critical is not lost meanwhile").isEqualTo(State.Failing);
    assertThat(host().alerts().getFirst().phase()).isEqualTo(Phase.Clearing);
  }

  @Test
  void endsWhenItHasBeenFineForHalfAnHour() {
    looks("bfbfbfbfbfbf");
    assertThat(told()).hasSize(7);
    looks("f".repeat(29));
    assertThat(host().state()).isEqualTo(State.Failing);
    assertThat(told()).hasSize(7);
    looks("ff");
    assertThat(told()).hasSize(8);
    assertThat(told().getLast()).startsWith("RESOLVED a: load: fine again");
    assertThat(host().state()).isEqualTo(State.Healthy);
    assertThat(host().flaps()).isEmpty();
    looks("b");
    assertThat(told().getLast()).isEqualTo("FIRING a: load: load is 9");
  }

  @Test
  void saysSoWhenItHasFiredForHalfAnHourWithoutABreak() {
    looks("bfbfbfbfbf");
    looks("b".repeat(30));
    assertThat(told()).hasSize(7);
    looks("bb");
    assertThat(told()).hasSize(8);
    assertThat(told().getLast())
        .isEqualTo("REPEATED a: load: flaps no longer, and goes on: load is 9");
    assertThat(host().flaps()).isEmpty();
    looks("b".repeat(60));
    assertThat(told()).hasSize(8);
    looks("f");
    assertThat(told().getLast()).startsWith("RESOLVED");
  }

  @Test
  void tellsTheEndAgainIfTheOperatorEndsBeforeItArrived() {
    looks("bfbfbfb" + "b".repeat(29));
    outbox.hold();
    looks("bb");
    assertThat(host().flaps()).as("until everybody knows").hasSize(1);
    outbox.release();
    looks("b");
    assertThat(told()).filteredOn(letter -> letter.startsWith("REPEATED")).hasSize(1);
    assertThat(host().flaps()).isEmpty();
  }

  @Test
  void aHostOutOfSightIsNotSteady() {
    looks("bfbfbfb" + "u".repeat(40));
    assertThat(told().stream().filter(letter -> letter.contains(": load:"))).hasSize(7);
    assertThat(host().flaps()).filteredOn(flap -> flap.check().equals("load")).hasSize(1);
  }

  @Test
  void fourTimesInADayAreNotFlapping() {
    for (int i = 0; i < 4; i++) {
      looks("bf" + "f".repeat(40));
    }
    assertThat(told()).hasSize(8).noneMatch(letter -> letter.contains("flapping"));
    looks("f".repeat(30));
    assertThat(host().flaps()).as("forgotten").isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"interval: 1h", "schedule: '0 * * * *'", "schedule: '@hourly'"})
  void whereOneLooksOnceAnHourItIsToldAsFlappingToo(String looks) {
    lookEvery(60, looks);
    looks("bfbfbfb");
    assertThat(told()).hasSize(7);
    assertThat(told().getLast())
        .isEqualTo(
            "FIRING a: load: has fired 4 times within 8h: flapping; told again when it has been"
                + " steady for 4h; now load is 9");
    looks("fbfbfbfbffbff");
    assertThat(told()).hasSize(7);
    looks("fff");
    assertThat(told()).hasSize(8);
    assertThat(told().getLast()).startsWith("RESOLVED a: load: fine again");
  }

  @Test
  void whatFiresLessThanFourTimesADayIsToldEachTime() {
    lookEvery(12 * 60, "interval: 12h");
    looks("bfbfbfbfbf");
    assertThat(told()).hasSize(10).noneMatch(letter -> letter.contains("flapping"));
  }

  @Test
  void aScheduleThatCanNotBeReadFlapsAsEver() {
    HostHealthPolicy wrong = policy("schedule: never");
    HostState flapping =
        Serialization.unmarshal(
            "---\n{name: a, state: Failing, flaps: [{check: load, since: \"%s\"}]}".formatted(NOON),
            HostState.class);
    assertThat(Flapping.of(wrong.getSpec()).text(flapping, "load")).contains("4 times within 1h");
  }

  @Test
  void writesOnlyWhenSomethingChanges() {
    looks("bfbfbfbf");
    looks("f".repeat(3));
    writes.clear();
    looks("f".repeat(20));
    assertThat(writes).isEmpty();
  }

  @Test
  void clearForIsNoFlapping() {
    var patient =
        new HealthPlan(
            List.of(Fixtures.check("load", Severity.Critical, "0s", "10m")),
            Duration.ofMinutes(10),
            Fixtures.FLAPPING);
    HostState state = null;
    for (int i = 0; i < 20; i++) {
      Instant at = NOON.plus(Duration.ofMinutes(i));
      Finding finding = i % 2 == 0 ? new Finding.Bad("9", "load is 9") : new Finding.Fine("1");
      state = patient.next("a", state, looked(finding, at), null, at).orElseThrow();
    }
    assertThat(Objects.requireNonNull(state).flaps())
        .singleElement()
        .satisfies(
            flap -> {
              assertThat(flap.fired()).as("it has been one alert all the time").hasSize(1);
              assertThat(flap.since()).isNull();
            });
    assertThat(outbox.arrived("ns", "ops")).extracting(Alert::phase).isEmpty();
  }
}
