package dev.drydock.hosthealth;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.AlertState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.FlapState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.HostState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.RemedyState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.State;
import dev.drydock.port.MetricSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What fires, what flaps, how hosts are, and what remedies come to. */
public final class AlertMetrics implements MetricSource {
  private final Map<String, Rows> policies = new ConcurrentHashMap<>();

  /** The samples of one policy. */
  private record Rows(
      List<Sample> firing, List<Sample> flapping, List<Sample> remedies, List<Sample> hosts) {}

  /** Of one policy, since the operator began to work. */
  private final Map<String, Map<Map<String, String>, Double>> tries = new ConcurrentHashMap<>();

  void update(HostHealthPolicy policy, List<HostState> states) {
    String namespace = policy.getMetadata().getNamespace();
    String name = policy.getMetadata().getName();
    var firing = new ArrayList<Sample>();
    var flapping = new ArrayList<Sample>();
    var remedies = new ArrayList<Sample>();
    var hosts = new ArrayList<Sample>();
    for (HostState host : states) {
      for (AlertState alert : host.alerts()) {
        if (HealthPlan.isFiring(alert)) {
          firing.add(
              new Sample(
                  Map.of(
                      "namespace", namespace,
                      "policy", name,
                      "host", host.name(),
                      "check", alert.check(),
                      "severity", alert.severity().name().toLowerCase(Locale.ROOT)),
                  1));
        }
      }
      for (FlapState flap : host.flaps()) {
        if (flap.since() != null) {
          flapping.add(
              new Sample(
                  Map.of(
                      "namespace",
                      namespace,
                      "policy",
                      name,
                      "host",
                      host.name(),
                      "check",
                      flap.check()),
                  1));
        }
      }
      for (RemedyState remedy : host.remedies()) {
        remedies.add(
            new Sample(
                labels(policy, host.name(), remedy.check(), "phase", remedy.phase().name()), 1));
      }
    }
    for (State state : State.values()) {
      hosts.add(
          new Sample(
              Map.of("namespace", namespace, "policy", name, "state", state.name()),
              states.stream()
                  .filter(HealthPlan::isCovered)
                  .filter(host -> host.state() == state)
                  .count()));
    }
    policies.put(key(policy), new Rows(firing, flapping, remedies, hosts));
  }

  /** Counts a try that has ended. */
  void ended(HostHealthPolicy policy, Remedies.EndedTry one) {
    tries
        .computeIfAbsent(key(policy), _ -> new ConcurrentHashMap<>())
        .merge(
            labels(policy, one.host(), one.check(), "outcome", one.phase().name()),
            1.0,
            Double::sum);
  }

  private static Map<String, String> labels(
      HostHealthPolicy policy, String host, String check, String name, String value) {
    return Map.of(
        "namespace",
        policy.getMetadata().getNamespace(),
        "policy",
        policy.getMetadata().getName(),
        "host",
        host,
        "check",
        check,
        name,
        value);
  }

  void gone(HostHealthPolicy policy) {
    policies.remove(key(policy));
    tries.remove(key(policy));
  }

  @Override
  public List<Family> families() {
    List<Rows> all = List.copyOf(policies.values());
    return List.of(
        new Family(
            "drydock_alert_firing",
            false,
            "1 for each alert that fires",
            all.stream().flatMap(rows -> rows.firing().stream()).toList()),
        new Family(
            "drydock_alert_flapping",
            false,
            "1 for each alert that comes and goes too often to be told each time",
            all.stream().flatMap(rows -> rows.flapping().stream()).toList()),
        new Family(
            "drydock_remedy",
            false,
            "1 for each remedy that status tells of, by phase",
            all.stream().flatMap(rows -> rows.remedies().stream()).toList()),
        new Family(
            "drydock_remedy_tries_total",
            true,
            "Tries of remedies, by how they ended",
            tries.values().stream()
                .flatMap(one -> one.entrySet().stream())
                .map(one -> new Sample(one.getKey(), one.getValue()))
                .toList()),
        new Family(
            "drydock_policy_hosts",
            false,
            "How many hosts of a policy are in each state",
            all.stream().flatMap(rows -> rows.hosts().stream()).toList()));
  }

  private static String key(HostHealthPolicy policy) {
    return policy.getMetadata().getNamespace() + "/" + policy.getMetadata().getName();
  }
}
