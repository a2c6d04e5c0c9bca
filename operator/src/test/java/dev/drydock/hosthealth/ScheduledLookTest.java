package dev.drydock.hosthealth;

import static dev.drydock.hosthealth.Fixtures.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicySpec;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.AlertState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.HostState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.Phase;
import dev.drydock.hosthealth.ScheduledLook.News;
import dev.drydock.kernel.CronSchedule;
import dev.drydock.kube.Coverage;
import dev.drydock.kube.Coverage.Covered;
import dev.drydock.probe.Finding;
import dev.drydock.probe.LookResult;
import dev.drydock.probe.Looker;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ScheduledLookTest {
  private static final CronSchedule HOURLY = CronSchedule.parse("@hourly", "Etc/UTC");
  private static final Instant CREATED = Instant.parse("2026-11-23T00:00:00Z");
  private static final Map<String, Covered> COVERED =
      new TreeMap<>(
          Map.of(
              "a", new Coverage.Watched(Fixtures.host("a", "{}", "")),
              "b", new Coverage.Watched(Fixtures.host("b", "{}", "")),
              "off", new Coverage.LeftAlone("the Host is suspended"),
              "gone", new Coverage.OutOfReach("there is no Host gone")));

  @Test
  void bringsWhatThePodSaw() {
    LookResult result =
        LookResult.of(
            NOON,
            Map.of(
                "a",
                    new Looker.Seen(
                        Map.of("load", new Finding.Bad("9", "load is 9")), "load 9", ""),
                "b", new Looker.Unseen("refused")));
    News news = read(null, Optional.of(ended(result, NOON)), NOON);
    assertThat(news.lastLook()).isEqualTo(NOON.toString());
    assertThat(news.sightings())
        .containsEntry(
            "a",
            new Sighting.Looked(
                Map.of("load", new Finding.Bad("9", "load is 9")), "load 9", "", NOON, true))
        .containsEntry("b", new Sighting.Unseen("refused", NOON))
        .containsEntry("off", new Sighting.NotLookedAt("the Host is suspended"))
        .containsEntry("gone", new Sighting.Unseen("there is no Host gone", NOON));
  }

  @Test
  void doesNotReadAPodTwice() {
    LookResult result = LookResult.of(NOON, Map.of("a", new Looker.Unseen("refused")));
    News news = read(NOON.toString(), Optional.of(ended(result, NOON)), NOON.plusSeconds(60));
    assertThat(news.sightings())
        .containsEntry("a", new Sighting.NothingNew())
        .containsEntry("gone", new Sighting.Unseen("there is no Host gone", NOON.plusSeconds(60)));
    assertThat(news.lastLook()).isEqualTo(NOON.toString());
  }

  @Test
  void knowsNothingOfAHostThatAPodWithoutAResultLookedAt() {
    News news =
        read(
            null,
            Optional.of(new LookPods.Ended(Optional.empty(), NOON, "fleet-look-1", "current")),
            NOON);
    assertThat(news.sightings())
        .containsEntry(
            "a",
            new Sighting.Unseen("the pod fleet-look-1 ended without a result: see its log", NOON));
  }

  @Test
  void nobodyKnowsOfAHostForWhichThereWasNoRoom() {
    var unseen =
        new Sighting.Unseen(
            "there was no room for what was seen of it in the pod's answer: split the policy",
            NOON);
    var named = new LookResult(NOON.toString(), false, List.of(), List.of("a"), false);
    assertThat(read(null, Optional.of(ended(named, NOON)), NOON).sightings())
        .containsEntry("a", unseen);
    var many = new LookResult(NOON.toString(), false, List.of(), List.of(), true);
    News news = read(null, Optional.of(ended(many, NOON)), NOON);
    assertThat(news.sightings()).containsEntry("a", unseen).containsEntry("b", unseen);
  }

  @Test
  void aHostForWhichThereNeverIsRoomIsAlerted() {
    HostHealthPolicySpec spec = Fixtures.policy("schedule: \"@hourly\"\n").getSpec();
    var plan = new HealthPlan(spec.checks(), Duration.ofMinutes(10), Flapping.of(spec));
    @Nullable HostState state = null;
    for (int hour = 0; hour < 2; hour++) {
      Instant at = NOON.plus(Duration.ofHours(hour));
      var cut = new LookResult(at.toString(), false, List.of(), List.of("a"), false);
      Sighting sighting =
          read(null, Optional.of(ended(cut, at)), at)
              .sightings()
              .getOrDefault("a", new Sighting.NothingNew());
      state = plan.next("a", state, sighting, null, at).orElseThrow();
    }
    assertThat(state)
        .isNotNull()
        .extracting(HostState::alerts, InstanceOfAssertFactories.list(AlertState.class))
        .singleElement()
        .satisfies(alert -> assertThat(alert.phase()).isEqualTo(Phase.Firing))
        .satisfies(alert -> assertThat(alert.message()).endsWith("split the policy"));
  }

  @Test
  void knowsTheVitalsOfALookThatWasReadBefore() {
    var bad = new Finding.Bad("9", "load is 9");
    LookResult result =
        LookResult.of(NOON, Map.of("a", new Looker.Seen(Map.of("load", bad), "load 9", "")));
    Optional<LookPods.Ended> newest = Optional.of(ended(result, NOON));
    assertThat(view(read(null, newest, NOON)).vitals("a")).isEqualTo("load 9");
    assertThat(view(read(NOON.toString(), newest, NOON.plusSeconds(1))).vitals("a"))
        .isEqualTo("load 9");
    assertThat(view(read(NOON.toString(), newest, NOON.plusSeconds(7200))).vitals("a"))
        .as("nobody knows how it is since the next look did not report")
        .isEmpty();
  }

  private static View view(News news) {
    return new View(
        new HealthReport.AtWork("Scheduled", ""),
        news.sightings(),
        "fleet-look",
        news.lastLook(),
        news.vitals());
  }

  @Test
  void waitsForAHostThatThePodDidNotKnowYet() {
    LookResult result = LookResult.of(NOON, Map.of("a", new Looker.Unseen("refused")));
    var earlier =
        new LookPods.Ended(Optional.of(result), NOON, "fleet-look-1", "an-earlier-assignment");
    assertThat(read(null, Optional.of(earlier), NOON).sightings())
        .containsEntry("b", new Sighting.NothingNew());
  }

  @Test
  void takesAHostThatIsNotMentionedForFine() {
    LookResult result = LookResult.of(NOON, Map.of("a", new Looker.Unseen("refused")));
    assertThat(read(null, Optional.of(ended(result, NOON)), NOON).sightings())
        .containsEntry(
            "b", new Sighting.Looked(Map.of("load", new Finding.Fine("")), "", "", NOON, true));
  }

  @Test
  void callsALookLateOnlyAfterItsPatience() {
    // Due at 13:00; 300 s to start and ten minutes to end.
    String last = NOON.toString();
    assertThat(read(last, Optional.empty(), Instant.parse("2026-11-23T13:15:00Z")).sightings())
        .containsEntry("a", new Sighting.NothingNew());
    Instant late = Instant.parse("2026-11-23T13:15:01Z");
    assertThat(read(last, Optional.empty(), late).sightings())
        .containsEntry(
            "a",
            new Sighting.Unseen(
                "the look that was due at 2026-11-23T13:00:00Z did not report", late));
  }

  @Test
  void countsFromItsCreationWhereNothingWasEverSeen() {
    assertThat(read(null, Optional.empty(), Instant.parse("2026-11-23T01:10:00Z")).sightings())
        .containsEntry("a", new Sighting.NothingNew());
    assertThat(
            read(null, Optional.empty(), Instant.parse("2026-11-23T01:16:00Z"))
                .sightings()
                .get("a"))
        .isInstanceOf(Sighting.Unseen.class);
  }

  @Test
  void aLookFromBeforeASuspensionIsNoNewsAfterIt() {
    LookResult result = LookResult.of(NOON, Map.of("a", new Looker.Unseen("refused")));
    Optional<LookPods.Ended> newest = Optional.of(ended(result, NOON));
    String before = NOON.minusSeconds(3600).toString();
    String lastLook = ScheduledLook.skipped(before, newest);
    assertThat(read(lastLook, newest, NOON.plusSeconds(1)).sightings())
        .containsEntry("a", new Sighting.NothingNew());
    assertThat(ScheduledLook.skipped(null, newest)).isEqualTo(NOON.toString());
    assertThat(ScheduledLook.skipped(null, Optional.empty())).isNull();
    String later = NOON.plusSeconds(1).toString();
    assertThat(ScheduledLook.skipped(later, newest)).isEqualTo(later);
  }

  private static LookPods.Ended ended(LookResult result, Instant at) {
    return new LookPods.Ended(Optional.of(result), at, "fleet-look-1", "current");
  }

  private static News read(
      @Nullable String lastLook, Optional<LookPods.Ended> newest, Instant now) {
    HostHealthPolicy policy = Fixtures.policy("schedule: \"@hourly\"\n");
    policy.setStatus(Fixtures.status(lastLook));
    return ScheduledLook.read(
        policy,
        new ScheduledLook.InForce(HOURLY, "current", Set.of("a", "b"), CREATED),
        new HashMap<>(COVERED),
        newest,
        now);
  }
}
