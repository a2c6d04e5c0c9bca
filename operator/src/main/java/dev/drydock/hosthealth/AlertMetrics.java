package dev.drydock.hosthealth;

import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicy;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.AlertState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.HostState;
import dev.drydock.api.v1alpha1.hosthealth.HostHealthPolicyStatus.State;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** {@code drydock_alert_firing} and {@code drydock_policy_hosts}. */
public final class AlertMetrics {
  private final MultiGauge firing;
  private final MultiGauge hosts;
  private final Map<String, List<Row<?>>> alertRows = new ConcurrentHashMap<>();
  private final Map<String, List<Row<?>>> hostRows = new ConcurrentHashMap<>();

  public AlertMetrics(MeterRegistry registry) {
    firing =
        MultiGauge.builder("drydock.alert.firing")
            .description("1 for each alert that fires")
            .register(registry);
    hosts =
        MultiGauge.builder("drydock.policy.hosts")
            .description("How many hosts of a policy are in each state")
            .register(registry);
  }

  void update(HostHealthPolicy policy, List<HostState> states) {
    Tags tags =
        Tags.of(
            "namespace", policy.getMetadata().getNamespace(),
            "policy", policy.getMetadata().getName());
    var alerts = new ArrayList<Row<?>>();
    var counts = new ArrayList<Row<?>>();
    for (HostState host : states) {
      for (AlertState alert : host.alerts()) {
        if (HealthPlan.isFiring(alert)) {
          alerts.add(
              Row.of(
                  tags.and("host", host.name(), "check", alert.check())
                      .and("severity", alert.severity().name().toLowerCase(Locale.ROOT)),
                  1));
        }
      }
    }
    for (State state : State.values()) {
      counts.add(
          Row.of(
              tags.and("state", state.name()),
              states.stream().filter(host -> host.state() == state).count()));
    }
    alertRows.put(key(policy), alerts);
    hostRows.put(key(policy), counts);
    register();
  }

  void gone(HostHealthPolicy policy) {
    alertRows.remove(key(policy));
    hostRows.remove(key(policy));
    register();
  }

  private synchronized void register() {
    firing.register(alertRows.values().stream().flatMap(List::stream).toList(), true);
    hosts.register(hostRows.values().stream().flatMap(List::stream).toList(), true);
  }

  private static String key(HostHealthPolicy policy) {
    return policy.getMetadata().getNamespace() + "/" + policy.getMetadata().getName();
  }
}
