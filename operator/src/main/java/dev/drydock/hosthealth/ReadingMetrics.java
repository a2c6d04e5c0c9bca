package dev.drydock.hosthealth;

import dev.drydock.port.MetricSource;
import dev.drydock.probe.Figure;
import dev.drydock.probe.Finding;
import dev.drydock.probe.Metric;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The figures of the newest look at each host, and when the next one is due. A host that can't be
 * looked at has none: nobody knows them.
 */
public final class ReadingMetrics implements MetricSource {
  private final Map<String, Policy> policies = new ConcurrentHashMap<>();

  /** What is known of the hosts of one policy. */
  private static final class Policy {
    private final String namespace;
    private final String name;
    private final Map<String, Kept> hosts = new ConcurrentHashMap<>();
    private volatile Growth.Past past = Growth.Past.NONE;
    private volatile @Nullable Instant lookDue;
    private volatile @Nullable Instant reportDue;
    private volatile @Nullable Instant lastReport;

    Policy(String namespace, String name) {
      this.namespace = namespace;
      this.name = name;
    }

    /** When the look is due that is due first. */
    Optional<Instant> lookDue() {
      Instant scheduled = lookDue;
      return scheduled != null
          ? Optional.of(scheduled)
          : hosts.values().stream()
              .flatMap(kept -> Optional.ofNullable(kept.due()).stream())
              .min(Comparator.naturalOrder());
    }
  }

  /**
   * The newest of one host.
   *
   * @param due when it is looked at again, or null: when its policy says
   */
  private record Kept(
      Instant at, @Nullable Instant due, Map<String, Finding> findings, List<Figure> figures) {}

  /** Takes note of a live look, of a policy that had its turn. */
  void watched(String namespace, String policy, String host, Duration interval, Sighting sighting) {
    // A look that was under way when its policy went must not bring that back.
    Policy known = policies.get(namespace + "/" + policy);
    if (known != null) {
      keep(known, host, sighting, interval);
    }
  }

  private static void keep(
      Policy policy, String host, Sighting sighting, @Nullable Duration interval) {
    switch (sighting) {
      case Sighting.Looked looked ->
          policy.hosts.put(
              host,
              new Kept(
                  looked.at(),
                  interval == null ? null : looked.at().plus(interval),
                  policy.past.findings(host, looked),
                  looked.figures()));
      case Sighting.Unseen(_, Instant at) when interval != null ->
          policy.hosts.put(host, new Kept(at, at.plus(interval), Map.of(), List.of()));
      case Sighting.Unseen _, Sighting.NotLookedAt _, Sighting.NotCovered _ ->
          policy.hosts.remove(host);
      case Sighting.NothingNew _ -> {
        // The last look still tells.
      }
    }
  }

  /** Takes note of what figures of a policy's hosts are compared with from now on. */
  void compare(String namespace, String policy, Growth.Past past) {
    policies.computeIfAbsent(namespace + "/" + policy, _ -> new Policy(namespace, policy)).past =
        past;
  }

  /**
   * Takes note of a turn.
   *
   * @param sightings of every host that is covered: no other one is told of any more
   * @param interval between looks, or null: they have a schedule
   * @param dues when what has a schedule is due
   */
  void turn(
      String namespace,
      String policy,
      Map<String, Sighting> sightings,
      @Nullable Duration interval,
      Dues dues) {
    Policy known =
        policies.computeIfAbsent(namespace + "/" + policy, _ -> new Policy(namespace, policy));
    known.lookDue = dues.look();
    known.reportDue = dues.report();
    known.lastReport = dues.lastReport();
    known.hosts.keySet().retainAll(sightings.keySet());
    sightings.forEach(
        (host, sighting) -> {
          // Of each look but the first the watch tells itself, and sooner.
          if (interval == null
              || !known.hosts.containsKey(host)
              || !(sighting instanceof Sighting.Looked || sighting instanceof Sighting.Unseen)) {
            keep(known, host, sighting, interval);
          }
        });
  }

  void gone(String namespace, String policy) {
    policies.remove(namespace + "/" + policy);
  }

  private record Row(Instant at, double value) {}

  @Override
  public List<Family> families() {
    var rows = new EnumMap<Metric, Map<Map<String, String>, Row>>(Metric.class);
    var ok = new ArrayList<Sample>();
    var looks = new ArrayList<Sample>();
    var reports = new ArrayList<Sample>();
    var written = new ArrayList<Sample>();
    for (Policy policy : policies.values()) {
      Map<String, String> labels = Map.of("namespace", policy.namespace, "policy", policy.name);
      policy
          .lookDue()
          .ifPresent(due -> looks.add(new Sample(labels, (double) due.getEpochSecond())));
      Instant report = policy.reportDue;
      if (report != null) {
        reports.add(new Sample(labels, (double) report.getEpochSecond()));
      }
      Instant last = policy.lastReport;
      if (last != null) {
        written.add(new Sample(labels, (double) last.getEpochSecond()));
      }
      policy.hosts.forEach(
          (host, kept) -> {
            for (Figure figure : kept.figures()) {
              // Several policies may look at one host: of what is its own, the newest counts.
              rows.computeIfAbsent(figure.metric(), _ -> new HashMap<>())
                  .merge(
                      labels(policy, host, figure),
                      new Row(kept.at(), figure.value()),
                      (one, other) -> one.at().isAfter(other.at()) ? one : other);
            }
            kept.findings()
                .forEach((check, finding) -> ok(labels, host, check, finding).ifPresent(ok::add));
          });
    }
    var families = new ArrayList<Family>();
    rows.forEach(
        (metric, values) ->
            families.add(
                new Family(
                    metric.series(),
                    metric.isCounter(),
                    metric.help(),
                    values.entrySet().stream()
                        .map(row -> new Sample(row.getKey(), row.getValue().value()))
                        .toList())));
    families.add(
        new Family(
            "drydock_check_ok",
            false,
            "1: the check was fine at the last look; 0: it was not; absent: nobody knows",
            ok));
    families.add(
        new Family(
            "drydock_policy_look_due_timestamp_seconds",
            false,
            "When the look after the last one is due, in seconds since 1970",
            looks));
    families.add(
        new Family(
            "drydock_policy_report_due_timestamp_seconds",
            false,
            "When the report after the last one is due, in seconds since 1970",
            reports));
    families.add(
        new Family(
            "drydock_policy_last_report_timestamp_seconds",
            false,
            "When the last report was written, in seconds since 1970",
            written));
    return families;
  }

  private static Map<String, String> labels(Policy policy, String host, Figure figure) {
    var labels = new HashMap<>(figure.labels());
    labels.put("namespace", policy.namespace);
    labels.put("host", host);
    if (!figure.check().isEmpty()) {
      labels.put("policy", policy.name);
      labels.put("check", figure.check());
    }
    return labels;
  }

  private static Optional<Sample> ok(
      Map<String, String> labels, String host, String check, Finding finding) {
    return switch (finding) {
      case Finding.Fine _ -> Optional.of(ok(labels, host, check, 1));
      case Finding.Bad _, Finding.Planned _ -> Optional.of(ok(labels, host, check, 0));
      case Finding.Unknown _, Finding.Impossible _ -> Optional.empty();
    };
  }

  private static Sample ok(Map<String, String> labels, String host, String check, double value) {
    var all = new HashMap<>(labels);
    all.put("host", host);
    all.put("check", check);
    return new Sample(all, value);
  }
}
