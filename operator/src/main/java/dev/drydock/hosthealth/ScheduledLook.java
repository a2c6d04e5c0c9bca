package dev.drydock.hosthealth;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus;
import dev.drydock.kernel.CronSchedule;
import dev.drydock.kube.Coverage;
import dev.drydock.kube.Coverage.Covered;
import dev.drydock.probe.Finding;
import dev.drydock.probe.LookResult;
import dev.drydock.probe.LookResult.HostResult;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the newest pod's word means for each host. Pure. */
final class ScheduledLook {
  /** How long a pod may take from its due time to its end before it is called late. */
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private ScheduledLook() {}

  /**
   * What is known.
   *
   * @param lastLook for status: when the newest look that was taken in ended, or null
   * @param vitals by host, of the newest look, be it taken in already or not
   */
  record News(
      Map<String, Sighting> sightings, @Nullable String lastLook, Map<String, String> vitals) {}

  /**
   * What a policy's pods are to look at now.
   *
   * @param configMap the name of the ConfigMap that says so
   * @param hosts those that are looked at
   * @param since when this schedule has been in force
   */
  record InForce(CronSchedule schedule, String configMap, Set<String> hosts, Instant since) {}

  static News read(
      HostHealthPolicy policy,
      InForce inForce,
      Map<String, Covered> covered,
      Optional<LookPods.Ended> newest,
      Instant now) {
    @Nullable HostHealthPolicyStatus status = policy.getStatus();
    @Nullable String lastLook = status == null ? null : status.lastLook();
    Map<String, String> vitals = newest.map(ScheduledLook::vitals).orElseGet(Map::of);
    Optional<LookPods.Ended> unread =
        newest.filter(ended -> lastLook == null || ended.ended().isAfter(Instant.parse(lastLook)));
    if (unread.isPresent()) {
      LookPods.Ended ended = unread.get();
      return new News(sightings(policy, inForce, covered, ended), ended.ended().toString(), vitals);
    }
    Instant since =
        lastLook == null || Instant.parse(lastLook).isBefore(inForce.since())
            ? inForce.since()
            : Instant.parse(lastLook);
    Optional<Instant> due = inForce.schedule().next(since);
    Duration patience = PATIENCE.plusSeconds(LookCronJob.startingDeadline(policy.getSpec()));
    var sightings = new LinkedHashMap<String, Sighting>();
    boolean late = due.isPresent() && now.isAfter(due.get().plus(patience));
    covered.forEach(
        (name, one) ->
            sightings.put(
                name,
                switch (one) {
                  case Coverage.LeftAlone(String message) -> new Sighting.NotLookedAt(message);
                  case Coverage.OutOfReach(String message) -> new Sighting.Unseen(message, now);
                  case Coverage.Watched _ when late ->
                      new Sighting.Unseen(
                          "the look that was due at " + due.get() + " did not report", now);
                  case Coverage.Watched _ -> new Sighting.NothingNew();
                }));
    return new News(sightings, lastLook, vitals);
  }

  /**
   * What counts as read once a policy is resumed: what its pods saw before that, or while nobody
   * was to look, says nothing of how it is then.
   */
  static @Nullable String skipped(@Nullable String lastLook, Optional<LookPods.Ended> newest) {
    return newest
        .map(LookPods.Ended::ended)
        .filter(ended -> lastLook == null || ended.isAfter(Instant.parse(lastLook)))
        .map(Instant::toString)
        .orElse(lastLook);
  }

  private static Map<String, String> vitals(LookPods.Ended ended) {
    return ended.result().map(LookResult::hosts).orElseGet(List::of).stream()
        .collect(Collectors.toMap(HostResult::name, HostResult::vitals, (one, _) -> one));
  }

  private static Map<String, Sighting> sightings(
      HostHealthPolicy policy,
      InForce inForce,
      Map<String, Covered> covered,
      LookPods.Ended ended) {
    // Of what an earlier assignment did not ask, nobody knows.
    boolean current = ended.assignment().equals(inForce.configMap());
    Map<String, HostResult> results = new HashMap<>();
    ended.result().ifPresent(result -> result.hosts().forEach(h -> results.put(h.name(), h)));
    var sightings = new LinkedHashMap<String, Sighting>();
    covered.forEach(
        (name, one) -> {
          HostResult result = results.get(name);
          sightings.put(
              name,
              switch (one) {
                case Coverage.LeftAlone(String message) -> new Sighting.NotLookedAt(message);
                case Coverage.OutOfReach(String message) ->
                    new Sighting.Unseen(message, ended.ended());
                case Coverage.Watched _ when result != null ->
                    sighting(policy, result, current, ended.ended());
                case Coverage.Watched _ when ended.result().isEmpty() ->
                    new Sighting.Unseen(
                        "the pod " + ended.pod() + " ended without a result: see its log",
                        ended.ended());
                case Coverage.Watched _ when ended.result().get().isCut(name) ->
                    new Sighting.Unseen(
                        "there was no room for what was seen of it in the pod's answer: split the"
                            + " policy",
                        ended.ended());
                case Coverage.Watched _ when !inForce.hosts().contains(name) ->
                    new Sighting.Unseen("its jump hosts lead nowhere", ended.ended());
                case Coverage.Watched _ when current ->
                    sighting(policy, HostResult.fine(name), true, ended.ended());
                case Coverage.Watched _ -> new Sighting.NothingNew();
              });
        });
    return sightings;
  }

  private static Sighting sighting(
      HostHealthPolicy policy, HostResult result, boolean current, Instant at) {
    if (result.unseen() != null) {
      return new Sighting.Unseen(result.unseen(), at);
    }
    var findings = new HashMap<String, Finding>();
    policy.getSpec().checks().stream()
        .filter(check -> current || result.mentions(check.name()))
        .forEach(check -> findings.put(check.name(), result.finding(check.name())));
    return new Sighting.Looked(
        findings, result.vitals(), result.work(), at, true, result.measured());
  }
}
