package dev.drydock.hosthealth;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.kube.Coverage;
import dev.drydock.kube.Coverage.Covered;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a turn starts from.
 *
 * @param sightings of every host that the policy covers, by name
 * @param cronJob the CronJob that looks, or null
 * @param lastLook when the newest scheduled look ended, or null
 * @param lastVitals what that look read for whoever reads an alert, by host
 */
record View(
    HealthReport.Work work,
    Map<String, Sighting> sightings,
    @Nullable String cronJob,
    @Nullable String lastLook,
    Map<String, String> lastVitals) {

  View(
      HealthReport.Work work,
      Map<String, Sighting> sightings,
      @Nullable String cronJob,
      @Nullable String lastLook) {
    this(work, sightings, cronJob, lastLook, Map.of());
  }

  /** The newest load, memory and swap of {@code host} and more; empty if nobody knows them. */
  String vitals(String host) {
    return switch (sightings.get(host)) {
      case Sighting.Looked looked -> looked.vitals();
      // An alert is told only in the turn after the look that found it.
      case Sighting.NothingNew _ -> lastVitals.getOrDefault(host, "");
      case Sighting.Unseen _, Sighting.NotLookedAt _, Sighting.NotCovered _ -> "";
      case null -> "";
    };
  }

  /** Nobody looks at any of them. */
  static Map<String, Sighting> suspended(Map<String, Covered> covered) {
    return each(covered, new Sighting.NotLookedAt("the policy is suspended"));
  }

  /**
   * What is known of hosts that are looked at all the time.
   *
   * @param seen the newest look at each, by name
   */
  static Map<String, Sighting> live(
      Map<String, Covered> covered, Map<String, Sighting> seen, Instant now) {
    var sightings = new LinkedHashMap<String, Sighting>();
    covered.forEach(
        (name, one) ->
            sightings.put(
                name,
                switch (one) {
                  case Coverage.LeftAlone(String message) -> new Sighting.NotLookedAt(message);
                  case Coverage.OutOfReach(String message) -> new Sighting.Unseen(message, now);
                  case Coverage.Watched _ -> seen.getOrDefault(name, new Sighting.NothingNew());
                }));
    return sightings;
  }

  /**
   * None of them can be looked at.
   *
   * @param why the message says what to do
   */
  static Map<String, Sighting> outOfSight(
      Map<String, Covered> covered, boolean suspended, String why, Instant now) {
    if (suspended) {
      return suspended(covered);
    }
    Map<String, Sighting> seen = each(covered, new Sighting.Unseen(why, now));
    return live(covered, seen, now);
  }

  private static Map<String, Sighting> each(Map<String, Covered> covered, Sighting sighting) {
    var sightings = new LinkedHashMap<String, Sighting>();
    covered.keySet().forEach(name -> sightings.put(name, sighting));
    return sightings;
  }

  static @Nullable String lastLook(HostHealthPolicy policy) {
    return policy.getStatus() == null ? null : policy.getStatus().lastLook();
  }
}
